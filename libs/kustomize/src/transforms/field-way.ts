import type { FieldSpec } from '../config/field-spec.ts';
import { compileSpecs, type CompiledSpec } from './field-spec.ts';

/** The names of the fields on the way from an object to one of its fields, which is the last; items of lists have none. */
export type FieldWay = readonly string[];

/** Whether one of two ways leads along the other, so that whoever goes it sees or changes what is at its end. */
export function meetsWay(one: FieldWay, other: FieldWay): boolean {
  return one.every((name, index) => index >= other.length || name === other[index]);
}

/** Whether a field spec leads to one of some fields, through it or to something that it is in, whatever kind it is for. */
export function specReaches(ways: readonly FieldWay[], { steps }: CompiledSpec): boolean {
  if (steps.some(({ kind }) => kind === 'wrong')) return true;
  const names = steps.flatMap((step) => (step.kind === 'field' ? [step.name] : []));
  return ways.some((way) => meetsWay(way, names));
}

/** The same of a list of them. */
export function specsReach(ways: readonly FieldWay[], specs: readonly FieldSpec[]): boolean {
  return compileSpecs(specs).all.some((spec) => specReaches(ways, spec));
}
