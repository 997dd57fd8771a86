import { floatOf, integerOf } from './numbers.ts';
import { isTimestamp } from './timestamps.ts';
import { scalarOf, type ScalarTag, type Value } from './value.ts';

const words: ReadonlyMap<string, ScalarTag> = new Map<string, ScalarTag>([
  ...['', '~', 'null', 'Null', 'NULL'].map((word): [string, ScalarTag] => [word, '!!null']),
  ...['true', 'True', 'TRUE', 'false', 'False', 'FALSE'].map((word): [string, ScalarTag] => [word, '!!bool']),
  ...['inf', 'Inf', 'INF'].flatMap((word): [string, ScalarTag][] => [
    [`.${word}`, '!!float'],
    [`+.${word}`, '!!float'],
    [`-.${word}`, '!!float'],
  ]),
  ...['.nan', '.NaN', '.NAN'].map((word): [string, ScalarTag] => [word, '!!float']),
  ['<<', '!!merge'],
]);
const oldTrue: ReadonlySet<string> = new Set(['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON']);
const oldFalse: ReadonlySet<string> = new Set(['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF']);

/** The tag that go-yaml v3 gives an unquoted scalar without a tag of its own (resolve.go). */
export function plainTag(text: string): ScalarTag {
  const word = words.get(text);
  if (word !== undefined) return word;
  const first = text.charCodeAt(0);
  if (first === 46) return floatOf(text) === undefined ? '!!str' : '!!float';
  const numeric = (first >= 48 && first <= 57) || first === 43 || first === 45;
  return numeric ? numericTag(text) : '!!str';
}

/** The value of an unquoted scalar without a tag in a resource or a patch. */
export function resolvePlainScalar(text: string): Value {
  return scalarOf(plainTag(text), text);
}

/** The booleans of YAML 1.1 (`yes`, `off`, `n` …), which go-yaml v2 reads and v3 does not; undefined for other texts. */
export function oldBoolean(text: string): boolean | undefined {
  if (oldTrue.has(text)) return true;
  return oldFalse.has(text) ? false : undefined;
}

function numericTag(text: string): ScalarTag {
  if (isTimestamp(text)) return '!!timestamp';
  if (integerOf(text) !== undefined) return '!!int';
  return floatOf(text) === undefined ? '!!str' : '!!float';
}
