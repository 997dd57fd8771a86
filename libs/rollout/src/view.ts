import type { ApprovalNeeded, PinView, RolloutView } from '@meridian/fleet';
import { isThrough } from './gates/gate-of.ts';
import { gateViews } from './gates/gate-view.ts';
import { isMoving, isOver, presentStage } from './moving.ts';
import { countOf } from './plan.ts';
import { progressText } from './progress-text.ts';
import { leaveText } from './leave.ts';
import { leavesOf, refusalReason, refusals, unapproved } from './refusals.ts';
import type { ClusterProgress, EndedRollout, Leave, Pin, RolloutState, StageProgress } from './state.ts';

/** The present rollout as the API shows it at the hub's time; null before the first one. */
export function rolloutView(state: RolloutState | undefined, nowMs: number): RolloutView | null {
  if (!state) return null;
  const { target, application } = state;
  const refused = refusals(state);
  const leaves = leavesOf(state);
  const approval = approvalNeeded(state);
  const progress = progressText(state, nowMs);
  return {
    id: rolloutId(application, target.number),
    application,
    release: target.release.digest,
    revision: target.release.revision,
    phase: isMoving(state) && state.paused ? 'paused' : state.phase,
    reason: [state.reason, refusalReason(state), leaveText(state, nowMs)].filter(Boolean).join('; '),
    ...(progress === undefined ? {} : { progress }),
    startedAtMs: target.startedAtMs,
    endedAtMs: 'endedAtMs' in state ? state.endedAtMs : null,
    ...standing(state),
    ...(approval === null ? {} : { approvalNeeded: approval }),
    stages: state.stages.map((stage, index) => ({
      name: stage.name,
      phase: stage.phase,
      ...since(stage.phase === 'passed' ? stage.passedAtMs : stage.soakSinceMs),
      clusters: stage.clusters.map((cluster) =>
        cluster.phase === 'waiting'
          ? { ...clusterView(cluster), message: cluster.message || waitsFor(state, index) }
          : clusterView(cluster, refused[cluster.name], leaves.get(cluster.name)),
      ),
      ...gateViews(target, stage),
    })),
  };
}

/** What keeps a rollout from going where git says, and what else it may go to. */
function standing(state: RolloutState): Partial<RolloutView> {
  const { pin, queued, kept, target } = state;
  const { back } = target;
  return {
    ...(isMoving(state) && state.paused ? { paused: state.paused } : {}),
    ...(back ? { back: { from: back.from, author: back.author ?? null, reason: back.reason } } : {}),
    ...(pin ? { pin: pinView(pin) } : {}),
    ...(queued ? { queued } : {}),
    kept: kept.map(({ digest, leftAtMs: _, ...one }) => ({ release: digest, ...one })),
  };
}

function pinView({ release, revision, differs, author, reason, sinceMs }: Pin): PinView {
  return { release, revision, differs, author: author ?? null, reason, sinceMs };
}

function since(sinceMs: number | undefined): { readonly sinceMs?: number } {
  return sinceMs === undefined ? {} : { sinceMs };
}

const whileStopped = {
  halted: (stage: string) => `waits, for the rollout halted in stage ${stage}`,
  aborted: (stage: string) => `keeps what it has, for the rollout was aborted in stage ${stage}`,
};

/** What keeps the clusters of a stage waiting: the cause, not the stage that they are in. */
function waitsFor(state: RolloutState, stage: number): string {
  if (state.phase === 'waiting')
    return state.needs === 'approval' ? 'waits for an approval' : 'waits for a person to start it';
  if (isOver(state)) return '';
  const { name: present = '', stoppedUntilMs } = presentStage(state) ?? {};
  if (!isMoving(state)) return whileStopped[state.phase](present);
  if (state.paused) return `waits, for ${state.paused.author} paused the rollout`;
  if (stage !== state.stage) return `waits for stage ${present} to pass`;
  return waitsInStage(state.stages[stage], stoppedUntilMs);
}

function waitsInStage(stage: StageProgress | undefined, stoppedUntilMs: number | undefined): string {
  if (stage && !isThrough(stage, 'before')) return 'waits for the gates before the stage';
  const orWindow =
    stoppedUntilMs === undefined ? '' : `, or for a window until ${new Date(stoppedUntilMs).toISOString()}`;
  return `waits for its turn in the stage${orWindow}`;
}

function clusterView(
  { name, phase, generation, evidence, message }: ClusterProgress,
  refused?: number,
  leave?: Leave,
): RolloutView['stages'][number]['clusters'][number] {
  const healthySince = since(phase === 'healthy' ? evidence?.observedAtMs : undefined);
  const shown = { name, phase, ...healthySince, generation: generation ?? null };
  if (refused === undefined) return { ...shown, message };
  const until = leave ? `nothing stops what ${leave.author} approved` : 'a person approves';
  const refusal = `refuses to delete ${countOf(refused, 'object')} until ${until}`;
  return { ...shown, refusedDeletions: refused, message: `${refusal}; ${message}` };
}

/** The present rollout and the ones before it, newest first; the older ones without stages. */
export function rolloutHistory(state: RolloutState | undefined, nowMs: number): RolloutView[] {
  const present = rolloutView(state, nowMs);
  if (!state || !present) return [];
  return [present, ...state.history.map((entry) => endedView(state.application, entry))];
}

function endedView(application: string, entry: EndedRollout): RolloutView {
  const { number, ...kept } = entry;
  return { ...kept, id: rolloutId(application, number), application, stages: [] };
}

function rolloutId(application: string, number: number): string {
  return `${application}-${number}`;
}

/** What waits for a person and why: a release that has not begun, or deletions that clusters refuse; null when nothing does. */
export function approvalNeeded(state: RolloutState | undefined): ApprovalNeeded | null {
  if (!state) return null;
  const { release, removals } = state.target;
  const pinned = { release: release.digest, revision: release.revision };
  if (state.phase === 'waiting' && state.needs === 'approval')
    return { ...pinned, reason: state.reason, deletions: removals };
  const reason = refusalReason(state);
  return reason === undefined ? null : { ...pinned, reason, deletions: unapproved(state) };
}

/** The hub time of the next deadline or end of a soak; undefined when only an event can change the state. */
export function wakeAtMs(state: RolloutState | undefined): number | undefined {
  if (!state || !isMoving(state) || state.paused) return undefined;
  const holds = (state.holds ?? []).flatMap((hold) => hold.untilMs ?? []);
  const stage = presentStage(state);
  const times = stage ? [...holds, ...timesOf(stage)] : holds;
  return times.length > 0 ? Math.min(...times) : undefined;
}

function timesOf({ clusters, phase, soakSinceMs, soakMs, stoppedUntilMs }: StageProgress): number[] {
  const times = clusters.flatMap((cluster) => cluster.deadlineAtMs ?? []);
  if (phase === 'soaking' && soakSinceMs !== undefined) times.push(soakSinceMs + soakMs);
  if (stoppedUntilMs !== undefined) times.push(stoppedUntilMs);
  return times;
}
