import type { Clock } from '@meridian/runtime';

interface Waiting {
  readonly atMs: number;
  readonly resolve: () => void;
}

/** Turns of the event loop that whoever was woken gets to act and wait again. */
const settlingTurns = 8;

/** A clock that stands still until it is told to go on, so that an hour of a cluster takes milliseconds. */
export class VirtualClock implements Clock {
  #nowMs: number;
  readonly #startMs: number;
  readonly #waiting = new Set<Waiting>();

  /** @param startMs Unix time at which it stands first. */
  constructor(startMs: number) {
    this.#nowMs = startMs;
    this.#startMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs - this.#startMs + 1;
  }

  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const waiting = { atMs: this.#nowMs + ms, resolve };
      this.#waiting.add(waiting);
      const end = () => {
        this.#waiting.delete(waiting);
        resolve();
      };
      signal.addEventListener('abort', end, { once: true });
    });
  }

  /** Lets time go on by `ms`, stopping at every moment that somebody waits for, until all have acted. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settle();
    for (let next = this.#next(endMs); next !== undefined; next = this.#next(endMs)) {
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#waiting.delete(next);
      next.resolve();
      await settle();
    }
    this.#nowMs = endMs;
  }

  #next(endMs: number): Waiting | undefined {
    return [...this.#waiting].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < settlingTurns; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
