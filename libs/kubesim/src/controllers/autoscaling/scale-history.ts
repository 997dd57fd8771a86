/** A number of pods at a time. */
interface Timed {
  readonly pods: number;
  readonly atMs: number;
}

/** No window and no period of an autoscaler's behavior is longer. */
const longestMs = 3_600_000;

/** What was recommended for a target and what was done to it, for as long as an autoscaler may look back. */
export class ScaleHistory {
  #recommended: readonly Timed[] = [];
  #changes: readonly Timed[] = [];

  /** Takes the present number for a recommendation when there is none yet. */
  begin(replicas: number, nowMs: number): void {
    if (this.#recommended.length === 0) this.recommend(replicas, nowMs);
  }

  recommend(replicas: number, nowMs: number): void {
    this.#recommended = withNew(this.#recommended, { pods: replicas, atMs: nowMs });
  }

  /** All that was recommended after a time. */
  recommendedAfter(ms: number): readonly number[] {
    return after(this.#recommended, ms);
  }

  /** Notes how many pods were added, or taken away below zero. */
  change(pods: number, nowMs: number): void {
    this.#changes = withNew(this.#changes, { pods, atMs: nowMs });
  }

  /** How many pods were added after a time, less those that were taken away. */
  changedAfter(ms: number): number {
    return after(this.#changes, ms).reduce((sum, pods) => sum + pods, 0);
  }
}

function withNew(known: readonly Timed[], one: Timed): readonly Timed[] {
  return [...known.filter(({ atMs }) => atMs > one.atMs - longestMs), one];
}

function after(known: readonly Timed[], ms: number): readonly number[] {
  return known.flatMap(({ pods, atMs }) => (atMs > ms ? [pods] : []));
}
