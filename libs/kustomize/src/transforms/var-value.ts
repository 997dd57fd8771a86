import { goFloat } from '../values/numbers.ts';
import { isScalar, scalarOf, tagOf, textOf, type Value } from '../values/value.ts';

/** The value of a var in both of its uses. */
export interface SourceValue {
  /** For a field that is nothing but `$(NAME)`. */
  readonly whole: Value;
  /** Inside of other text. */
  readonly text: string;
  /** Collections cannot be put anywhere; `$(NAME)` stays as it is written. */
  readonly isCollection: boolean;
}

const decimal = /^[+-]?[0-9]+$/;
const float = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const truths: ReadonlySet<string> = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const falsehoods: ReadonlySet<string> = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);

/**
 * What kustomize reads from a field for a var (RNode.GetFieldValue): integers in decimal only, so that `0777` is 777 and
 * `0x10` is nothing; dates and nulls are text. Undefined when it can read nothing.
 */
export function sourceValue(value: Value): SourceValue | undefined {
  if (!isScalar(value)) return { whole: value, text: '', isCollection: true };
  const text = textOf(value);
  switch (tagOf(value)) {
    case '!!int':
      return integer(text);
    case '!!float':
      return floating(text);
    case '!!bool':
      return boolean(text);
    default:
      return { whole: text, text, isCollection: false };
  }
}

function integer(text: string): SourceValue | undefined {
  if (!decimal.test(text)) return undefined;
  const number = BigInt(text);
  if (BigInt.asIntN(64, number) !== number) return undefined;
  return { whole: scalarOf('!!int', String(number)), text: String(number), isCollection: false };
}

function floating(text: string): SourceValue | undefined {
  const number = Number(text);
  if (!float.test(text) || !Number.isFinite(number)) return undefined;
  return { whole: scalarOf('!!float', withoutExponent(number)), text: goFloat(number), isCollection: false };
}

/** The shortest decimal form (strconv.FormatFloat with 'f'). */
function withoutExponent(number: number): string {
  const [mantissa = '', exponent = '0'] = Math.abs(number).toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const point = Number(exponent) + 1;
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  const fraction = point > 0 ? digits.slice(point) : digits.padStart(digits.length - point, '0');
  return `${number < 0 ? '-' : ''}${whole}${/^0*$/.test(fraction) ? '' : `.${fraction}`}`;
}

function boolean(text: string): SourceValue | undefined {
  if (truths.has(text)) return { whole: true, text: 'true', isCollection: false };
  if (falsehoods.has(text)) return { whole: false, text: 'false', isCollection: false };
  return undefined;
}
