import { goFloat } from '../values/numbers.ts';
import type { Plain } from '../values/plain.ts';
import { isFlow, isMarked, rememberQuotes } from '../values/quote-marks.ts';
import { isQuotedByGo, needsQuotes } from '../values/quotes.ts';
import { resolvePlainScalar } from '../values/scalars.ts';
import type { Fields, Value } from '../values/value.ts';
import { isContainer, isPlainList, OperationProblem, type Container } from './json-document.ts';

const made = new WeakMap<Container, Value>();

/**
 * A JSON document as YAML again, as kustomize gets it after a JSON patch: every number went through a float and is
 * written as Go writes floats (`1e+06`), and texts are in quotes only where they need them. What looks the same before and
 * after is the same object.
 */
export function afterJson(document: Container): Value {
  return made.get(document) ?? (isPlainList(document) ? listAfter(document) : fieldsAfter(document));
}

/** Keeps what becomes of the parts of an object that are in many others. */
export function keepAfterJson(plain: Plain): void {
  if (!isContainer(plain) || made.has(plain)) return;
  for (const part of Object.values<Plain>(plain)) keepAfterJson(part);
  made.set(plain, afterJson(plain));
}

function valueAfter(plain: Plain): Value {
  if (isContainer(plain)) return afterJson(plain);
  if (typeof plain !== 'number' && typeof plain !== 'bigint') return plain;
  if (isWrittenAsIs(plain)) return plain;
  const float = Number(plain);
  if (!Number.isFinite(float)) throw new OperationProblem('a number is too large');
  return resolvePlainScalar(goFloat(float));
}

/** Go writes floats without an exponent up to here. */
function isWrittenAsIs(plain: number | bigint): plain is number {
  return Number.isInteger(plain) && plain > -1e6 && plain < 1e6 && !Object.is(plain, -0);
}

function listAfter(list: readonly Plain[]): Value {
  const after = list.map(valueAfter);
  // What went through JSON stands in no brackets.
  return isSame(list, after) && !isFlow(list) ? list : after;
}

/** Types cannot say that what did not change on its way is a value, too. */
function isSame(
  before: readonly Plain[],
  after: readonly Value[],
): before is readonly Value[] & readonly Plain[] {
  return after.every((item, index) => item === before[index]);
}

function fieldsAfter(fields: { readonly [key: string]: Plain }): Fields {
  const after: Record<string, Value> = {};
  let isSameAsBefore = true;
  for (const key of Object.keys(fields)) {
    const plain = fields[key] ?? null;
    const value = valueAfter(plain);
    after[key] = value;
    isSameAsBefore &&= value === plain;
  }
  const quoted = Object.keys(after).filter((key) => isQuotedByGoAlone(after[key]));
  if (quoted.length > 0) rememberQuotes(after, new Map(quoted.map((key) => [key, true])));
  return isSameAsBefore && quoted.length === 0 && hasNoMarks(fields) ? fields : after;
}

function isQuotedByGoAlone(value: Value | undefined): boolean {
  return typeof value === 'string' && isQuotedByGo(value) && !needsQuotes(value);
}

function hasNoMarks(fields: {
  readonly [key: string]: Plain;
}): fields is Fields & { readonly [key: string]: Plain } {
  return Object.getOwnPropertySymbols(fields).length === 0 && !isMarked(fields);
}
