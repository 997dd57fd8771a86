/** How often something is played at most: what is behaviour, and not chance, comes to the same each time. */
const mostTimes = 3;

/**
 * Plays what is compared between servers, and plays it again where it fails: real servers have caches and controllers that see
 * changes later at times. It is counted what had to be played again, because a comparison that fails often tells nothing when it holds.
 */
export class Replays {
  readonly #most: number;
  readonly #replayed: string[] = [];

  /** @param most How much may have to be played again. */
  constructor(most: number) {
    this.#most = most;
  }

  /** What was played again, and why. */
  get replayed(): readonly string[] {
    return this.#replayed;
  }

  /** Plays in a namespace, and where that fails at most twice more in namespaces of the same beginning. Throws what it failed with last. */
  async play(title: string, namespace: string, play: (namespace: string) => Promise<void>): Promise<void> {
    for (let time = 1; time < mostTimes; time += 1) {
      try {
        await play(time === 1 ? namespace : `${namespace}-${String(time)}`);
        return;
      } catch (error) {
        this.#replayed.push(`${title}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    await play(`${namespace}-${String(mostTimes)}`);
  }

  /** Throws when more had to be played again than may. */
  check(): void {
    if (this.#replayed.length <= this.#most) return;
    throw new Error(`more than ${String(this.#most)} had to be played again:\n${this.#replayed.join('\n')}`);
  }
}

/** Says what had to be played again, and throws when that was too much. */
export function tellReplays(replays: Replays): void {
  for (const one of replays.replayed) process.stderr.write(`played again: ${one}\n`);
  replays.check();
}
