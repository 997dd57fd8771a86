import { goFloat } from '../values/numbers.ts';
import type { Plain } from '../values/plain.ts';
import { quotesOf, rememberQuotes } from '../values/quote-marks.ts';
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
  const known = made.get(document);
  if (known !== undefined) return known;
  const value = isPlainList(document) ? listAfter(document) : fieldsAfter(document);
  made.set(document, value);
  return value;
}

function valueAfter(plain: Plain): Value {
  if (isContainer(plain)) return afterJson(plain);
  if (typeof plain !== 'number' && typeof plain !== 'bigint') return plain;
  const float = Number(plain);
  if (!Number.isFinite(float)) throw new OperationProblem('a number is too large');
  return resolvePlainScalar(goFloat(float));
}

function listAfter(list: readonly Plain[]): Value {
  const after = list.map(valueAfter);
  return isSame(list, after) ? list : after;
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
  const quotes = new Map<string, boolean>();
  let isSameAsBefore = true;
  for (const [key, plain] of Object.entries(fields)) {
    const value = valueAfter(plain);
    after[key] = value;
    isSameAsBefore &&= value === plain;
    if (typeof value === 'string' && isQuotedByGo(value) && !needsQuotes(value)) quotes.set(key, true);
  }
  if (isSameAsBefore && quotes.size === 0 && hasNoMarks(fields)) return fields;
  if (quotes.size > 0) rememberQuotes(after, quotes);
  return after;
}

function hasNoMarks(fields: {
  readonly [key: string]: Plain;
}): fields is Fields & { readonly [key: string]: Plain } {
  return Object.getOwnPropertySymbols(fields).length === 0 && quotesOf(fields) === undefined;
}
