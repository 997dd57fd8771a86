import type { Gate } from '@meridian/fleet';
import { isEqual } from './content.ts';
import type { ReleaseMade } from './events.ts';
import { checkMarkOf } from './gates/checks.ts';
import { hasGates } from './gates/gate-of.ts';
import { pausedBy } from './moving.ts';
import { planRemovals, planStages, planWithdrawals, windowsOf } from './plan.ts';
import type { ClusterProgress, Moving, Placed, RolloutState, StageProgress, Target } from './state.ts';
import { commonOf, ended, knownGeneration, nothingPlaced, withFloor } from './step.ts';

/**
 * The rollout to a release before its first step. What clusters have proven of it already is kept, and so is a pause of the
 * rollout whose place it takes: nobody has to pause a fleet anew whenever somebody commits.
 */
export function plan(state: RolloutState | undefined, event: ReleaseMade, nowMs: number): Moving {
  const placed = withFloors(state?.placed ?? {}, event);
  const stages = planStages(event.strategy, Object.keys(event.release.bundles), event.labels);
  const target = targetOf(event, placed, { number: (state?.target.number ?? 0) + 1, startedAtMs: nowMs });
  const {
    pin: _,
    queued: __,
    ...common
  } = state ? commonOf(state) : { application: event.release.application, kept: [] };
  return {
    ...common,
    version: hasGates(event.strategy) ? 3 : 2,
    ...heldFrom(event),
    phase: 'progressing',
    reason: '',
    target,
    placed,
    ...pauseOf(state),
    history: state ? ended(state, nowMs) : [],
    stage: 0,
    stages:
      state && isEqual(state.target.policy, event.policy)
        ? stages.map((stage) => withProven(stage, { state, event, nowMs }))
        : stages,
  };
}

function pauseOf(state: RolloutState | undefined): Pick<Moving, 'paused'> {
  const paused = state && pausedBy(state);
  return paused ? { paused } : {};
}

function heldFrom({ holds = [] }: ReleaseMade): Pick<Moving, 'holds'> {
  return holds.length > 0 ? { holds } : {};
}

function targetOf(
  event: ReleaseMade,
  placed: RolloutState['placed'],
  more: Pick<Target, 'number' | 'startedAtMs'>,
): Target {
  const { release, policy, strategy, project, dependsOn } = event;
  return {
    ...more,
    release,
    policy,
    strategy,
    ...(project === undefined ? {} : { project }),
    ...(hasGates(strategy) ? { checkMark: checkMarkOf(release) } : {}),
    ...(event.authors ? { authors: event.authors } : {}),
    ...(dependsOn === undefined ? {} : { dependsOn }),
    withdrawals: planWithdrawals(release, placed),
    removals: planRemovals(event, placed),
    dropped: Object.fromEntries(Object.entries(event.removals).filter(([, count]) => count > 0)),
    ...windowsOf(event),
  };
}

function withFloors(placed: RolloutState['placed'], event: ReleaseMade): RolloutState['placed'] {
  const raised: { [cluster: string]: Placed } = { ...placed };
  for (const [cluster, floor] of Object.entries(event.floors ?? {})) {
    const before = raised[cluster] ?? nothingPlaced;
    if (Number.isSafeInteger(floor) && floor > knownGeneration(before))
      raised[cluster] = withFloor(before, floor);
  }
  return raised;
}

interface Proving {
  readonly state: RolloutState;
  readonly event: ReleaseMade;
  readonly nowMs: number;
}

/**
 * A stage of a new rollout with what its clusters have proven already: one that is healthy with this very bundle and this
 * very policy is not given it again. A stage that passed with it has passed, unless gates are asked for after it by now that
 * were not when it did, as on a way back.
 */
function withProven(stage: StageProgress, proving: Proving): StageProgress {
  const found = stage.clusters.map((cluster) => provenBefore(stage.name, cluster.name, proving));
  if (found.every((one) => one === undefined)) return stage;
  const clusters = stage.clusters.map((cluster, index) => found[index]?.cluster ?? cluster);
  const hasPassed = found.every((one) => one?.hasPassed === true);
  return hasPassed
    ? { ...ungated(stage), clusters, phase: 'passed', passedAtMs: proving.nowMs }
    : { ...stage, clusters };
}

/** A stage that has passed already asks nothing more. */
function ungated({ before: _, after: __, ...stage }: StageProgress): StageProgress {
  return stage;
}

function provenBefore(
  stageName: string,
  name: string,
  { state, event }: Proving,
): { readonly cluster: ClusterProgress; readonly hasPassed: boolean } | undefined {
  if (state.placed[name]?.bundle !== event.release.bundles[name]?.digest) return undefined;
  for (const stage of state.stages) {
    const cluster = stage.clusters.find((one) => one.name === name);
    if (!cluster) continue;
    if (cluster.phase !== 'healthy') return undefined;
    const asked = gatesAfter(event.strategy, stageName);
    return { cluster, hasPassed: stage.phase === 'passed' && hasAsked(state, stage.name, asked) };
  }
  return undefined;
}

/** Whether a stage that passed had to pass these gates. A way back has the strategy of what it leaves, and asks for none of its gates. */
function hasAsked({ target }: RolloutState, stage: string, gates: readonly Gate[]): boolean {
  if (gates.length === 0) return true;
  return target.back === undefined && isEqual(gates, gatesAfter(target.strategy, stage));
}

function gatesAfter({ stages }: Target['strategy'], name: string): readonly Gate[] {
  return stages.find((stage) => stage.name === name)?.after ?? [];
}
