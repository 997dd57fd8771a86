import type { RolloutView } from '@meridian/fleet';
import type { EndedRollout, RolloutState } from './state.ts';

/** The present rollout as the API shows it; null before the first one. */
export function rolloutView(state: RolloutState | undefined): RolloutView | null {
  if (!state) return null;
  const { target, application, phase, reason } = state;
  return {
    id: rolloutId(application, target.number),
    application,
    release: target.release.digest,
    revision: target.release.revision,
    phase,
    reason,
    startedAtMs: target.startedAtMs,
    endedAtMs: state.phase === 'completed' || state.phase === 'halted' ? state.endedAtMs : null,
    stages: state.stages.map((stage) => ({
      name: stage.name,
      phase: stage.phase,
      clusters: stage.clusters.map((cluster) => ({
        name: cluster.name,
        phase: cluster.phase,
        generation: cluster.generation ?? null,
        message: cluster.message,
      })),
    })),
  };
}

/** The present rollout and the ones before it, newest first; the older ones without stages. */
export function rolloutHistory(state: RolloutState | undefined): RolloutView[] {
  const present = rolloutView(state);
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

/** The release that waits for a person and why; null when none does. */
export function approvalNeeded(
  state: RolloutState | undefined,
): { readonly release: string; readonly revision: string; readonly reason: string } | null {
  if (state?.phase !== 'waiting') return null;
  const { digest, revision } = state.target.release;
  return { release: digest, revision, reason: state.reason };
}

/** The hub time of the next deadline or end of a soak; undefined when only an event can change the state. */
export function wakeAtMs(state: RolloutState | undefined): number | undefined {
  if (state?.phase !== 'progressing') return undefined;
  const stage = state.stages[state.stage];
  if (!stage) return undefined;
  const times = stage.clusters.flatMap((cluster) => cluster.deadlineAtMs ?? []);
  if (stage.soakSinceMs !== undefined) times.push(stage.soakSinceMs + stage.soakMs);
  return times.length > 0 ? Math.min(...times) : undefined;
}
