import { approvalNeeded } from '@meridian/rollout';
import type { RolloutState } from '@meridian/rollout';
import type { HoldWord } from './history.ts';
import type { Random } from './random.ts';
import { projectOf } from './repo.ts';

/** What an operator can see when they decide. */
export interface Sight {
  readonly application: string;
  readonly state: RolloutState;
  readonly clusters: readonly string[];
  readonly random: Random;
  /** Unlike any other in this world. */
  readonly reason: string;
  /** The release that git says, when it can be had. */
  readonly git: string | undefined;
  /** Holds that nobody has released. */
  readonly holds: readonly HoldWord[];
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

type Held = Pick<HoldWord, 'scope' | 'name'>;

const author = 'ada';

/** Whether what a person asks of a rollout is so already: then it is answered, and nothing is written down. */
export function isSo(asked: string, state: RolloutState): boolean {
  const isPaused = 'paused' in state && state.paused !== undefined;
  if (asked === 'pause') return isPaused;
  if (asked === 'resume') return !isPaused;
  if (asked === 'abort') return state.phase === 'aborted';
  if (asked === 'breakGlass') return state.target.windowsBroken !== undefined;
  return asked === 'start' && (state.phase === 'progressing' || state.phase === 'rollingBack');
}

/** What a person asks of the rollout that they see. */
function ask(verb: string, { application, state, reason }: Sight, more: object = {}): object {
  const { digest } = state.target.release;
  return { kind: 'askRollout', verb, application, release: digest, author, reason, ...more };
}

const isMoving = ({ state }: Sight) => state.phase === 'progressing' || state.phase === 'rollingBack';
const isPaused = ({ state }: Sight) => 'paused' in state && state.paused !== undefined;
const isQueuedForMissing = ({ state, git }: Sight) =>
  state.phase === 'progressing' &&
  state.queued !== undefined &&
  state.queued.release === git &&
  (state.holds ?? []).some(
    ({ scope, reason }) => scope === 'dependency' && reason.startsWith('it does not run there'),
  );
const needsStart = ({ state }: Sight) =>
  (state.phase === 'waiting' && state.needs === 'start') ||
  state.phase === 'aborted' ||
  (state.pin !== undefined && state.phase !== 'rollingBack');

/** Asks a verb of the rollout while something is so. */
function verb(name: string, weight: number, isSensible: (sight: Sight) => boolean): Verb {
  return {
    name,
    weight,
    record: 'verb',
    make: (sight) => (isSensible(sight) ? ask(name, sight) : undefined),
  };
}

function someHold({ application, clusters, random }: Sight): Held {
  const project = projectOf(application);
  return random.pick<Held>([
    { scope: 'fleet', name: '' },
    { scope: 'application', name: application },
    { scope: 'cluster', name: random.pick(clusters) },
    { scope: 'cluster', name: random.pick(clusters) },
    ...(project === undefined ? [] : [{ scope: 'project' as const, name: project }]),
  ]);
}

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
  { ...verb('retry', 3, ({ state }) => state.phase === 'halted'), isDuty: true },
  verb('pause', 2, isMoving),
  { ...verb('resume', 3, isPaused), isDuty: true },
  verb('abort', 1, () => true),
  // A release that queues behind one that waits for what is not there would do so for ever: the docs leave that to a person.
  { ...verb('abort', 0, isQueuedForMissing), isDuty: true },
  verb('promote', 2, ({ state }) => state.stages.some(({ phase }) => phase === 'soaking')),
  verb('breakGlass', 2, ({ state }) => state.target.windows !== undefined),
  verb('rollback', 2, ({ state }) => state.phase !== 'waiting'),
  {
    name: 'roll back to a release that is kept',
    weight: 1,
    record: 'verb',
    make: (sight) =>
      sight.state.kept.length === 0
        ? undefined
        : ask('rollback', sight, { to: sight.random.pick(sight.state.kept).digest }),
  },
  {
    name: 'start',
    weight: 3,
    isDuty: true,
    record: 'verb',
    make: (sight) =>
      sight.git !== undefined && needsStart(sight) ? ask('start', sight, { release: sight.git }) : undefined,
  },
  {
    name: 'hold',
    weight: 2,
    record: 'hold',
    make(sight) {
      const { random, reason } = sight;
      const until = random.chance(0.5) ? { forMs: random.whole(1_000, 20_000) } : {};
      return { kind: 'hold', ...someHold(sight), author, reason, ...until };
    },
  },
  {
    name: 'release a hold',
    weight: 3,
    isDuty: true,
    record: 'hold',
    make({ holds, random, reason }) {
      if (holds.length === 0) return undefined;
      const { scope, name } = random.pick(holds);
      return { kind: 'releaseHold', scope, name, author, reason };
    },
  },
  {
    name: 'pause in a cluster',
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
    name: 'resume in a cluster',
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
