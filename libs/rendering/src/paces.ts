/** More than a fleet has applications; beyond it those that were rendered longest ago are forgotten. */
const mostApplications = 10_000;
/** Work that is given to a thread at once. It is called off as a whole, so it is little beside what a person waits for. */
const batchMs = 16;
/** Beyond this a message more or less costs nothing beside the renderings. */
const mostJobs = 16;

/** How quick applications were when they were last rendered, which says how much of their work can be given away at once. */
export class Paces {
  readonly #meanMs = new Map<string, number>();

  /** Notes that renderings of an application took so long, as a mean. */
  note(application: string, meanMs: number): void {
    // Noted last, forgotten last.
    this.#meanMs.delete(application);
    this.#meanMs.set(application, meanMs);
    if (this.#meanMs.size <= mostApplications) return;
    for (const [oldest] of this.#meanMs) {
      this.#meanMs.delete(oldest);
      return;
    }
  }

  /** Notes that nobody knows how long an application takes. */
  forget(application: string): void {
    this.#meanMs.delete(application);
  }

  /** How many jobs of an application are given away at once; undefined when its pace is not known. */
  batch(application: string): number | undefined {
    const meanMs = this.#meanMs.get(application);
    if (meanMs === undefined) return undefined;
    return Math.max(1, Math.min(mostJobs, Math.floor(batchMs / meanMs)));
  }
}
