import type { Stage } from './stage.ts';

/** One thing that somebody does to a cluster, and how to know that the cluster is done with it. */
export interface Step {
  readonly does: (stage: Stage) => Promise<unknown>;
  /** Returns when the cluster has come to what the step is about; what else there is to see may still settle. */
  readonly until?: (stage: Stage) => Promise<void>;
}

/** What is played on every cluster alike; after each step the same must be seen on all. */
export interface Script {
  readonly title: string;
  /** Resources whose objects are compared. */
  readonly sees: readonly string[];
  readonly steps: readonly Step[];
}

/** A script. */
export function script(title: string, sees: readonly string[], ...steps: readonly Step[]): Script {
  return { title, sees, steps };
}

/** A step. */
export function step(does: Step['does'], until?: Step['until']): Step {
  return until === undefined ? { does } : { does, until };
}
