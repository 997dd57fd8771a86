import { approvalNeeded } from '@meridian/rollout';
import type { RolloutState } from '@meridian/rollout';
import type { Random } from './random.ts';

/** What an operator can see when they decide. */
export interface Sight {
  readonly application: string;
  readonly state: RolloutState;
  readonly clusters: readonly string[];
  readonly random: Random;
  /** Unlike any other in this world. */
  readonly reason: string;
}

/** One thing that a person does to an application. */
export interface Verb {
  readonly name: string;
  readonly weight: number;
  /** Done again and again once the world is calm, until nothing needs it any more. */
  readonly isDuty?: true;
  /** The ledger has a record of it with its reason once it is acknowledged, under this word of its subject. */
  readonly record?: string;
  /** The command; undefined when there is nothing to do it to. */
  readonly make: (sight: Sight) => object | undefined;
}

const author = 'ada';

/** Everything that people do beside committing. To teach the simulator another verb, add a line. */
export const verbs: readonly Verb[] = [
  {
    name: 'approve',
    weight: 4,
    isDuty: true,
    record: 'approval',
    make({ application, state, reason }) {
      const needed = approvalNeeded(state);
      if (!needed) return undefined;
      const { release, deletions } = needed;
      return { kind: 'approveDeletions', application, release, deletions, author, reason };
    },
  },
  {
    name: 'approve another release',
    weight: 1,
    record: 'approval',
    make({ application, state, random, reason }) {
      const release = random.pick([state.target, ...state.history]).release;
      const digest = typeof release === 'string' ? release : release.digest;
      return { kind: 'approveDeletions', application, release: digest, author, reason };
    },
  },
  {
    name: 'retry',
    weight: 4,
    isDuty: true,
    record: 'verb',
    make: ({ application, state, reason }) =>
      state.phase === 'halted'
        ? {
            kind: 'askRollout',
            verb: 'retry',
            application,
            release: state.target.release.digest,
            author,
            reason,
          }
        : undefined,
  },
  {
    name: 'pause',
    weight: 1,
    record: 'pause',
    make: ({ application, clusters, random, reason }) => ({
      kind: 'pause',
      application,
      cluster: random.pick(clusters),
      forMs: random.whole(1_000, 15_000),
      author,
      reason,
    }),
  },
  {
    name: 'resume',
    weight: 1,
    record: 'pause',
    make: ({ application, clusters, random, reason }) => ({
      kind: 'resume',
      application,
      cluster: random.pick(clusters),
      author,
      reason,
    }),
  },
];
