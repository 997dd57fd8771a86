import { begin } from './begin.ts';
import { isEqual, leftContent, stillLeft } from './content.ts';
import type { Decision } from './events.ts';
import { unchanged } from './unchanged.ts';
import type { Deletions, GoodRelease, Moving, Pin, Return, RolloutState, StageProgress } from './state.ts';
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
 * pinned out until a newer one comes or a person starts it.
 */
export function rolledBack(state: RolloutState, way: WayBack, nowMs: number): Decision {
  const { to, back } = way;
  const stages = stagesBack(state, to);
  if (stages.length === 0)
    return unchanged(state, `every cluster that ${releaseText(to.release)} knows runs it already`);
  const left = state.target;
  const target = {
    number: left.number + 1,
    release: to.release,
    policy: to.policy,
    strategy: left.strategy,
    withdrawals: [],
    removals: {},
    // Unknown means none: then agents are thought to hold fewer objects, and may delete fewer unasked.
    dropped: way.removals ?? {},
    back: { ...back, from: left.release.digest, fromRevision: left.release.revision },
    startedAtMs: nowMs,
  };
  const { queued: _, ...common } = commonOf(state);
  const moving: Moving = {
    ...common,
    phase: 'rollingBack',
    reason: '',
    target,
    history: ended(state, nowMs),
    lastGood: to,
    pin: pinOf(state, way, nowMs),
    stage: 0,
    stages,
  };
  return begin({ state: moving, effects: [] }, nowMs);
}

function stagesBack(state: RolloutState, { release, policy }: GoodRelease): StageProgress[] {
  const isSamePolicy = isEqual(policy, state.target.policy);
  const isElsewhere = (name: string, wasGiven: boolean) => {
    const bundle = release.bundles[name];
    if (bundle === undefined) return false;
    return bundle.digest !== state.placed[name]?.bundle || (wasGiven && !isSamePolicy);
  };
  return [...state.stages].reverse().flatMap(({ name, maxConcurrent, clusters }): StageProgress[] => {
    const away = clusters.filter((cluster) => isElsewhere(cluster.name, cluster.phase !== 'waiting'));
    if (away.length === 0) return [];
    const names = away.map((cluster) => cluster.name);
    return [
      {
        name,
        phase: 'waiting',
        maxConcurrent: Math.min(maxConcurrent, away.length),
        soakMs: 0,
        clusters: names.map((cluster) => ({ name: cluster, phase: 'waiting', message: '' })),
      },
    ];
  });
}

/** Git goes on saying what it said before: a second way back leaves the same release. */
function pinOf(state: RolloutState, { to, back }: WayBack, nowMs: number): Pin {
  const git = state.pin ? stillLeft(state.pin, to.release) : leftContent(state.target, to.release);
  return { ...git, ...back, sinceMs: nowMs };
}
