import type { FleetEvent } from '@meridian/fleet';
import { pausedBy } from './moving.ts';
import { deletionAllowance, keptObjects } from './plan.ts';
import type { AssignEffect, Decision, ReissueEffect, RolloutEffect } from './events.ts';
import type {
  ClusterProgress,
  EndedRollout,
  Placed,
  Moving,
  RolloutState,
  StageProgress,
  Target,
} from './state.ts';

const historyLength = 5;

/** What is known of a cluster before anything was assigned to it. */
export const nothingPlaced: Placed = { generation: 0, objects: 0, held: 0, allowedDeletions: 0 };

/** A step under way: the state so far and what has to be done about it. */
export interface Step<S extends RolloutState = RolloutState> {
  readonly state: S;
  readonly effects: readonly RolloutEffect[];
}

/** A step as the decision it is; `otherwise` is the reason when it changed nothing. */
export function decided(before: RolloutState, step: Step, otherwise: string): Decision {
  const reason = step.state === before ? otherwise : step.state.reason;
  return { next: step.state, effects: step.effects, reason };
}

/** The first 12 hex digits of a digest, as people quote it. */
export function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12);
}

/** `release 0f2c… (revision 1a2b3c4)`. */
export function releaseText(release: { readonly digest: string; readonly revision: string }): string {
  return `release ${shortDigest(release.digest)} (revision ${release.revision.slice(0, 7)})`;
}

/** An event effect about the rollout's application and revision. */
export function eventEffect(
  target: Target,
  type: string,
  message: string,
  more: { atMs: number; level?: FleetEvent['level']; cluster?: string },
): RolloutEffect {
  const { application, revision } = target.release;
  return { kind: 'event', event: { level: 'info', ...more, type, application, revision, message } };
}

/** Puts a changed cluster in the place of the one with its name. */
export function withCluster(stage: StageProgress, changed: ClusterProgress): StageProgress {
  return {
    ...stage,
    clusters: stage.clusters.map((cluster) => (cluster.name === changed.name ? changed : cluster)),
  };
}

/** Puts a changed stage at an index. */
export function withStage<S extends RolloutState>(state: S, index: number, changed: StageProgress): S {
  return { ...state, stages: state.stages.map((stage, at) => (at === index ? changed : stage)) };
}

/** Highest generation of a cluster that anybody has heard of. */
export function knownGeneration(placed: Placed): number {
  return Math.max(placed.generation, placed.floor ?? 0);
}

/** What is placed, once its agent has shown a higher generation; what it refused at the one before is of the past. */
export function withFloor(placed: Placed, floor: number): Placed {
  const { refused: _, leave: __, ...kept } = placed;
  return { ...kept, floor };
}

/**
 * Assigns a cluster its part of the target (nothing, when it is withdrawn) at the next generation. `allowed` is the
 * number of deletions that a person granted for this one assignment; without it the budget says.
 */
export function assign<S extends RolloutState>(
  step: Step<S>,
  cluster: string,
  dropped: number,
  allowed?: number,
): Step<S> {
  const placed = placedNow(step.state, cluster, { dropped, allowed });
  return withPlaced(step, new Map([[cluster, placed]]));
}

/** As `assign` for each of some clusters; `dropped` has the objects that each of them loses. One copy of the state for all. */
export function assignEach<S extends RolloutState>(
  step: Step<S>,
  clusters: readonly string[],
  dropped: { readonly [cluster: string]: number },
): Step<S> {
  if (clusters.length === 0) return step;
  const entries = clusters.map((cluster): [string, Placed] => [
    cluster,
    placedNow(step.state, cluster, { dropped: dropped[cluster] ?? 0 }),
  ]);
  return withPlaced(step, new Map(entries));
}

/**
 * Tells a cluster again what it has by the ledger, at the next generation. A person's leave for more deletions than the budget
 * was for the assignment before, and is not given twice.
 */
export function reissue<S extends RolloutState>(step: Step<S>, cluster: string): Step<S> {
  const { state } = step;
  const placed = state.placed[cluster];
  if (!placed) return step;
  const { floor: _, refused: __, leave: ___, ...kept } = placed;
  const allowance = deletionAllowance(state.target.policy, placed.held);
  const again: Placed = {
    ...kept,
    generation: knownGeneration(placed) + 1,
    allowedDeletions: Math.min(placed.allowedDeletions, allowance),
  };
  return {
    state: { ...state, placed: { ...state.placed, [cluster]: again } },
    effects: [...step.effects, reissueOf(state, cluster, again)],
  };
}

