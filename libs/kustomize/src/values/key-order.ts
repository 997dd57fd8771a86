const letter = /\p{L}/u;
const digit = /\p{Nd}/u;

/**
 * The order in which go-yaml writes the keys of a mapping (sorter.go): letters by code point and behind everything else,
 * runs of digits by the number they make, so that `a2` comes before `a10`.
 */
export function compareKeys(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    const [a, b] = [left.charCodeAt(at), right.charCodeAt(at)];
    if (a === b) continue;
    return isAsciiLetter(a) && isAsciiLetter(b) ? a - b : compareFrom([...left], [...right]);
  }
  return left.length - right.length;
}

function isAsciiLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
}

function compareFrom(left: readonly string[], right: readonly string[]): number {
  let at = 0;
  while (at < left.length && left[at] === right[at]) at += 1;
  const [a, b] = [left[at], right[at]];
  if (a === undefined || b === undefined) return left.length - right.length;
  const letters = Number(letter.test(a)) - Number(letter.test(b));
  if (letters !== 0) return letters;
  return letter.test(a) ? code(a) - code(b) : compareRuns(left, right, at);
}

function compareRuns(left: readonly string[], right: readonly string[], at: number): number {
  const [a = '', b = ''] = [left[at], right[at]];
  const before = (a === '0' || b === '0') && followsNumber(left, at) ? 1n : 0n;
  const [leftRun, rightRun] = [runOf(left, at, before), runOf(right, at, before)];
  if (leftRun.value !== rightRun.value) return leftRun.value < rightRun.value ? -1 : 1;
  return leftRun.end - rightRun.end || code(a) - code(b);
}

/** Whether the digits before a place hold one that is not 0: then zeros count. */
function followsNumber(characters: readonly string[], at: number): boolean {
  for (let before = at - 1; before >= 0; before -= 1) {
    const character = characters[before] ?? '';
    if (!digit.test(character)) return false;
    if (character !== '0') return true;
  }
  return false;
}

/** The number that digits from a place on make, in 64 bits as in Go. */
function runOf(characters: readonly string[], from: number, start: bigint): { value: bigint; end: number } {
  let value = start;
  let end = from;
  for (; end < characters.length; end += 1) {
    const character = characters[end] ?? '';
    if (!digit.test(character)) break;
    value = BigInt.asIntN(64, value * 10n + BigInt(code(character) - 48));
  }
  return { value, end };
}

function code(character: string): number {
  return character.codePointAt(0) ?? 0;
}
