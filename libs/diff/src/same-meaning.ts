import { isJsonObject } from '@meridian/manifests';
import type { Json, JsonObject } from '@meridian/manifests';

/** Numbers whose 0 the API server takes for "not said" and fills in with its default. */
const filledIn: ReadonlySet<string> = new Set([
  'failureThreshold',
  'healthCheckNodePort',
  'hostPort',
  'nodePort',
  'periodSeconds',
  'successThreshold',
  'timeoutSeconds',
]);

/** Lists up to this length may have come back in another order. */
const longestReordered = 500;

/** How two values are compared. */
interface Comparing {
  /** The field that has them. */
  readonly name: string;
  /** Whether items of lists are sought in other places; not below an item that is sought, for that would not end in time. */
  readonly mayReorder: boolean;
}

/**
 * Whether what an API server has stored means what was sent in the field `name`: empty values may be left out or filled in,
 * maps and lists may have gained entries, and numbers, quantities, durations, times, addresses and base64 may be written in
 * another way. Words that differ in nothing but upper and lower case count as the same.
 */
export function meansTheSame(sent: Json, stored: Json | undefined, name: string): boolean {
  return isKept(sent, stored, { name, mayReorder: true });
}

function isKept(sent: Json, stored: Json | undefined, how: Comparing): boolean {
  if (sent === null || sent === '') return true;
  if (isNothing(stored)) return isEmpty(sent);
  if (isList(sent)) return isList(stored) && isListKept(sent, stored, how);
  if (isJsonObject(sent)) return isJsonObject(stored) && isMapKept(sent, stored, how);
  return !isList(stored) && !isJsonObject(stored) && isScalarKept(sent, stored, how);
}

const isNothing = (value: Json | undefined): value is null | undefined =>
  value === undefined || value === null;

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

/** Whether a value says nothing, so that it may be left out. */
function isEmpty(value: Json): boolean {
  if (isList(value)) return value.length === 0;
  if (isJsonObject(value)) return Object.values(value).every(isEmpty);
  return value === null || value === '' || value === 0 || value === false;
}

function isMapKept(sent: JsonObject, stored: JsonObject, { mayReorder }: Comparing): boolean {
  return Object.entries(sent).every(([name, value]) =>
    isKept(value, Object.hasOwn(stored, name) ? stored[name] : undefined, { name, mayReorder }),
  );
}

/** Every item that was sent is there, in its place or, in a list of modest length, anywhere. */
function isListKept(sent: readonly Json[], stored: readonly Json[], how: Comparing): boolean {
  if (sent.length > stored.length) return false;
  const missing = sent.filter((item, index) => !isKept(item, stored[index], how));
  if (missing.length === 0) return true;
  if (!how.mayReorder || stored.length > longestReordered) return false;
  const inPlace = { ...how, mayReorder: false };
  return missing.every((item) => stored.some((other) => isKept(item, other, inPlace)));
}

/** Characters of a number, a time or an address at most: the patterns for them take time by the square of a text's length. */
const longestNumber = 200;

type Scalar = string | number | boolean;

function isScalarKept(sent: Scalar, stored: Scalar, { name }: Comparing): boolean {
  if (sent === stored || (sent === 0 && filledIn.has(name))) return true;
  const [left, right] = [String(sent), String(stored)];
  const isShort = left.length <= longestNumber && right.length <= longestNumber;
  return (
    left.toLowerCase() === right.toLowerCase() ||
    [...(isShort ? [quantityOf, durationOf, timeOf, addressOf] : []), base64Of].some((read) => {
      const value = read(left);
      return value !== undefined && isEqual(value, read(right));
    })
  );
}

function isEqual(left: number | string, right: number | string | undefined): boolean {
  if (typeof left === 'string' || typeof right !== 'number') return left === right;
  // Read as floating-point numbers, so that the last digits may differ.
  return Math.abs(left - right) <= 1e-9 * Math.max(Math.abs(left), Math.abs(right));
}

const units: { readonly [suffix: string]: number } = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** A quantity as in `k8s.io/apimachinery/pkg/api/resource`. */
function quantityOf(text: string): number | undefined {
  const [, number = '', suffix = ''] =
    /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([numkMGTPE]|[KMGTPE]i)?$/.exec(text) ?? [];
  const unit = units[suffix];
  return number === '' || unit === undefined ? undefined : Number(number) * unit;
}

const seconds: { readonly [unit: string]: number } = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3_600,
};

/** A duration as Go writes it, in seconds. */
function durationOf(text: string): number | undefined {
  if (!/^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)/g)];
  const sum = parts.reduce((all, [, number, unit = '']) => all + Number(number) * (seconds[unit] ?? 0), 0);
  return text.startsWith('-') ? -sum : sum;
}

/** A time of RFC 3339, in milliseconds. */
function timeOf(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d/.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

/** An IPv6 address, perhaps with its prefix length, with all of its groups. */
function addressOf(text: string): string | undefined {
  const [address = '', length = ''] = text.toLowerCase().split('/');
  if (!/^[\da-f:]+$/.test(address) || !address.includes(':')) return undefined;
  const halves = address.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const gap = halves.length === 2 ? Math.max(0, 8 - head.length - tail.length) : 0;
  const groups = [...head, ...Array.from({ length: gap }, () => '0'), ...tail];
  if (groups.length !== 8) return undefined;
  return `${groups.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}/${length}`;
}

/** Base64 without the line breaks that decoders skip. */
function base64Of(text: string): string | undefined {
  return /^[A-Za-z0-9+/\r\n]*={0,2}[\r\n]*$/.test(text) ? text.replace(/[\r\n]/g, '') : undefined;
}
