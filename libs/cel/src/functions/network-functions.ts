import { isIP } from 'node:net';
import type { Environment } from '@marcbachmann/cel-js';
import { goQuote } from '../forms/go-quote.ts';
import { CelFault } from './cel-fault.ts';
import type { Register } from './cel-fault.ts';

/** An address, as a number of 32 or 128 bits. */
class CelIp {
  readonly text: string;
  readonly bits: bigint;
  readonly size: number;
  constructor(text: string) {
    if (isIP(text) === 0 || text.includes('%')) {
      throw new CelFault(
        `IP Address ${goQuote(text)} parse error during conversion from string: unable to parse IP`,
      );
    }
    this.size = text.includes(':') ? 128 : 32;
    this.bits = this.size === 32 ? bitsOf(text.split('.'), 10, 8n) : bitsOf(groupsOf(text), 16, 16n);
    this.text = text;
  }
}

/** A network: an address and how many of its bits count. */
class CelCidr {
  readonly address: CelIp;
  readonly length: number;
  constructor(text: string) {
    const found = /^([^/]+)\/(\d+)$/.exec(text);
    const address = new CelIp(found?.[1] ?? '');
    const length = Number(found?.[2]);
    if (length > address.size) {
      throw new CelFault(
        `network address parse error during conversion from string: netip.ParsePrefix(${goQuote(text)}): prefix length out of range`,
      );
    }
    this.address = address;
    this.length = length;
  }

  /** The bits that count. */
  prefixOf({ bits, size }: CelIp): bigint {
    return bits >> BigInt(size - this.length);
  }

  has(address: CelIp): boolean {
    return address.size === this.address.size && this.prefixOf(address) === this.prefixOf(this.address);
  }
}

const ip = 'net.IP';
const cidr = 'net.CIDR';

/** Addresses and networks: `cidr('10.0.0.0/8').containsIP('10.1.2.3')`. */
export function registerNetworks(environment: Environment, register: Register): void {
  environment.registerType(ip, CelIp);
  environment.registerType(cidr, CelCidr);
  const same = (a: CelIp, b: CelIp) => a.size === b.size && a.bits === b.bits;
  environment.registerOperator(`${ip} == ${ip}`, same);
  environment.registerOperator(
    `${cidr} == ${cidr}`,
    (a: CelCidr, b: CelCidr) => same(a.address, b.address) && a.length === b.length,
  );
  register(`ip(string): ${ip}`, (text: string) => new CelIp(text));
  register('isIP(string): bool', (text: string) => isParsed(() => new CelIp(text)));
  register(`string(${ip}): string`, ({ text }: CelIp) => text);
  register(`${ip}.family(): int`, ({ size }: CelIp) => (size === 32 ? 4n : 6n));
  register(`${ip}.isUnspecified(): bool`, ({ bits }: CelIp) => bits === 0n);
  register(`${ip}.isLoopback(): bool`, ({ bits, size }: CelIp) =>
    size === 32 ? bits >> 24n === 127n : bits === 1n,
  );
  register(`${ip}.isLinkLocalUnicast(): bool`, isLinkLocal);
  register(`${ip}.isLinkLocalMulticast(): bool`, ({ bits, size }: CelIp) =>
    size === 32 ? bits >> 8n === 0xe00000n : bits >> 112n === 0xff02n,
  );
  register(`${ip}.isGlobalUnicast(): bool`, isGlobal);
  registerCidrs(register);
}

function registerCidrs(register: Register): void {
  register(`cidr(string): ${cidr}`, (text: string) => new CelCidr(text));
  register('isCIDR(string): bool', (text: string) => isParsed(() => new CelCidr(text)));
  register(`string(${cidr}): string`, ({ address, length }: CelCidr) => `${address.text}/${String(length)}`);
  register(`${cidr}.containsIP(string): bool`, (network: CelCidr, text: string) =>
    network.has(new CelIp(text)),
  );
  register(`${cidr}.containsIP(${ip}): bool`, (network: CelCidr, address: CelIp) => network.has(address));
  register(`${cidr}.containsCIDR(string): bool`, (network: CelCidr, text: string) =>
    isWithin(network, new CelCidr(text)),
  );
  register(`${cidr}.containsCIDR(${cidr}): bool`, isWithin);
  register(`${cidr}.ip(): ${ip}`, ({ address }: CelCidr) => address);
  register(`${cidr}.prefixLength(): int`, ({ length }: CelCidr) => BigInt(length));
}

function isWithin(network: CelCidr, other: CelCidr): boolean {
  return other.length >= network.length && network.has(other.address);
}

function isLinkLocal({ bits, size }: CelIp): boolean {
  return size === 32 ? bits >> 16n === 0xa9fen : bits >> 118n === 0x3fan;
}

function isGlobal(address: CelIp): boolean {
  const { bits, size } = address;
  const isMulticast = size === 32 ? bits >> 28n === 0xen : bits >> 120n === 0xffn;
  const isLoopback = size === 32 ? bits >> 24n === 127n : bits === 1n;
  const isBroadcast = size === 32 && bits === 0xffffffffn;
  return bits !== 0n && !isBroadcast && !isLoopback && !isMulticast && !isLinkLocal(address);
}

function isParsed(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    if (error instanceof CelFault) return false;
    throw error;
  }
}

function bitsOf(parts: readonly string[], base: number, width: bigint): bigint {
  return parts.reduce((bits, part) => (bits << width) | BigInt(Number.parseInt(part, base)), 0n);
}

/** The eight groups of an IPv6 address, zeros that were left out included. */
function groupsOf(text: string): string[] {
  const plain = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number);
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
  const [head = '', tail] = plain.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array.from({ length: missing }, () => '0'), ...after];
}
