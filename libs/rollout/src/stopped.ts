import { windowAt } from '@meridian/fleet';
import type { RolloutWindow } from '@meridian/fleet';
import { presentStage } from './moving.ts';
import type { Moving, StageProgress } from './state.ts';
import { releaseText, withStage } from './step.ts';

/** Why a cluster may not be pushed to now, and when to look again (Infinity: only an event can change it). */
export interface Stopped {
  readonly cluster: string;
  readonly reason: string;
  readonly untilMs: number;
}

/** What keeps a cluster from being pushed to at a time; undefined when nothing does. */
export function stoppedBy({ target }: Moving, cluster: string, nowMs: number): Stopped | undefined {
  const names = target.windows?.[cluster];
  if (!names || target.windowsBroken) return undefined;
  const windows = (target.strategy.windows ?? []).filter(({ name }) => names.includes(name));
  const seen = windows.map((window) => ({ window, ...windowAt(window, nowMs) }));
  const denies = seen.filter(({ window, isOpen }) => window.kind === 'deny' && isOpen);
  const allows = seen.filter(({ window }) => window.kind === 'allow');
  if (denies.length > 0) {
    const untilMs = Math.max(...denies.map(({ changesAtMs }) => changesAtMs));
    return { cluster, reason: `is denied by window ${namesOf(denies)}${untilText(untilMs)}`, untilMs };
  }
  if (allows.length === 0 || allows.some(({ isOpen }) => isOpen)) return undefined;
  const untilMs = Math.min(...allows.map(({ changesAtMs }) => changesAtMs));
  return { cluster, reason: `waits for window ${namesOf(allows)}${untilText(untilMs)}`, untilMs };
}

/** The clusters of the present stage that wait for their turn and may not have it now. */
export function stoppedClusters(state: Moving, nowMs: number): Stopped[] {
  const waiting = presentStage(state)?.clusters.filter(({ phase }) => phase === 'waiting') ?? [];
  return waiting.flatMap(({ name }) => stoppedBy(state, name, nowMs) ?? []);
}

/** The state with what its present stage waits for, and when to look again; the very same when it said so already. */
export function withStopped(state: Moving, stopped: readonly Stopped[], isAlone: boolean): Moving {
  const stage = presentStage(state);
  if (!stage) return state;
  const untilMs = Math.min(...stopped.map((one) => one.untilMs));
  const noted = stoppedStage(stage, untilMs);
  const reason = isAlone ? stoppedText(state, stage, stopped) : state.reason;
  if (noted === stage && reason === state.reason) return state;
  return { ...withStage(state, state.stage, noted), reason };
}

function stoppedStage(stage: StageProgress, untilMs: number): StageProgress {
  const wanted = Number.isFinite(untilMs) ? untilMs : undefined;
  if (stage.stoppedUntilMs === wanted) return stage;
  const { stoppedUntilMs: _, ...kept } = stage;
  return wanted === undefined ? kept : { ...kept, stoppedUntilMs: wanted };
}

const mostNames = 5;

function stoppedText(state: Moving, stage: StageProgress, stopped: readonly Stopped[]): string {
  const shown = stopped.slice(0, mostNames).map(({ cluster, reason }) => `${cluster} ${reason}`);
  const more = stopped.length > mostNames ? `; and ${stopped.length - mostNames} more` : '';
  return `stage ${stage.name} of ${releaseText(state.target.release)} waits: ${shown.join('; ')}${more}`;
}

function namesOf(seen: readonly { readonly window: RolloutWindow }[]): string {
  return seen.map(({ window }) => window.name).join(', ');
}

function untilText(untilMs: number): string {
  return Number.isFinite(untilMs) ? ` until ${new Date(untilMs).toISOString().slice(0, 16)}Z` : '';
}
