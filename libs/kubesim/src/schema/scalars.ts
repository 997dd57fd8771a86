import { goQuote, parseQuantity } from '@meridian/cel';
import type { Json } from '../json.ts';
import type { ScalarType } from './schema.ts';

/**
 * What became of a scalar: its value as Go writes it, a value of the wrong type, text that its type cannot read, or a value of
 * the wrong type for the decoder that its type has of its own, which ends decoding.
 */
export type DecodedScalar =
  | { readonly is: 'value'; readonly value: Json }
  | { readonly is: 'mismatch'; readonly found: string }
  | { readonly is: 'mistyped'; readonly found: string; readonly wanted: 'int32' | 'string' }
  | { readonly is: 'refused'; readonly message: string };

/** Decodes a leaf as Go's JSON decoder does for its type. The value is not null. */
export function decodeScalar(type: ScalarType, value: Json): DecodedScalar {
  return decoders[type](value);
}

/** The kind of a JSON value as Go's decoder names it in a mismatch. */
export function goKindOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** What Go writes for a leaf that was never set and is not left out. */
export function zeroScalar(type: ScalarType): Json {
  if (type === 'boolean') return false;
  if (type === 'time' || type === 'micro-time' || type === 'bytes') return null;
  if (type === 'quantity') return '0';
  if (type === 'duration') return '0s';
  return type === 'string' ? '' : 0;
}

const quantityForm = "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

const decoders: Readonly<Record<ScalarType, (value: Json) => DecodedScalar>> = {
  string: (value) => (typeof value === 'string' ? decoded(value) : mismatch(value)),
  boolean: (value) => (typeof value === 'boolean' ? decoded(value) : mismatch(value)),
  number: (value) => (typeof value === 'number' ? decoded(value) : mismatch(value)),
  int32: (value) => integer(value, -(2 ** 31), 2 ** 31 - 1),
  int64: (value) => integer(value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  uint: (value) => integer(value, 0, Number.MAX_SAFE_INTEGER),
  bytes: (value) => (typeof value === 'string' ? base64(value) : mismatch(value)),
  time: (value) => (typeof value === 'string' ? time(value, 0) : unreadable(value)),
  'micro-time': (value) => (typeof value === 'string' ? time(value, 6) : unreadable(value)),
  duration: (value) => (typeof value === 'string' ? duration(value) : unreadable(value)),
  quantity(value) {
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text !== 'string' || parseQuantity(text.trim()) === undefined) {
      return { is: 'refused', message: `quantities must match the regular expression ${quantityForm}` };
    }
    return decoded(text.trim());
  },
  'int-or-string'(value) {
    if (typeof value === 'string') return decoded(value);
    const read = integer(value, -(2 ** 31), 2 ** 31 - 1);
    return read.is === 'mismatch' ? { is: 'mistyped', found: read.found, wanted: 'int32' } : read;
  },
};

function decoded(value: Json): DecodedScalar {
  return { is: 'value', value };
}

function mismatch(value: Json): DecodedScalar {
  return { is: 'mismatch', found: goKindOf(value) };
}

function unreadable(value: Json): DecodedScalar {
  return { is: 'mistyped', found: goKindOf(value), wanted: 'string' };
}

function integer(value: Json, min: number, max: number): DecodedScalar {
  if (typeof value !== 'number') return mismatch(value);
  return Number.isInteger(value) && value >= min && value <= max
    ? decoded(value)
    : { is: 'mismatch', found: `number ${String(value)}` };
}

/** Go's decoder names the first byte that cannot be, which lies at the end when the text is cut short. */
function base64(text: string): DecodedScalar {
  const packed = text.replaceAll(/[\r\n]/g, '');
  const wrong = packed.search(/[^A-Za-z0-9+/=]/);
  const padding = packed.search(/=/);
  const place = wrong >= 0 ? wrong : misplacedPadding(packed, padding);
  return place < 0
    ? decoded(withoutLooseBits(packed))
    : { is: 'refused', message: `illegal base64 data at input byte ${String(place)}` };
}

/** The last byte may be written with bits that nobody reads; they are not written again. */
function withoutLooseBits(packed: string): string {
  if (!packed.endsWith('=')) return packed;
  return `${packed.slice(0, -4)}${Buffer.from(packed.slice(-4), 'base64').toString('base64')}`;
}

function misplacedPadding(text: string, padding: number): number {
  const end = padding < 0 ? text.length : padding;
  if (end % 4 === 0) return padding;
  if (end % 4 === 1) return padding < 0 ? end - 1 : padding;
  const needed = 4 - (end % 4);
  if (text.length - end < needed) return padding < 0 ? Math.floor(end / 4) * 4 : text.length;
  return text.length - end > needed ? end + needed : -1;
}

function time(text: string, digits: 0 | 6): DecodedScalar {
  const parsed = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.exec(text);
  const at = parsed === null ? Number.NaN : Date.parse(text);
  if (Number.isNaN(at)) {
    const layout = digits === 0 ? '2006-01-02T15:04:05Z07:00' : '2006-01-02T15:04:05.000000Z07:00';
    return {
      is: 'refused',
      message: `parsing time ${goQuote(text)} as ${goQuote(layout)}: cannot parse ${goQuote(text)} as "2006"`,
    };
  }
  const seconds = new Date(at).toISOString().slice(0, 19);
  const fraction = (parsed?.[1] ?? '.').slice(1, 7).padEnd(6, '0');
  return decoded(digits === 0 ? `${seconds}Z` : `${seconds}.${fraction}Z`);
}

function duration(text: string): DecodedScalar {
  return /^[+-]?(0|(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))+$/.test(text)
    ? decoded(text)
    : { is: 'refused', message: `time: invalid duration ${goQuote(text)}` };
}
