import { labelKeyProblems } from '@meridian/cel';
import { duplicate, invalid, notSupported, required, tooLong, tooMany } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { itemsAt, numberAt, objectAt, textAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import { itemsWithPaths, notNegative } from './checks.ts';
import { formed, namesOf, textOf } from './pod/forms.ts';
import type { Placed } from './pod/forms.ts';

const mostRules = 20;
const mostPatterns = 20;
const mostCodes = 255;
const longestIndexes = 64 * 1024;

const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const operators = ['In', 'NotIn'];
const statuses = ['False', 'True', 'Unknown'];

function atMost(count: number, path: string, most: number): FieldError[] {
  return count > most ? [tooMany(path, count, most)] : [];
}

/** A choice that must be made; the server lists what there is when nothing is said. */
function chosen(value: string, path: string, supported: readonly string[]): FieldError[] {
  if (value === '')
    return [required(path, `valid values: [${supported.map((one) => `"${one}"`).join(' ')}]`)];
  return supported.includes(value) ? [] : [notSupported(path, value, supported)];
}

/** What is wrong with what a job makes of failed pods (validatePodFailurePolicy of pkg/apis/batch/validation). */
export function failurePolicyErrors(spec: JsonObject, path: string): FieldError[] {
  const policy = objectAt(spec, 'podFailurePolicy');
  if (policy === undefined) return [];
  const podSpec = objectAt(spec, 'template', 'spec') ?? {};
  const names = ['containers', 'initContainers'].flatMap((list) => namesOf(podSpec, list));
  const rules = itemsWithPaths(policy['rules'], `${path}.rules`);
  const perIndex = spec['backoffLimitPerIndex'] !== undefined;
  return [
    ...atMost(rules.length, `${path}.rules`, mostRules),
    ...rules.flatMap((rule) => failureRuleErrors(rule, { names, perIndex })),
  ];
}

interface JobFacts {
  /** Names of containers. */
  readonly names: readonly string[];
  /** Whether indexes fail one by one. */
  readonly perIndex: boolean;
}

function failureRuleErrors([rule, path]: Placed, { names, perIndex }: JobFacts): FieldError[] {
  const action = textOf(rule, 'action');
  const codes = objectAt(rule, 'onExitCodes');
  const patterns = itemsWithPaths(rule['onPodConditions'], `${path}.onPodConditions`);
  const needsIndex = action === 'FailIndex' && !perIndex;
  const why = 'requires the backoffLimitPerIndex to be set';
  return [
    ...(needsIndex ? [invalid(`${path}.action`, action, why)] : chosen(action, `${path}.action`, actions)),
    ...(codes === undefined ? [] : exitCodeErrors(codes, `${path}.onExitCodes`, names)),
    ...atMost(patterns.length, `${path}.onPodConditions`, mostPatterns),
    ...patterns.flatMap(([pattern, at]) => [
      ...formed(textOf(pattern, 'type'), `${at}.type`, labelKeyProblems),
      ...chosen(textOf(pattern, 'status'), `${at}.status`, statuses),
    ]),
    ...requirementErrors(path, codes !== undefined, patterns.length > 0),
  ];
}

function requirementErrors(path: string, hasCodes: boolean, hasPatterns: boolean): FieldError[] {
  if (hasCodes !== hasPatterns) return [];
  const why = hasCodes
    ? 'specifying both OnExitCodes and OnPodConditions is not supported'
    : 'specifying one of OnExitCodes and OnPodConditions is required';
  return [{ type: 'FieldValueInvalid', field: path, detail: why }];
}

function exitCodeErrors(codes: JsonObject, path: string, names: readonly string[]): FieldError[] {
  const operator = textOf(codes, 'operator');
  const container = textAt(codes, 'containerName');
  const values = itemsAt(codes, 'values').map(Number);
  const unknown = 'must be one of the container or initContainer names in the pod template';
  return [
    ...chosen(operator, `${path}.operator`, operators),
    ...(container === undefined || names.includes(container)
      ? []
      : [invalid(`${path}.containerName`, container, unknown)]),
    ...(values.length === 0
      ? [invalid(`${path}.values`, shownValues(codes), 'at least one value is required')]
      : atMost(values.length, `${path}.values`, mostCodes)),
    ...values.flatMap((value, index) =>
      codeErrors(values, index, `${path}.values[${String(index)}]`, operator),
    ),
    ...(isSorted(values) ? [] : [invalid(`${path}.values`, values, 'must be ordered')]),
  ];
}

function shownValues(codes: JsonObject): Json {
  return codes['values'] ?? null;
}

function codeErrors(values: readonly number[], index: number, path: string, operator: string): FieldError[] {
  const value = values[index] ?? 0;
  return [
    ...(operator === 'In' && value === 0 ? [invalid(path, value, 'must not be 0 for the In operator')] : []),
    ...(values.indexOf(value) < index ? [duplicate(path, value)] : []),
  ];
}

function isSorted(values: readonly number[]): boolean {
  return values.every((value, index) => index === 0 || (values[index - 1] ?? 0) <= value);
}

/** What is wrong with when a job counts as done early (validateSuccessPolicy). */
export function successPolicyErrors(spec: JsonObject, path: string): FieldError[] {
  const rules = itemsWithPaths(objectAt(spec, 'successPolicy')?.['rules'], `${path}.rules`);
  const completions = numberAt(spec, 'completions') ?? 0;
  const why = 'at least one rules must be specified when the successPolicy is specified';
  return [
    ...(rules.length === 0 ? [required(`${path}.rules`, why)] : []),
    ...atMost(rules.length, `${path}.rules`, mostRules),
    ...rules.flatMap((rule) => successRuleErrors(rule, completions)),
  ];
}

function successRuleErrors([rule, path]: Placed, completions: number): FieldError[] {
  const count = numberAt(rule, 'succeededCount');
  const indexes = textAt(rule, 'succeededIndexes');
  const neither = 'at least one of succeededCount or succeededIndexes must be specified';
  const read = indexes === undefined ? undefined : countIndexes(indexes, completions);
  return [
    ...(count === undefined && indexes === undefined ? [required(path, neither)] : []),
    ...indexErrors(indexes, read, `${path}.succeededIndexes`),
    ...countErrors(
      count,
      { completions, indexes: typeof read === 'string' ? 0 : read },
      `${path}.succeededCount`,
    ),
  ];
}

function indexErrors(
  text: string | undefined,
  read: number | string | undefined,
  path: string,
): FieldError[] {
  if (text === undefined) return [];
  const long = text.length > longestIndexes ? [tooLong(path, longestIndexes)] : [];
  return typeof read === 'string'
    ? [...long, invalid(path, text, `error parsing succeededIndexes: ${read}`)]
    : long;
}

function countErrors(
  count: number | undefined,
  { completions, indexes }: { readonly completions: number; readonly indexes: number | undefined },
  path: string,
): FieldError[] {
  if (count === undefined) return [];
  const errors = notNegative(count, path);
  const least = 'must be less than or equal to';
  if (count > completions) {
    const why = `${least} ${String(completions)} (the number of specified completions)`;
    errors.push(invalid(path, count, why));
  }
  if (indexes !== undefined && count > indexes) {
    const why = `${least} ${String(indexes)} (the number of indexes in the specified succeededIndexes field)`;
    errors.push(invalid(path, count, why));
  }
  return errors;
}

/** How many indexes a list such as `1,3-5` names; what is wrong with it otherwise. */
function countIndexes(text: string, completions: number): number | string {
  let [last, total] = [-1, 0];
  if (text === '') return total;
  for (const interval of text.split(',')) {
    const read = readInterval(interval, completions);
    if (typeof read === 'string') return read;
    const [start, end] = read;
    if (last >= start) return disorder(last, start);
    total += end - start + 1;
    last = end;
  }
  return total;
}

function disorder(previous: number, current: number): string {
  return `non-increasing order, previous: ${String(previous)}, current: ${String(current)}`;
}

function readInterval(text: string, completions: number): readonly [number, number] | string {
  const limits = text.split('-');
  if (limits.length > 2) {
    return `the fragment ${JSON.stringify(text)} violates the requirement that an index interval can have at most two parts separated by '-'`;
  }
  for (const limit of limits) {
    if (!/^\+?\d+$/.test(limit))
      return `cannot convert string to integer for index: ${JSON.stringify(limit)}`;
    if (Number(limit) >= completions) return `too large index: ${JSON.stringify(limit)}`;
  }
  const [start, end] = [Number(limits[0]), Number(limits[1] ?? limits[0])];
  return limits.length === 2 && start >= end ? disorder(start, end) : [start, end];
}
