import { hasUnprintable, plainText } from './plain-text.ts';

/** Why a message was refused. */
export type RefusalCode =
  'missing' | 'unknown_enum' | 'out_of_range' | 'too_long' | 'too_many' | 'bad_name' | 'foreign_cluster';

/** The first thing that is wrong with a message, where, in one sentence. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly field: string;
  readonly message: string;
}

/** A checked value, or why there is none. */
export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * Reads the fields of one message and remembers the first that is wrong. Readers always give a value of the right type,
 * so that a parser is one object literal; the value is thrown away when anything was refused.
 */
export class FieldChecks {
  private refusal: Refusal | undefined;

  /** The value, or the first refusal. */
  result<T>(value: T): Parsed<T> {
    return this.refusal ? { ok: false, refusal: this.refusal } : { ok: true, value };
  }

  /** Remembers a refusal unless there is one. */
  refuse(code: RefusalCode, field: string, message: string): void {
    this.refusal ??= { code, field, message: `${field}: ${message}` };
  }

  /** A cluster or application name: a DNS label, which is also a safe NATS token. */
  label(field: string, value: string): string {
    if (!dnsLabel.test(value)) this.refuse('bad_name', field, 'must be a DNS label');
    return value;
  }

  /** A name or id that is compared, so never changed: short and printable, or refused. */
  exact(field: string, value: string, maxChars: number): string {
    if (value.length > maxChars) this.refuse('too_long', field, `is longer than ${maxChars} characters`);
    else if (hasUnprintable(value)) this.refuse('bad_name', field, 'has control characters');
    return value;
  }

  /** Text for people: cut and escaped, never refused. */
  text(value: string, maxChars: number): string {
    return plainText(value, maxChars);
  }

  /** A count or a time: a whole number from 0 that a JavaScript number holds exactly. */
  number(field: string, value: bigint): number {
    const isInRange = value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER);
    if (!isInRange) this.refuse('out_of_range', field, 'must be from 0 to 2^53 - 1');
    return isInRange ? Number(value) : 0;
  }

  /** One of a closed list; `fallback` stands in for a refused value. */
  choice<T extends string>(
    field: string,
    value: number,
    names: { readonly [wire: number]: T },
    fallback: T,
  ): T {
    const name = Object.hasOwn(names, value) ? names[value] : undefined;
    if (name === undefined) this.refuse('unknown_enum', field, `does not know the value ${value}`);
    return name ?? fallback;
  }

  /** A list that is not read at all when it is too long. */
  list<W, T>(field: string, values: readonly W[], max: number, read: (value: W, index: number) => T): T[] {
    if (values.length <= max) return values.map(read);
    this.refuse('too_many', field, `has ${values.length} entries, more than ${max}`);
    return [];
  }

  /** A message that must be there; `empty` stands in for a missing one. */
  present<W>(field: string, value: W | undefined, empty: W): W {
    if (value === undefined) this.refuse('missing', field, 'is missing');
    return value ?? empty;
  }
}

/** A count or a time for the wire; what a wire number cannot carry becomes the nearest that it can, NaN becomes 0. */
export function wireNumber(value: number): bigint {
  if (Number.isNaN(value)) return 0n;
  return BigInt(Math.trunc(Math.min(Math.max(value, 0), Number.MAX_SAFE_INTEGER)));
}
