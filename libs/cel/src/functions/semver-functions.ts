import type { Environment } from '@marcbachmann/cel-js';
import { CelFault } from './cel-fault.ts';
import type { Register } from './cel-fault.ts';

const number = '(0|[1-9]\\d*)';
const tag = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*';
const form = new RegExp(`^${number}\\.${number}\\.${number}(?:-(${tag}))?(?:\\+${tag})?$`);

/** A version such as `1.2.3-rc.1`. */
class CelSemver {
  readonly numbers: readonly bigint[];
  readonly before: readonly string[];
  constructor(text: string, isLoose = false) {
    const found = form.exec(isLoose ? normalized(text) : text);
    if (found === null) throw new CelFault('No Major.Minor.Patch elements found');
    this.numbers = found.slice(1, 4).map((part) => BigInt(part ?? '0'));
    this.before = found[4] === undefined ? [] : found[4].split('.');
  }
}

/** Drops a leading `v` and leading zeros, and adds what is missing to three numbers. */
function normalized(text: string): string {
  const [plain = '', ...rest] = text.replace(/^v/, '').split(/(?=[-+])/);
  const numbers = plain.split('.').map((part) => part.replace(/^0+(?=\d)/, ''));
  while (numbers.length < 3) numbers.push('0');
  return [numbers.join('.'), ...rest].join('');
}

/** Versions: `semver(self.version).isLessThan(semver('2.0.0'))`. */
export function registerSemvers(environment: Environment, register: Register): void {
  const type = 'kubernetes.Semver';
  environment.registerType(type, CelSemver);
  environment.registerOperator(`${type} == ${type}`, (a: CelSemver, b: CelSemver) => compare(a, b) === 0);
  register(`semver(string): ${type}`, (text: string) => new CelSemver(text));
  register(`semver(string, bool): ${type}`, (text: string, isLoose: boolean) => new CelSemver(text, isLoose));
  register('isSemver(string): bool', (text: string) => form.test(text));
  register('isSemver(string, bool): bool', (text: string, isLoose: boolean) =>
    form.test(isLoose ? normalized(text) : text),
  );
  ['major', 'minor', 'patch'].forEach((name, index) => {
    register(`${type}.${name}(): int`, ({ numbers }: CelSemver) => numbers[index] ?? 0n);
  });
  register(`${type}.compareTo(${type}): int`, (a: CelSemver, b: CelSemver) => BigInt(compare(a, b)));
  register(`${type}.isLessThan(${type}): bool`, (a: CelSemver, b: CelSemver) => compare(a, b) < 0);
  register(`${type}.isGreaterThan(${type}): bool`, (a: CelSemver, b: CelSemver) => compare(a, b) > 0);
}

function compare(a: CelSemver, b: CelSemver): number {
  for (const [index, size] of a.numbers.entries()) {
    const other = b.numbers[index] ?? 0n;
    if (size !== other) return size < other ? -1 : 1;
  }
  return compareTags(a.before, b.before);
}

/** What comes before a release is less than it. */
function compareTags(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return Number(a.length === 0) - Number(b.length === 0);
  for (const [index, part] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    if (part !== other) return compareParts(part, other);
  }
  return a.length < b.length ? -1 : 0;
}

function compareParts(a: string, b: string): number {
  const [isNumber, isOtherNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber && isOtherNumber) return BigInt(a) < BigInt(b) ? -1 : 1;
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  return a < b ? -1 : 1;
}
