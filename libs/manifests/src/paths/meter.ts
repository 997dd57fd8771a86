import type { Json } from '../object.ts';

/** A search has cost more than it may. */
export class PathCostFault extends Error {
  override readonly name = 'PathCostFault';
}

/** Counts down what searches of one object cost. One step is about the work of looking at one value. */
export class Meter {
  #left: number;

  /** @param steps how many there may be in all. */
  constructor(steps: number) {
    this.#left = steps;
  }

  /** Takes steps off; throws PathCostFault when there are none left. */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw new PathCostFault('it takes too many steps');
  }

  /** Takes off what it costs to go through a whole value. */
  spendOn(value: Json): void {
    this.spend(1);
    if (typeof value !== 'object' || value === null) return;
    for (const item of Object.values(value) as readonly Json[]) this.spendOn(item);
  }
}