function reissueOf(
  { application }: RolloutState,
  cluster: string,
  { generation, allowedDeletions }: Placed,
): ReissueEffect {
  return { kind: 'reissue', application, cluster, generation, allowedDeletions };
}

function placedNow(
  { target, placed }: RolloutState,
  cluster: string,
  { dropped, allowed }: { readonly dropped: number; readonly allowed?: number | undefined },
): Placed {
  const { release } = target;
  const before: Placed = placed[cluster] ?? nothingPlaced;
  const bundle = release.bundles[cluster];
  const objects = bundle?.objects ?? 0;
  return {
    generation: knownGeneration(before) + 1,
    release: release.digest,
    revision: release.revision,
    ...(bundle ? { bundle: bundle.digest } : {}),
    objects,
    // Until the agent says that it has pruned, it may hold what it held before and what the new bundle adds.
    held: before.held + Math.max(0, objects - keptObjects(before, dropped)),
    allowedDeletions: allowed ?? allowedDeletions(target, cluster, before.held),
  };
}

function withPlaced<S extends RolloutState>(step: Step<S>, now: ReadonlyMap<string, Placed>): Step<S> {
  const placed = { ...step.state.placed, ...Object.fromEntries(now) };
  const state = { ...step.state, placed };
  const made = [...now].map(([cluster, one]) => assignmentOf(state, cluster, one));
  return { state, effects: [...step.effects, ...made] };
}

function assignmentOf(state: RolloutState, cluster: string, placed: Placed): AssignEffect {
  const { release, policy } = state.target;
  return {
    kind: 'assign',
    application: state.application,
    cluster,
    release: release.digest,
    revision: release.revision,
    ...(placed.bundle === undefined ? {} : { bundle: placed.bundle }),
    generation: placed.generation,
    allowedDeletions: placed.allowedDeletions,
    policy,
  };
}

/**
 * The assignments of the present target that the state says were made. A leader that died between the state and its
 * assignments leaves some out of the ledger; its successor compares and makes up for it.
 */
export function presentAssignments(state: RolloutState): AssignEffect[] {
  return Object.entries(state.placed)
    .filter(([, placed]) => placed.release === state.target.release.digest)
    .map(([cluster, placed]) => assignmentOf(state, cluster, placed));
}

/**
 * What the state says that clusters have of releases before the present target, as they would be told it again. Where the ledger
 * holds it at a lower generation, a leader died before it had told a cluster again.
 */
export function earlierAssignments(state: RolloutState): (ReissueEffect & { readonly release: string })[] {
  return Object.entries(state.placed).flatMap(([cluster, placed]) => {
    const { release } = placed;
    if (release === undefined || release === state.target.release.digest) return [];
    return [{ ...reissueOf(state, cluster, placed), release }];
  });
}

function allowedDeletions(target: Target, cluster: string, held: number): number {
  const allowance = deletionAllowance(target.policy, held);
  const approved = target.approval?.release === target.release.digest ? (target.removals[cluster] ?? 0) : 0;
  return Math.max(allowance, approved);
}

/** A state's target as it is remembered once another one takes its place. */
export function ended(state: RolloutState, nowMs: number): readonly EndedRollout[] {
  const { number, release, startedAtMs } = state.target;
  const outcome =
    'endedAtMs' in state
      ? { phase: state.phase, reason: state.reason, endedAtMs: state.endedAtMs }
      : {
          phase: 'superseded' as const,
          reason: `a newer release took the place of ${releaseText(release)}`,
          endedAtMs: nowMs,
        };
  const entry: EndedRollout = {
    number,
    release: release.digest,
    revision: release.revision,
    ...outcome,
    startedAtMs,
  };
  return [entry, ...state.history].slice(0, historyLength);
}

/** What a state remembers whatever its rollout does. */
export function commonOf(state: RolloutState) {
  const { version, application, reason, target, placed, history, lastGood, kept, pin, queued, holds } = state;
  return {
    version,
    application,
    reason,
    target,
    placed,
    history,
    kept,
    ...(lastGood ? { lastGood } : {}),
    ...(pin ? { pin } : {}),
    ...(queued ? { queued } : {}),
    ...(holds ? { holds } : {}),
  };
}

/** The same state in motion again from a stage, in the direction that its target has. */
export function movingFrom(state: RolloutState, stages: readonly StageProgress[], stage: number): Moving {
  const phase = state.target.back ? 'rollingBack' : 'progressing';
  const paused = pausedBy(state);
  return { ...commonOf(state), ...(paused ? { paused } : {}), phase, stage, stages };
}
