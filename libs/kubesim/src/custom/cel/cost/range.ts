/** The least and the most that something may cost, or how many members it may have, in unsigned 64 bits that stop at their end. */
export interface Range {
  readonly min: bigint;
  readonly max: bigint;
}

/** What stands for "no limit". */
export const mostOfAll = 2n ** 64n - 1n;

/** What is not known at all. */
export const anySize: Range = { min: 0n, max: mostOfAll };

/** Costs of the smallest steps. */
export const nothing = exactly(0n);
export const one = exactly(1n);

/** Shares of a unit that going over a character, and a character of a pattern, cost. */
export const perCharacter = 0.1;
export const perPatternCharacter = 0.25;

/** Exactly so much. */
export function exactly(size: bigint): Range {
  return { min: size, max: size };
}

/** The sum of all. */
export function sum(...ranges: readonly Range[]): Range {
  return ranges.reduce((all, { min, max }) => ({ min: capped(all.min + min), max: capped(all.max + max) }), {
    min: 0n,
    max: 0n,
  });
}

/** So many times so much. */
export function times(a: Range, b: Range): Range {
  return { min: capped(a.min * b.min), max: capped(a.max * b.max) };
}

/** So many times a part of a unit, rounded up. */
export function share({ min, max }: Range, factor: number): Range {
  return { min: scaled(min, factor), max: scaled(max, factor) };
}

/** What holds both. */
export function union(a: Range, b: Range): Range {
  return { min: a.min < b.min ? a.min : b.min, max: a.max > b.max ? a.max : b.max };
}

/** A number of 64 bits at most. */
export function capped(value: bigint): bigint {
  return value > mostOfAll ? mostOfAll : value;
}

/** Through doubles as the real server does it, so that large numbers are rounded alike. */
function scaled(value: bigint, factor: number): bigint {
  const product = Math.ceil(Number(value) * factor);
  return product >= 2 ** 64 ? mostOfAll : BigInt(product);
}
