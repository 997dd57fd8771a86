import type { Shape } from '@meridian/cel';
import { sizeOf } from './estimate.ts';
import type { Estimate } from './estimate.ts';
import {
  anySize,
  exactly,
  mostOfAll,
  nothing,
  one,
  perCharacter,
  perPatternCharacter,
  share,
  sum,
  times,
} from './range.ts';
import type { Range } from './range.ts';

/** What a call costs besides its arguments, and how large its result may be when that is known. */
export interface CallCost {
  readonly cost: Range;
  readonly size?: Range;
}

/** A call of a function, with a receiver when it has one. */
export interface Call {
  readonly target: Estimate | undefined;
  readonly given: readonly Estimate[];
  /** The size of what stands at a path of the schema. */
  readonly sizeAt: (path: readonly string[]) => Range | undefined;
}

type Reckon = (call: Call) => CallCost | undefined;

/** What a call of a function costs; functions that are not listed cost one step. */
export function callCost(name: string, call: Call): CallCost {
  const reckon = Object.hasOwn(functions, name) ? functions[name] : undefined;
  return reckon?.(call) ?? { cost: one };
}

/** The parts of a list are compared one by one, texts character by character. */
const overList: Reckon = ({ target, sizeAt }) => {
  if (target === undefined) return undefined;
  const { member } = target.shape;
  if (member === undefined) return { cost: share(sizeOf(target), perCharacter) };
  const cost = isText(member) ? sum(one, share(memberSize(target, sizeAt), perCharacter)) : one;
  return { cost: times(sizeOf(target), cost) };
};

function isText({ kind }: Shape): boolean {
  return kind === 'text' || kind === 'bytes';
}

function memberSize({ path }: Estimate, sizeAt: Call['sizeAt']): Range {
  return (path.length === 0 ? undefined : sizeAt([...path, '@items'])) ?? anySize;
}

/** Goes over a text so often; the result is as long unless told. */
function overTarget(factor: number): Reckon {
  return ({ target }) =>
    target === undefined ? undefined : { cost: share(sizeOf(target), factor), size: sizeOf(target) };
}

function overFirst(factor: number, keepsSize = false): Reckon {
  return ({ given: [first] }) => {
    if (first === undefined) return undefined;
    const cost = share(sizeOf(first), factor);
    return keepsSize ? { cost, size: sizeOf(first) } : { cost };
  };
}

/** A text that is held to a pattern: both lengths count. */
function patternCost(text: Range, pattern: Range): Range {
  return times(share(sum(text, one), perCharacter), share(pattern, perPatternCharacter));
}

const find: Reckon = ({ target, given: [pattern] }) =>
  target === undefined || pattern === undefined
    ? undefined
    : {
        cost: patternCost(sizeOf(target), sizeOf(pattern)),
        size: { min: 0n, max: sizeOf(target).max },
      };

const matches: Reckon = ({ target, given: [pattern] }) =>
  target === undefined || pattern === undefined
    ? undefined
    : { cost: patternCost(sizeOf(target), sizeOf(pattern)) };

const contains: Reckon = ({ target, given: [part] }) =>
  target === undefined || part === undefined
    ? undefined
    : { cost: times(share(sizeOf(target), perCharacter), share(sizeOf(part), perCharacter)) };

const replace: Reckon = ({ target, given: [from, to] }) => {
  if (target === undefined || from === undefined || to === undefined) return undefined;
  const size = sizeOf(target);
  return { cost: share(size, 2 * perCharacter), size: replacedSize(size, sizeOf(from), sizeOf(to)) };
};

/** An empty text is replaced around each character; else as many times as it may be there at most and at least. */
function replacedSize(size: Range, from: Range, to: Range): Range {
  const longest = replacements(size.max, from.min, to.max <= from.min);
  const shortest = replacements(size.min, from.max, from.max <= to.min);
  const count = { min: shortest.count, max: longest.count };
  return sum(times(count, to), { min: shortest.kept, max: longest.kept });
}

function replacements(size: bigint, from: bigint, keepsLength: boolean): { count: bigint; kept: bigint } {
  if (from === 0n) return { count: size < mostOfAll ? size + 1n : size, kept: size };
  if (keepsLength) return { count: 0n, kept: size };
  return { count: BigInt(Math.ceil(Number(size) / Number(from))), kept: 0n };
}

const split: Reckon = ({ target, given }) => {
  if (target === undefined) return undefined;
  const most = integerOf(given[1]);
  const max = most === undefined ? sizeOf(target).max : BigInt.asUintN(64, most);
  return { cost: share(sizeOf(target), 2 * perCharacter), size: { min: 0n, max } };
};

const join: Reckon = ({ target, given: [separator], sizeAt }) => {
  if (target === undefined) return undefined;
  const count = sizeOf(target);
  const parts = target.shape.member === undefined ? nothing : times(count, memberSize(target, sizeAt));
  const between = { min: count.min > 0n ? count.min - 1n : 0n, max: count.max > 0n ? count.max - 1n : 0n };
  const size = separator === undefined ? parts : sum(parts, times(sizeOf(separator), between));
  return { cost: share(size, perCharacter), size };
};

/** Addresses are compared byte by byte; those that are texts are read first. */
function withinNetwork(more: Range): Reckon {
  return ({ given: [other] }) => {
    if (other === undefined) return undefined;
    const reading =
      isText(other.shape) || other.shape.kind === 'dyn' ? share(sizeOf(other), perCharacter) : nothing;
    return { cost: sum(share({ min: 8n, max: 32n }, perCharacter), more, reading) };
  };
}

