/** Random numbers in [0, 1) that come again with their seed (mulberry32), and what is drawn with them. */
export interface Dice {
  next(): number;
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number;
  /** True so often in a hundred times. */
  percent(share: number): boolean;
}

/** Dice of a seed. */
export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    below: (limit) => Math.floor(next() * limit),
    percent: (share) => next() * 100 < share,
  };
}
