import { isIPv6 } from 'node:net';

/** An IP address taken apart. */
export interface Address {
  readonly family: 'IPv4' | 'IPv6';
  readonly value: bigint;
  /** The form in which it should be written. */
  readonly canonical: string;
  /** Whether a part of an IPv4 address starts with a zero that means nothing. */
  readonly hasLeadingZeros: boolean;
  /** Whether it is an IPv4 address in the form of an IPv6 one. */
  readonly isMapped: boolean;
}

/** A range of addresses: an address in it and how many of its first bits are the same in all of them. */
export interface AddressRange {
  readonly address: Address;
  readonly bits: number;
  readonly hasLeadingZeros: boolean;
  /** The first address of the range. */
  readonly first: bigint;
  readonly canonical: string;
}

/** Reads an IP address as the API server reads those of older fields: leading zeros are skipped. */
export function parseAddress(text: string): Address | undefined {
  return text.includes(':') ? parseVersion6(text) : parseVersion4(text);
}

/** Reads a range such as `10.0.0.0/8`; undefined when the text is none. */
export function parseRange(text: string): AddressRange | undefined {
  const [, host = '', length = ''] = /^([^/]*)\/(\d{1,4})$/.exec(text) ?? [];
  const address = parseAddress(host);
  if (address === undefined) return undefined;
  const size = address.family === 'IPv4' ? 32 : 128;
  const bits = Number(length);
  if (bits > size) return undefined;
  const rest = BigInt(size - bits);
  const first = (address.value >> rest) << rest;
  const hasLeadingZeros = address.hasLeadingZeros || (length.length > 1 && length.startsWith('0'));
  const start = address.family === 'IPv4' ? shown4(first) : shown6(first);
  return { address, bits, hasLeadingZeros, first, canonical: `${start}/${String(bits)}` };
}

/** Whether a range holds an address. */
export function isInRange(range: AddressRange, address: Address): boolean {
  if (range.address.family !== address.family) return false;
  const rest = BigInt((address.family === 'IPv4' ? 32 : 128) - range.bits);
  return address.value >> rest === range.first >> rest;
}

function parseVersion4(text: string): Address | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) {
    return undefined;
  }
  const value = parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  return {
    family: 'IPv4',
    value,
    canonical: shown4(value),
    hasLeadingZeros: parts.some((part) => part.length > 1 && part.startsWith('0')),
    isMapped: false,
  };
}

function parseVersion6(text: string): Address | undefined {
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const canonical = canonical6(text);
  const value = valueOf6(canonical);
  const isMapped = value >> 32n === 0xffffn;
  return {
    family: isMapped ? 'IPv4' : 'IPv6',
    value: isMapped ? value & 0xffff_ffffn : value,
    canonical: isMapped ? shown4(value & 0xffff_ffffn) : canonical,
    hasLeadingZeros: false,
    isMapped,
  };
}

/** URLs write IPv6 addresses as RFC 5952 asks. */
function canonical6(text: string): string {
  return new URL(`http://[${text}]`).hostname.slice(1, -1);
}

function valueOf6(canonical: string): bigint {
  const [before = '', after = ''] = canonical.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const [left, right] = [groups(before), groups(after)];
  const middle = Array<string>(8 - left.length - right.length).fill('0');
  return [...left, ...middle, ...right].reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n);
}

function shown4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
}

function shown6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16),
  );
  return canonical6(groups.join(':'));
}