const address: Reckon = (call) => (call.target === undefined ? overFirst(perCharacter)(call) : { cost: one });

const longestFormat = 128;

const validate: Reckon = ({ given: [text] }) =>
  text === undefined
    ? undefined
    : { cost: share(share(sizeOf(text), perCharacter), longestFormat * perPatternCharacter) };

/** Two lists of which each member is compared with each other one. */
function ofSets(factor: number): Reckon {
  return ({ given: [a, b] }) =>
    a === undefined || b === undefined
      ? undefined
      : { cost: sum(share(times(sizeOf(a), sizeOf(b)), factor), one) };
}

function newList(size: Range, factor: number): CallCost {
  return { cost: sum(share(size, factor), one, exactly(10n)), size };
}

const slice: Reckon = ({ target, given: [start, end] }) => {
  if (target === undefined) return undefined;
  const from = naturalOf(start) ?? 0n;
  const to = naturalOf(end) ?? sizeOf(target).max;
  return newList(exactly(BigInt.asUintN(64, to - from)), 1);
};

const flatten: Reckon = ({ target, given: [depth] }) =>
  target === undefined
    ? undefined
    : newList(sizeOf(target), depth === undefined ? 1 : Number(naturalOf(depth) ?? mostOfAll));

function overPairs(factor: (of: Estimate) => number): Reckon {
  return ({ target }) =>
    target === undefined ? undefined : newList(times(sizeOf(target), sizeOf(target)), factor(target));
}

/** What sorting a list by keys of a size costs. */
export function sortCost(keys: Range, member: Shape | undefined): CallCost {
  return newList(times(keys, keys), sortFactor(member));
}

function sortFactor(member: Shape | undefined): number {
  return member !== undefined && isText(member) ? 2 + perCharacter : 2;
}

/** A literal integer. */
function integerOf(estimate: Estimate | undefined): bigint | undefined {
  const node = estimate?.node;
  if (node?.op === 'value') return typeof node.args === 'bigint' ? node.args : undefined;
  if (node?.op !== '-_' || node.args.op !== 'value') return undefined;
  return typeof node.args.args === 'bigint' ? -node.args.args : undefined;
}

function naturalOf(estimate: Estimate | undefined): bigint | undefined {
  const value = integerOf(estimate);
  return value !== undefined && value < 0n ? 0n : value;
}

/** Reads bytes as a text or a text as bytes; a character takes four bytes at most. */
const toText: Reckon = ({ given: [from] }) => {
  if (from?.shape.kind !== 'bytes' && from?.shape.kind !== 'dyn') return undefined;
  const { min, max } = sizeOf(from);
  return { cost: share({ min, max }, perCharacter), size: { min: min / 4n, max } };
};

const toBytes: Reckon = ({ given: [from] }) => {
  if (from?.shape.kind !== 'text' && from?.shape.kind !== 'dyn') return undefined;
  const { min, max } = sizeOf(from);
  return { cost: share({ min, max }, perCharacter), size: { min, max: BigInt.asUintN(64, max * 4n) } };
};

const quote: Reckon = ({ given: [text] }) => {
  if (text === undefined) return undefined;
  const { min, max } = sizeOf(text);
  return {
    cost: share({ min, max }, perCharacter),
    size: { min: BigInt.asUintN(64, min + 2n), max: BigInt.asUintN(64, max * 2n + 2n) },
  };
};

const lengthOfFirst: Reckon = ({ given: [text] }) =>
  text === undefined ? undefined : { cost: share(sizeOf(text), perCharacter) };

const functions: Readonly<Record<string, Reckon>> = {
  isSorted: overList,
  sum: overList,
  max: overList,
  min: overList,
  indexOf: overList,
  lastIndexOf: overList,
  url: overFirst(perCharacter, true),
  lowerAscii: overTarget(perCharacter),
  upperAscii: overTarget(perCharacter),
  substring: overTarget(perCharacter),
  trim: overTarget(perCharacter),
  replace,
  split,
  join,
  find,
  findAll: find,
  matches,
  contains,
  startsWith: lengthOfFirst,
  endsWith: lengthOfFirst,
  format: ({ target }) => (target === undefined ? undefined : { cost: share(sizeOf(target), perCharacter) }),
  cidr: overFirst(perCharacter),
  isIP: overFirst(perCharacter),
  isCIDR: overFirst(perCharacter),
  ip: address,
  'ip.isCanonical': overFirst(2 * perCharacter),
  containsIP: withinNetwork(nothing),
  containsCIDR: withinNetwork(sum(share({ min: 4n, max: 16n }, perCharacter), one)),
  quantity: overFirst(perCharacter),
  isQuantity: overFirst(perCharacter),
  semver: overFirst(perCharacter),
  isSemver: overFirst(perCharacter),
  validate,
  'sets.contains': ofSets(1),
  'sets.intersects': ofSets(1),
  'sets.equivalent': ofSets(2),
  'lists.range': ({ given: [size] }) => newList(exactly(naturalOf(size) ?? mostOfAll), 1),
  slice,
  flatten,
  reverse: ({ target }) => (target === undefined ? undefined : newList(sizeOf(target), 1)),
  distinct: overPairs(() => 2),
  sort: overPairs(({ shape }) => sortFactor(shape.member)),
  string: toText,
  bytes: toBytes,
  'strings.quote': quote,
};
