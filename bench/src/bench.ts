import type { Figure } from './figure.ts';

/** What a bench may use while it runs. */
export interface BenchContext {
  /** Aborts when the run is to end: at Ctrl-C. */
  readonly signal: AbortSignal;
  /** A line for the person who waits; it goes to stderr. */
  readonly progress: (line: string) => void;
}

/** Something that can be measured. It starts what it needs and leaves nothing behind. */
export interface Bench {
  readonly name: string;
  /** One sentence: what is measured, and against what. */
  readonly meaning: string;
  run(context: BenchContext): Promise<readonly Figure[]>;
}
