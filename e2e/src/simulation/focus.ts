import type { StageGates } from './gate-author.ts';
import type { Weather } from './network.ts';
import type { Plan } from './plan.ts';
import type { Random } from './random.ts';
import type { ApplicationSpec, StageSpec } from './repo.ts';

/**
 * A kind of world in which something happens again and again that is rare in the others. It has only the faults, commits and
 * words that are named; what it does not say is drawn as everywhere.
 */
export interface Focus {
  readonly name: string;
  readonly plan: Partial<Plan>;
  /** What every strategy and every stage has. */
  readonly rules: Partial<
    Pick<
      ApplicationSpec,
      'windows' | 'start' | 'onNewer' | 'onBreach' | 'failureBudget' | 'progressDeadlineMs'
    >
  >;
  readonly stage: Partial<Omit<StageSpec, 'tier' | keyof StageGates>>;
  /** Draws the gates of a stage, where it has any. */
  readonly gates?: (random: Random, tier: string) => StageGates;
  readonly changes: readonly string[];
  readonly faults: readonly string[];
  /** Said before the calm; the duties after it are everybody's. */
  readonly verbs: readonly string[];
}

const fine: Weather = { loss: 0, repeats: 0, slow: 0 };
/** A plan in which nothing goes wrong but what a focus names. */
export const quiet: Partial<Plan> = {
  weather: fine,
  isSkewed: false,
  losesLedger: false,
  lag: 0,
  breaks: 0,
  calmAtMs: 75_000,
  hasGates: false,
  hasDependencies: false,
};
/** Rules under which a rollout goes its way without anybody. */
export const plain: Focus['rules'] = {
  windows: [],
  start: 'automatic',
  onNewer: 'supersede',
  failureBudget: 0,
};
