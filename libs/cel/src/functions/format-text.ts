import { goQuote } from '../forms/go-quote.ts';
import { CelFault } from './cel-fault.ts';

/** What `'%s is %d'.format([…])` gives. */
export function formatText(form: string, values: unknown[]): string {
  let next = 0;
  const take = () => {
    if (next >= values.length) throw new CelFault(`index ${String(next)} out of range`);
    next += 1;
    return values[next - 1];
  };
  return form.replaceAll(/%(?:%|(?:\.(\d+))?(.))/g, (found, digits: string | undefined, clause?: string) => {
    if (clause === undefined) return '%';
    const show = clauses[clause] ?? unrecognized(found);
    return show(take(), Number(digits ?? 6));
  });
}

function unrecognized(clause: string): never {
  throw new CelFault(
    `could not parse formatting clause: unrecognized formatting clause ${goQuote(clause.at(-1) ?? '')}`,
  );
}

type Clause = (value: unknown, digits: number) => string;

const clauses: Readonly<Record<string, Clause>> = {
  s: (value) => textOf(value, false),
  d: (value) => integer(value, 10),
  b: (value) => (typeof value === 'boolean' ? String(Number(value)) : integer(value, 2)),
  o: (value) => integer(value, 8),
  x: hexadecimal,
  X: (value) => hexadecimal(value).toUpperCase(),
  f: (value, digits) => (typeof value === 'number' ? value.toFixed(digits) : mismatched('fixed-point')),
  e: (value, digits) =>
    typeof value === 'number' ? scientific(value, digits) : mismatched('scientific notation'),
};

function integer(value: unknown, base: number): string {
  const plain = typeof value === 'object' && value !== null ? value.valueOf() : value;
  if (typeof plain === 'bigint') return plain.toString(base);
  throw new CelFault('error during formatting: only integers can be formatted as decimal, binary or octal');
}

function hexadecimal(value: unknown): string {
  if (typeof value === 'string') return Buffer.from(value).toString('hex');
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return integer(value, 16);
}

function scientific(value: number, digits: number): string {
  const [size = '', exponent = '0'] = value.toExponential(digits).split('e');
  const sign = exponent.startsWith('-') ? '-' : '+';
  return `${size}e${sign}${exponent.replace(/^[-+]/, '').padStart(2, '0')}`;
}

function mismatched(what: string): never {
  throw new CelFault(`error during formatting: only doubles can be formatted as ${what}`);
}

/** A value as `%s` shows it; text inside of lists and maps is quoted. */
export function textOf(value: unknown, isInside: boolean): string {
  if (typeof value === 'string') return isInside ? goQuote(value) : value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (value instanceof Date) return `${value.toISOString().slice(0, 19)}Z`;
  if (Array.isArray(value)) return `[${value.map((item) => textOf(item, true)).join(', ')}]`;
  if (value instanceof Map) {
    const members = [...value].map(([name, member]) => `${textOf(name, true)}:${textOf(member, true)}`);
    return `{${members.sort().join(', ')}}`;
  }
  return typeName.exec(String(value))?.[1] ?? String(value);
}

const typeName = /^Type<(.*)>$/;
