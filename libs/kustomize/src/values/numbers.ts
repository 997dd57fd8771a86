const whole = /^([+-]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]([0-7]+)|0([0-7]+)|(0|[1-9][0-9]*))$/;
/** A sign behind the base is an accident of go-yaml, which hands what follows `0b` or `0o` to Go's number parser. */
const innerSign = /^0([bo])([+-])([01]+|[0-7]+)$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const oddUnderscore = /(?<![0-9])_|_(?![0-9])/;
const maxUnsigned = 2n ** 64n - 1n;
const maxSigned = 2n ** 63n - 1n;

/**
 * The integer that go-yaml reads in a plain text: `0x1f`, `0b1`, `0o7`, `017` and `1_000` are integers, and so is
 * everything from -2^63 to 2^64-1. A bigint beyond 2^53; undefined when the text is no integer.
 */
export function integerOf(text: string): number | bigint | undefined {
  const digits = withoutUnderscores(text);
  const parts = whole.exec(digits);
  if (!parts) return innerSigned(digits);
  const [, sign = '', hex, binary, octal, oldOctal, decimal] = parts;
  if (decimal !== undefined) return decimalInteger(sign, decimal);
  return limited(sign, BigInt(based(hex, binary, octal ?? oldOctal)));
}

/**
 * The float that go-yaml reads in a plain text that is no integer; undefined when it is none. What is too large for a
 * float is a text for go-yaml, so the result is finite.
 */
export function floatOf(text: string): number | undefined {
  // Behind a leading point Go itself takes the underscores, and only between digits.
  if (text.startsWith('.') && oddUnderscore.test(text)) return undefined;
  const digits = withoutUnderscores(text);
  if (!float.test(digits)) return undefined;
  const value = Number(digits);
  return Number.isFinite(value) ? value : undefined;
}

/** An integer as a number when it is a safe one. */
export function narrowed(integer: bigint): number | bigint {
  const number = Number(integer);
  return Number.isSafeInteger(number) ? number : integer;
}

/** A float as Go's `strconv.FormatFloat(x, 'g', -1, 64)` writes it: an exponent from 1e+06 on and below 1e-04. */
export function goFloat(value: number): string {
  const [digits = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < 6) return String(value);
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${digits}e${exponent < 0 ? '-' : '+'}${size}`;
}

function withoutUnderscores(text: string): string {
  return text.includes('_') ? text.replaceAll('_', '') : text;
}

function decimalInteger(sign: string, digits: string): number | bigint | undefined {
  if (digits.length < 16) return Number(digits) === 0 || sign !== '-' ? Number(digits) : -Number(digits);
  return digits.length > 20 ? undefined : limited(sign, BigInt(digits));
}

/** Only an integer without any sign may have all 64 bits. */
function limited(sign: string, magnitude: bigint): number | bigint | undefined {
  const most = sign === '' ? maxUnsigned : maxSigned;
  if (magnitude > (sign === '-' ? most + 1n : most)) return undefined;
  return narrowed(sign === '-' ? -magnitude : magnitude);
}

function based(hex: string | undefined, binary: string | undefined, octal: string | undefined): string {
  if (hex !== undefined) return `0x${hex}`;
  return binary === undefined ? `0o${octal ?? '0'}` : `0b${binary}`;
}

function innerSigned(digits: string): number | bigint | undefined {
  const [, base = 'b', sign = '+', magnitude] = innerSign.exec(digits) ?? [];
  if (magnitude === undefined || (base === 'b' && /[2-7]/.test(magnitude))) return undefined;
  return limited(sign, BigInt(`0${base}${magnitude}`));
}
