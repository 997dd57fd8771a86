import type { RenderedChart } from './helm.ts';

/** What an error takes in memory, about. */
const errorCharacters = 1_000;

/**
 * Outputs of charts by the keys of their requests, so that a chart is rendered once for all clusters whose values are the
 * same, however many want it at once. What a limit ended is not kept, since the machine may have been busy. What was not
 * wanted for longest goes first when it is full.
 */
export class KeptOutputs {
  readonly #mostCharacters: number;
  readonly #outputs = new Map<string, RenderedChart>();
  readonly #running = new Map<string, Promise<RenderedChart>>();
  #characters = 0;

  constructor(mostCharacters = 64 * 1024 * 1024) {
    this.#mostCharacters = mostCharacters;
  }

  /** The output of a key, if it is kept. */
  get(key: string): RenderedChart | undefined {
    const output = this.#outputs.get(key);
    if (output) {
      this.#outputs.delete(key);
      this.#outputs.set(key, output);
    }
    return output;
  }

  /**
   * The output of a key: kept, of a rendering under way, or of `render`. Whoever joins a rendering that fails, because the
   * one who began it has left, begins another. Throws what its own `render` throws, and the signal's reason.
   */
  async obtain(
    key: string,
    render: () => Promise<RenderedChart>,
    signal: AbortSignal,
  ): Promise<RenderedChart> {
    for (;;) {
      signal.throwIfAborted();
      const kept = this.get(key);
      if (kept) return kept;
      const running = this.#running.get(key);
      if (!running) return this.#run(key, render);
      const joined = await joinedWith(running, signal);
      if (joined) return joined;
    }
  }

  async #run(key: string, render: () => Promise<RenderedChart>): Promise<RenderedChart> {
    const running = render();
    this.#running.set(key, running);
    try {
      const output = await running;
      if (!('errors' in output && output.isLimit === true)) this.#keep(key, output);
      return output;
    } finally {
      this.#running.delete(key);
    }
  }

  #keep(key: string, output: RenderedChart): void {
    this.#characters += sizeOf(output);
    this.#outputs.set(key, output);
    for (const [oldest, old] of this.#outputs) {
      if (this.#characters <= this.#mostCharacters) return;
      this.#outputs.delete(oldest);
      this.#characters -= sizeOf(old);
    }
  }
}

function sizeOf(output: RenderedChart): number {
  return 'text' in output ? output.text.length : output.errors.length * errorCharacters;
}

/** What somebody else's rendering gives; undefined when it fails. */
function joinedWith(
  running: Promise<RenderedChart>,
  signal: AbortSignal,
): Promise<RenderedChart | undefined> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason as Error);
    signal.addEventListener('abort', leave, { once: true });
    void running
      .then(resolve, () => resolve(undefined))
      .finally(() => signal.removeEventListener('abort', leave));
  });
}
