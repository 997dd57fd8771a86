import { begin } from './begin.ts';
import { isEqual, leftContent, stillLeft } from './content.ts';
import type { Decision } from './events.ts';
import { unchanged } from './unchanged.ts';
import type {
  Deletions,
  GoodRelease,
  Moving,
  Pin,
  Return,
  RolloutState,
  StageOrder,
  StageProgress,
} from './state.ts';
import { commonOf, ended, releaseText } from './step.ts';

/** Where to go back to, why, and what is known of what goes there. */
export interface WayBack {
  readonly to: GoodRelease;
  readonly back: Omit<Return, 'from' | 'fromRevision'>;
  readonly removals?: Deletions | undefined;
}

/**
 * Sends the fleet back to an earlier release, in reverse order of the stages, without soaks. Clusters that run it already
 * stay as they are, and so do those that it does not know: going back never withdraws. The release that git says stays
 * pinned out until a newer one comes or a person starts it; one that is newer than that goes on waiting for the end.
 */
export function rolledBack(state: RolloutState, way: WayBack, nowMs: number): Decision {
  const { to, back } = way;
  const order = state.target.order ?? state.stages.map(orderOf);
  const stages = stagesBack(state, to, order);
  if (stages.length === 0)
    return unchanged(state, `every cluster that ${releaseText(to.release)} knows runs it already`);
  const left = state.target;
  const target = {
    number: left.number + 1,
    release: to.release,
    policy: to.policy,
    strategy: left.strategy,
    ...(left.project === undefined ? {} : { project: left.project }),
    withdrawals: [],
    removals: {},
    // Unknown means none: then agents are thought to hold fewer objects, and may delete fewer unasked.
    dropped: way.removals ?? {},
    back: { ...back, ...leftBy(state, to) },
    order,
    startedAtMs: nowMs,
  };
  const moving: Moving = {
    ...commonOf(state),
    phase: 'rollingBack',
    reason: '',
    target,
    history: ended(state, nowMs),
    lastGood: to,
    kept: state.kept.map((one) => (one.digest === left.release.digest ? { ...one, leftAtMs: nowMs } : one)),
    pin: pinOf(state, way, nowMs),
    stage: 0,
    stages,
  };
  return begin({ state: moving, effects: [] }, nowMs);
}

function orderOf({ name, maxConcurrent, clusters }: StageProgress): StageOrder {
  return { name, maxConcurrent, clusters: clusters.map((cluster) => cluster.name) };
}

/** What a rollback leaves; one that was given up and begins again leaves what it left before. */
function leftBy({ target }: RolloutState, { release }: GoodRelease): Pick<Return, 'from' | 'fromRevision'> {
  const { back } = target;
  if (back && target.release.digest === release.digest)
    return { from: back.from, fromRevision: back.fromRevision };
  return { from: target.release.digest, fromRevision: target.release.revision };
}

function stagesBack(
  state: RolloutState,
  { release, policy }: GoodRelease,
  order: readonly StageOrder[],
): StageProgress[] {
  const { back, policy: present } = state.target;
  const isSamePolicy = isEqual(policy, present);
  const waiting = new Set(
    state.stages.flatMap(({ clusters }) =>
      clusters.flatMap(({ name, phase }) => (phase === 'waiting' ? [name] : [])),
    ),
  );
  // Whoever waits for a rollback that was given up still has what that one leaves, by a policy that nobody remembers.
  const isOtherwise = (name: string) => (waiting.has(name) ? back !== undefined : !isSamePolicy);
  const isElsewhere = (name: string) => {
    const bundle = release.bundles[name];
    return bundle !== undefined && (bundle.digest !== state.placed[name]?.bundle || isOtherwise(name));
  };
  return [...order].reverse().flatMap(({ name, maxConcurrent, clusters }): StageProgress[] => {
    const away = clusters.filter(isElsewhere);
    if (away.length === 0) return [];
    return [
      {
        name,
        phase: 'waiting',
        maxConcurrent: Math.min(maxConcurrent, away.length),
        soakMs: 0,
        clusters: away.map((cluster) => ({ name: cluster, phase: 'waiting', message: '' })),
      },
    ];
  });
}

/** Git goes on saying what it said before: a second way back leaves the same release. */
function pinOf(state: RolloutState, { to, back }: WayBack, nowMs: number): Pin {
  const git = state.pin ? stillLeft(state.pin, to.release) : leftContent(state.target, to.release);
  return { ...git, ...back, sinceMs: nowMs };
}
