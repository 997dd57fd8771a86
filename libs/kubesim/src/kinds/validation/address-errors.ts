import { goQuote } from '@meridian/cel';
import { invalid } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { parseAddress, parseRange } from './addresses.ts';

const notAnAddress = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const notARange = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

/** What is wrong with an IP address of an older field, which need not be written in its best form. */
export function addressErrors(text: string, path: string): FieldError[] {
  const address = parseAddress(text);
  if (address === undefined) return [invalid(path, text, notAnAddress)];
  if (address.hasLeadingZeros) return [invalid(path, text, 'must not have leading 0s')];
  return address.isMapped ? [invalid(path, text, 'must not be an IPv4-mapped IPv6 address')] : [];
}

/** What is wrong with an IP address of a newer field: it must be written in its best form. */
export function strictAddressErrors(text: string, path: string): FieldError[] {
  const errors = addressErrors(text, path);
  const canonical = parseAddress(text)?.canonical ?? text;
  if (errors.length > 0 || canonical === text) return errors;
  return [invalid(path, text, `must be in canonical form (${goQuote(canonical)})`)];
}

/** What is wrong with a range of addresses of an older field. */
export function rangeErrors(text: string, path: string): FieldError[] {
  const range = parseRange(text);
  if (range === undefined) return [invalid(path, text, notARange)];
  if (range.hasLeadingZeros) {
    return [invalid(path, text, 'must not have leading 0s in IP or prefix length')];
  }
  if (range.address.isMapped) return [invalid(path, text, 'must not have an IPv4-mapped IPv6 address')];
  if (range.address.value === range.first) return [];
  return [invalid(path, text, 'must not have bits set beyond the prefix length')];
}

/** What is wrong with an address that traffic is sent to: some mean only the machine itself or its link. */
export function endpointAddressErrors(text: string, path: string): FieldError[] {
  const address = parseAddress(text);
  if (address === undefined) return [invalid(path, text, 'must be a valid IP address')];
  const { family, value } = address;
  const special = (family === 'IPv4' ? special4 : special6).find(({ of }) => of(value));
  if (special === undefined) return [];
  return [invalid(path, text, special.why.replace('ADDRESS', text))];
}

const unspecified = 'may not be unspecified (ADDRESS)';
const loopback = 'may not be in the loopback range (127.0.0.0/8, ::1/128)';
const linkLocal = 'may not be in the link-local range (169.254.0.0/16, fe80::/10)';
const linkLocalMulticast = 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)';

interface Special {
  readonly why: string;
  readonly of: (value: bigint) => boolean;
}

const special4: readonly Special[] = [
  { why: unspecified, of: (value) => value === 0n },
  { why: loopback, of: (value) => value >> 24n === 127n },
  { why: linkLocal, of: (value) => value >> 16n === 0xa9fen },
  { why: linkLocalMulticast, of: (value) => value >> 8n === 0xe00000n },
];

const special6: readonly Special[] = [
  { why: unspecified, of: (value) => value === 0n },
  { why: loopback, of: (value) => value === 1n },
  { why: linkLocal, of: (value) => value >> 118n === 0x3fan },
  { why: linkLocalMulticast, of: (value) => value >> 112n === 0xff02n },
];

/** What to warn of in an address: that it is not written in its best form. */
export function addressWarnings(text: string, path: string): string[] {
  const address = parseAddress(text);
  if (address === undefined || address.canonical === text) return [];
  const { canonical, hasLeadingZeros, isMapped } = address;
  return hasLeadingZeros || isMapped
    ? [`${path}: non-standard IP address ${goQuote(text)} is invalid: use ${goQuote(canonical)}`]
    : [
        `${path}: IPv6 address ${goQuote(text)} should be in RFC 5952 canonical format (${goQuote(canonical)})`,
      ];
}

/** What to warn of in a range: that it is not written in its best form. */
export function rangeWarnings(text: string, path: string): string[] {
  const range = parseRange(text);
  if (range === undefined || range.canonical === text) return [];
  const { canonical, address } = range;
  return address.family === 'IPv6' && address.value === range.first
    ? [
        `${path}: IPv6 CIDR value ${goQuote(text)} should be in RFC 5952 canonical format (${goQuote(canonical)})`,
      ]
    : [];
}
