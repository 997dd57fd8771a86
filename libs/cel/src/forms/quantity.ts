/** A quantity taken apart: its exact value in billionths, and which family its suffix belongs to. */
interface Quantity {
  /** Billionths, rounded away from zero: the API keeps no smaller parts. */
  readonly nano: bigint;
  readonly family: 'binary' | 'decimal' | 'exponent';
}

const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const decimalSuffixes: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
// A suffix begins with no digit, so that there is one way only to read a text, and one step for each character.
const form = /^([+-]?)(\d*)(?:\.(\d*))?([eEinumkKMGTP]+[-+]?\d*|[-+]\d*)?$/;

/**
 * Reads a quantity such as `1500m`, `2Gi` or `1e3` (k8s.io/apimachinery/pkg/api/resource).
 * @returns undefined when the text is none.
 */
export function parseQuantity(text: string): Quantity | undefined {
  const [matched, sign, whole = '', fraction = '', suffix = ''] = form.exec(text) ?? [];
  const scaled = scaleOf(suffix);
  if (matched === undefined || whole + fraction === '' || scaled === undefined) return undefined;
  const size = atNano(BigInt(whole + fraction) * scaled.factor, scaled.exponent - fraction.length);
  return { nano: sign === '-' ? -size : size, family: scaled.family };
}

function atNano(digits: bigint, exponent: number): bigint {
  const shift = exponent + 9;
  return shift >= 0 ? digits * 10n ** BigInt(shift) : dividedUp(digits, 10n ** BigInt(-shift));
}

/** The text that the API writes for a quantity that it has computed with: `1000m` becomes `1`, `1024Mi` becomes `1Gi`. */
export function canonicalQuantity({ nano, family }: Quantity): string {
  const sign = nano < 0n ? '-' : '';
  const size = nano < 0n ? -nano : nano;
  if (size === 0n) return '0';
  const one = 1_000_000_000n;
  if (family === 'binary' && size >= 1024n * one) return sign + binaryText(dividedUp(size, one));
  return sign + decimalText(size, family === 'exponent');
}

/** A quantity rounded up to thousandths, as the API rounds resource lists. */
export function roundedToMilli(quantity: Quantity): Quantity {
  const milli = 1_000_000n;
  const { nano } = quantity;
  return { ...quantity, nano: nano < 0n ? (nano / milli) * milli : dividedUp(nano, milli) * milli };
}

function binaryText(value: bigint): string {
  let rest = value;
  let power = 0;
  while (rest % 1024n === 0n && power < binarySuffixes.length - 1) {
    rest /= 1024n;
    power += 1;
  }
  return `${String(rest)}${binarySuffixes[power] ?? ''}`;
}

function decimalText(nano: bigint, asExponent: boolean): string {
  let rest = nano;
  let exponent = -9;
  while (rest % 1000n === 0n && exponent < 18) {
    rest /= 1000n;
    exponent += 3;
  }
  if (asExponent) return exponent === 0 ? String(rest) : `${String(rest)}e${String(exponent)}`;
  const suffix = Object.keys(decimalSuffixes).find((name) => decimalSuffixes[name] === exponent);
  return `${String(rest)}${suffix ?? ''}`;
}

function scaleOf(
  suffix: string,
): { factor: bigint; exponent: number; family: Quantity['family'] } | undefined {
  const power = binarySuffixes.indexOf(suffix, 1);
  if (power > 0) return { factor: 1024n ** BigInt(power), exponent: 0, family: 'binary' };
  if (Object.hasOwn(decimalSuffixes, suffix)) {
    return { factor: 1n, exponent: decimalSuffixes[suffix] ?? 0, family: 'decimal' };
  }
  const exponent = /^[eE]([-+]?\d{1,3})$/.exec(suffix)?.[1];
  return exponent === undefined ? undefined : { factor: 1n, exponent: Number(exponent), family: 'exponent' };
}

function dividedUp(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by;
}
