import { Environment } from '@marcbachmann/cel-js';
import { parseGoDuration } from '../forms/durations.ts';
import { CelFault } from './cel-fault.ts';
import type { Register } from './cel-fault.ts';
import { ownName } from './own-names.ts';

const time = 'google.protobuf.Timestamp';
const span = 'google.protobuf.Duration';

/** Conversions as Go has them. */
export function registerConversions(register: Register): void {
  register(`${ownName('bool')}(bool): bool`, same);
  register(`${ownName('bool')}(string): bool`, boolOf);
  register(`${ownName('int')}(int): int`, same);
  register(`${ownName('int')}(string): int`, (text: string) => integerOf(text));
  register(`${ownName('int')}(double): int`, wholeOf);
  register(`${ownName('int')}(uint): int`, (value: { valueOf(): bigint }) =>
    within(value.valueOf(), 'integer'),
  );
  register(`${ownName('int')}(${time}): int`, (date: Date) => BigInt(Math.floor(date.getTime() / 1000)));
  register(
    `${ownName('int')}(${span}): int`,
    ({ seconds, nanos }: Span) => seconds * 1_000_000_000n + BigInt(nanos),
  );
  register(`${ownName('uint')}(uint): uint`, same);
  register(`${ownName('uint')}(string): uint`, (text: string) => {
    if (!/^\d+$/.test(text)) throw new CelFault(unreadable('uint'));
    return unsigned(BigInt(text), unreadable('uint'));
  });
  register(`${ownName('uint')}(int): uint`, (value: bigint) => unsigned(value, unsignedOverflow));
  register(`${ownName('uint')}(double): uint`, (value: number) =>
    unsigned(Number.isFinite(value) ? BigInt(Math.trunc(value)) : -1n, unsignedOverflow),
  );
  register(`${ownName('double')}(double): double`, same);
  register(`${ownName('double')}(int): double`, Number);
  register(`${ownName('double')}(uint): double`, (value: { valueOf(): bigint }) => Number(value.valueOf()));
  register(`${ownName('double')}(string): double`, doubleOf);
  registerTimes(register);
}

function registerTimes(register: Register): void {
  register(`${ownName('timestamp')}(${time}): ${time}`, same);
  register(`${ownName('timestamp')}(int): ${time}`, (seconds: bigint) => inTime(Number(seconds) * 1000));
  register(`${ownName('timestamp')}(string): ${time}`, timeOf);
  register(`${ownName('duration')}(${span}): ${span}`, same);
  register(`${ownName('duration')}(int): ${span}`, spanOf);
  register(`${ownName('duration')}(string): ${span}`, (text: string) => {
    const nanoseconds = nanosecondsOf(text);
    if (nanoseconds === undefined) throw new CelFault(unreadable(span));
    return spanOf(nanoseconds);
  });
  register(`string(${time}): string`, (date: Date) => date.toISOString().replace(/\.?0*Z$/, 'Z'));
  register(`string(${span}): string`, spanText);
}

function same<Value>(value: Value): Value {
  return value;
}

function unreadable(type: string): string {
  return `type conversion error from 'string' to '${type}'`;
}

function boolOf(text: string): boolean {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false;
  throw new CelFault(unreadable('bool'));
}

const mostInteger = 2n ** 63n - 1n;
const unsignedOverflow = 'unsigned integer overflow';

function within(value: bigint, what: string): bigint {
  if (value > mostInteger || value < -mostInteger - 1n) throw new CelFault(`${what} overflow`);
  return value;
}

function integerOf(text: string): bigint {
  const value = /^[+-]?\d+$/.test(text) ? BigInt(text.replace('+', '')) : mostInteger + 1n;
  if (value > mostInteger || value < -mostInteger - 1n) throw new CelFault(unreadable('int'));
  return value;
}

/** What is at the very end of the range is beyond it for doubles. */
function wholeOf(value: number): bigint {
  if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 63) throw new CelFault('integer overflow');
  return BigInt(Math.trunc(value));
}

/** The library makes unsigned integers only itself. */
function unsigned(value: bigint, refusal: string): unknown {
  if (value < 0n || value > 2n ** 64n - 1n) throw new CelFault(refusal);
  return toUnsigned({ text: String(value) });
}

const library = new Environment().registerVariable('text', 'string');
const toUnsigned: (context: { readonly text: string }) => unknown = library.parse('uint(text)');
const toSpan: (context: { readonly text: string }) => unknown = library.parse('duration(text)');

function doubleOf(text: string): number {
  const plain = /^[+-]?[\d_]*\d[\d_]*\.?[\d_]*(?:e[+-]?\d+)?$|^[+-]?\.\d[\d_]*(?:e[+-]?\d+)?$/i;
  const named = /^([+-]?)(?:inf(?:inity)?|(nan))$/i.exec(text);
  if (named !== null) return named[2] === undefined ? (named[1] === '-' ? -Infinity : Infinity) : Number.NaN;
  const value = plain.test(text) ? Number(text.replaceAll('_', '')) : Infinity;
  if (!Number.isFinite(value)) throw new CelFault(unreadable('double'));
  return value;
}

const timeForm = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,]\d+)?(?:Z|[+-](\d\d):(\d\d))$/;

/** The least and the most that each part of a time may be; how many days there are depends on the month. */
const partsOfTime = [
  [0, 9999],
  [1, 12],
  [1, 31],
  [0, 23],
  [0, 59],
  [0, 59],
  [0, 24],
  [0, 59],
] as const;

/** Whether a text is a time as Go reads them, which knows how many days a month has. */
export function isTime(text: string): boolean {
  const found = timeForm.exec(text);
  if (found === null) return false;
  const parts = partsOfTime.map(([least, most], index) => {
    const part = Number(found[index + 1] ?? '0');
    return { part, fits: part >= least && part <= most };
  });
  const [year = 0, month = 0, day = 0] = parts.map(({ part }) => part);
  const days = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  return parts.every(({ fits }) => fits) && day <= days;
}

function timeOf(text: string): Date {
  if (!isTime(text)) throw new CelFault(unreadable(time));
  return inTime(new Date(text.replace(',', '.')).getTime());
}

/** The years 1 to 9999. Throws CelFault beyond them. */
function inTime(milliseconds: number): Date {
  const fits = milliseconds >= -62_135_596_800_000 && milliseconds <= 253_402_300_799_999;
  if (!fits) throw new CelFault('timestamp overflow');
  return new Date(milliseconds);
}

/** A duration as Go reads it, in nanoseconds; undefined when it is none or does not fit 64 bits. */
export function nanosecondsOf(text: string): bigint | undefined {
  const found = parseGoDuration(text);
  return found === undefined || found > mostInteger || found < -mostInteger - 1n ? undefined : found;
}

interface Span {
  readonly seconds: bigint;
  readonly nanos: number;
}

/** A duration of so many nanoseconds. */
export function spanOf(nanoseconds: bigint): unknown {
  return toSpan({ text: secondsText(nanoseconds) });
}

function spanText({ seconds, nanos }: Span): string {
  return secondsText(seconds * 1_000_000_000n + BigInt(nanos)).replace(/\.?0*s$/, 's');
}

function secondsText(nanoseconds: bigint): string {
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const fraction = String(size % 1_000_000_000n).padStart(9, '0');
  return `${nanoseconds < 0n ? '-' : ''}${String(size / 1_000_000_000n)}.${fraction}s`;
}
