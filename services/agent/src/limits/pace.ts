import type { ChangeRate } from '@meridian/fleet';

/** What is paced: objects that are made or changed, and objects that are deleted, which have a share of their own. */
export type Share = 'writes' | 'deletions';

/**
 * Spreads writes over time. It never waits itself: an application that gets no permit goes on with other work and comes
 * again at `nextAtMs`. Applications get theirs in the order in which they came, so that a large one holds no other up.
 */
export interface Pace {
  /** Whether this application may write, or delete, one object now. Times are monotonic milliseconds. */
  take(share: Share, application: string, nowMs: number): boolean;
  /** When an application that got no permit is next to get one. */
  nextAtMs(share: Share, application: string, nowMs: number): number;
  /** Other limits from now on; undefined lets everything through. */
  set(rate: ChangeRate | undefined, nowMs: number): void;
}

/** How long after its time an application that does not come loses its place. */
const patienceMs = 2_000;

const minuteMs = 60_000;

/** Makes a pace without limits. */
export function createPace(): Pace {
  const buckets: { [share in Share]: Bucket | undefined } = { writes: undefined, deletions: undefined };
  return {
    take: (share, application, nowMs) => buckets[share]?.take(application, nowMs) ?? true,
    nextAtMs: (share, application, nowMs) => buckets[share]?.nextAtMs(application, nowMs) ?? nowMs,
    set(rate, nowMs) {
      buckets.writes = bucketFor(buckets.writes, rate?.writesPerMinute, nowMs);
      buckets.deletions = bucketFor(buckets.deletions, rate?.deletionsPerMinute, nowMs);
    },
  };
}

function bucketFor(
  before: Bucket | undefined,
  perMinute: number | undefined,
  nowMs: number,
): Bucket | undefined {
  if (perMinute === undefined) return undefined;
  return before?.perMinute === perMinute ? before : new Bucket(perMinute, nowMs, before?.permits(nowMs));
}

/**
 * Permits that grow with time up to a quarter of a minute's. However they are used, no minute sees more of them than it
 * should: what may be saved up and what grows in a minute are together no more than that.
 */
class Bucket {
  readonly perMinute: number;
  readonly #most: number;
  readonly #msForOne: number;
  #permits: number;
  #atMs: number;
  /** Applications that wait, first come first, with the time at which each can have its permit. */
  readonly #waiting = new Map<string, number>();

  /** One that starts has a single permit, so that an agent that is started again and again writes no more than another. */
  constructor(perMinute: number, nowMs: number, permits = 1) {
    this.perMinute = perMinute;
    this.#most = Math.max(1, Math.floor(perMinute / 4));
    this.#msForOne = minuteMs / (perMinute - this.#most + 1);
    this.#permits = Math.min(permits, this.#most);
    this.#atMs = nowMs;
  }

  permits(nowMs: number): number {
    const grown = Math.max(0, nowMs - this.#atMs) / this.#msForOne;
    this.#permits = Math.min(this.#most, this.#permits + grown);
    this.#atMs = Math.max(this.#atMs, nowMs);
    return this.#permits;
  }

  take(application: string, nowMs: number): boolean {
    this.#dropAbsent(nowMs);
    const ahead = this.#aheadOf(application);
    if (this.permits(nowMs) >= ahead + 1 - rounding) {
      this.#waiting.delete(application);
      this.#permits -= 1;
      return true;
    }
    this.#waiting.set(application, this.#dueAtMs(ahead, nowMs));
    return false;
  }

  nextAtMs(application: string, nowMs: number): number {
    return this.#dueAtMs(this.#aheadOf(application), nowMs);
  }

  #aheadOf(application: string): number {
    let ahead = 0;
    for (const waiting of this.#waiting.keys()) {
      if (waiting === application) break;
      ahead += 1;
    }
    return ahead;
  }

  #dueAtMs(ahead: number, nowMs: number): number {
    return nowMs + Math.max(0, ahead + 1 - this.permits(nowMs)) * this.#msForOne;
  }

  /** It was stopped, or has nothing to write any more. */
  #dropAbsent(nowMs: number): void {
    for (const [application, dueAtMs] of this.#waiting)
      if (dueAtMs + patienceMs < nowMs) this.#waiting.delete(application);
  }
}

/** Times are sums of fractions. */
const rounding = 1e-6;
