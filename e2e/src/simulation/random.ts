/** Reproducible randomness: the same seed gives the same values for ever. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number in [low, high]. */
  whole(low: number, high: number): number;
  chance(share: number): boolean;
  /** One of the items; throws for none. */
  pick<T>(items: readonly T[]): T;
  /** An item by weights that need not sum up to anything. */
  weighted<T extends { readonly weight: number }>(items: readonly T[]): T;
  /** Randomness of its own, so that one part of the world can change without changing the others. */
  fork(): Random;
}

/** Makes randomness of a seed (the generator is mulberry32). */
export function createRandom(seed: number): Random {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const whole = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    whole,
    chance: (share) => next() < share,
    pick(items) {
      const item = items[whole(0, items.length - 1)];
      if (item === undefined) throw new TypeError('there is nothing to pick from');
      return item;
    },
    weighted(items) {
      let left = next() * items.reduce((sum, { weight }) => sum + weight, 0);
      for (const item of items) {
        left -= item.weight;
        if (left < 0) return item;
      }
      return this.pick(items);
    },
    fork: () => createRandom(whole(0, 0xffff_ffff)),
  };
}
