import type { FleetEvent } from '@meridian/fleet';
import { deletionAllowance, keptObjects } from './plan.ts';
import type {
  AssignEffect,
  ClusterProgress,
  EndedRollout,
  Placed,
  Progressing,
  RolloutEffect,
  RolloutState,
  StageProgress,
  Target,
} from './state.ts';

const historyLength = 5;

/** A step under way: the state so far and what has to be done about it. */
export interface Step<S extends RolloutState = RolloutState> {
  readonly state: S;
  readonly effects: readonly RolloutEffect[];
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

/** Assigns a cluster its part of the target (nothing, when it is withdrawn) at the next generation. */
export function assign<S extends RolloutState>(step: Step<S>, cluster: string, dropped: number): Step<S> {
  const { target, placed, application } = step.state;
  const { release, policy } = target;
  const before: Placed = placed[cluster] ?? { generation: 0, objects: 0, held: 0 };
  const bundle = release.bundles[cluster];
  const generation = before.generation + 1;
  const effect: AssignEffect = {
    kind: 'assign',
    application,
    cluster,
    release: release.digest,
    revision: release.revision,
    ...(bundle ? { bundle: bundle.digest } : {}),
    generation,
    allowedDeletions: allowedDeletions(target, cluster, before.held),
    policy,
  };
  const objects = bundle?.objects ?? 0;
  const now: Placed = {
    generation,
    release: release.digest,
    revision: release.revision,
    ...(bundle ? { bundle: bundle.digest } : {}),
    objects,
    // Until the agent says that it has pruned, it may hold what it held before and what the new bundle adds.
    held: before.held + Math.max(0, objects - keptObjects(before, dropped)),
  };
  return {
    state: { ...step.state, placed: { ...placed, [cluster]: now } },
    effects: [...step.effects, effect],
  };
}

function allowedDeletions(target: Target, cluster: string, held: number): number {
  const allowance = deletionAllowance(target.policy, held);
  const approved = target.approval?.release === target.release.digest ? (target.removals[cluster] ?? 0) : 0;
  return Math.max(allowance, approved);
}

/** A state's target as it is remembered once another one takes its place. */
export function ended(state: RolloutState, nowMs: number): readonly EndedRollout[] {
  const over = state.phase === 'completed' || state.phase === 'halted';
  const { number, release, startedAtMs } = state.target;
  const entry: EndedRollout = {
    number,
    release: release.digest,
    revision: release.revision,
    phase: over ? state.phase : 'superseded',
    reason: over ? state.reason : `a newer release took the place of ${releaseText(release)}`,
    startedAtMs,
    endedAtMs: over ? state.endedAtMs : nowMs,
  };
  return [entry, ...state.history].slice(0, historyLength);
}

/** The same state in motion again from a stage. */
export function progressingFrom(
  state: RolloutState,
  stages: readonly StageProgress[],
  stage: number,
): Progressing {
  const { version, application, reason, target, placed, history } = state;
  return { version, application, reason, target, placed, history, phase: 'progressing', stage, stages };
}
