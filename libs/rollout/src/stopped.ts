import { holdScopes, isHeldAt, windowAt } from '@meridian/fleet';
import type { Hold, RolloutWindow } from '@meridian/fleet';
import { fewOf } from './few.ts';
import { pausedBy, presentStage } from './moving.ts';
import type { ClusterProgress, Moving, RolloutState, StageProgress } from './state.ts';
import { releaseText, withStage } from './step.ts';

/** Why a cluster may not be pushed to now, and when to look again (Infinity: only an event can change it). */
export interface Stopped {
  readonly cluster: string;
  readonly reason: string;
  readonly untilMs: number;
}

/**
 * What keeps a cluster from being pushed to at a time; undefined when nothing does. The way back minds the holds of persons
 * only: no window, no dependency, and no agent that stands still and will find the good release when it goes on.
 */
export function stoppedBy(state: RolloutState, cluster: string, nowMs: number): Stopped | undefined {
  const hold = holdOn(state, cluster, nowMs);
  return hold ? { cluster, ...heldText(hold) } : outsideWindows(state, cluster, nowMs);
}

function holdOn(
  { holds, phase }: Pick<RolloutState, 'holds' | 'phase'>,
  cluster: string,
  nowMs: number,
): Hold | undefined {
  const isBack = phase === 'rollingBack';
  return holds?.find(
    (hold) => isHeldAt(hold, nowMs) && isAbout(hold, cluster) && !(isBack && !personScopes.has(hold.scope)),
  );
}

function isAbout({ scope, name }: Hold, cluster: string): boolean {
  return !clusterScopes.has(scope) || name === cluster || (scope === 'dependency' && name === '');
}

/**
 * The state with clusters of the present stage passed over that a person holds by themselves while the fleet goes back: the
 * others must not wait for them. They keep what they have, and count as failed.
 */
export function withPassedOver(state: Moving, nowMs: number): Moving {
  const stage = presentStage(state);
  if (!stage || state.phase !== 'rollingBack') return state;
  const clusters = stage.clusters.map((cluster): ClusterProgress => {
    const hold = cluster.phase === 'waiting' ? holdOn(state, cluster.name, nowMs) : undefined;
    if (hold?.scope !== 'cluster') return cluster;
    return { ...cluster, phase: 'failed', message: `passed over: ${heldText(hold).reason}` };
  });
  const isSame = clusters.every((cluster, index) => cluster === stage.clusters[index]);
  return isSame ? state : withStage(state, state.stage, { ...stage, clusters });
}

/** Whether the agent of a cluster does nothing for the application now, so that no deadline of it is fair. */
export function isAgentHeld({ holds }: RolloutState, cluster: string, nowMs: number): boolean {
  return (holds ?? []).some(
    (hold) => agentScopes.has(hold.scope) && hold.name === cluster && isHeldAt(hold, nowMs),
  );
}

const personScopes: ReadonlySet<Hold['scope']> = new Set(holdScopes);
const clusterScopes: ReadonlySet<Hold['scope']> = new Set(['cluster', 'pause', 'freeze', 'dependency']);
const agentScopes: ReadonlySet<Hold['scope']> = new Set(['pause', 'freeze']);

const heldWords: { readonly [scope in Hold['scope']]: string } = {
  fleet: 'held with the fleet',
  project: 'held with the project',
  application: 'held with the application',
  cluster: 'held',
  pause: 'paused',
  freeze: 'frozen',
  dependency: 'waiting',
};

function heldText({ scope, author, reason, untilMs = Infinity }: Hold): Omit<Stopped, 'cluster'> {
  if (scope === 'dependency') return { reason: `waits for ${author}: ${reason}`, untilMs };
  return { reason: `${heldWords[scope]} by ${author}${untilText(untilMs)} (${reason})`, untilMs };
}

function outsideWindows({ target }: RolloutState, cluster: string, nowMs: number): Stopped | undefined {
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

/** What keeps a cluster from being assigned again what it has, by the leave of a person; undefined when nothing does. */
export function stoppedAnew(state: RolloutState, cluster: string, nowMs: number): Stopped | undefined {
  const pause = pausedBy(state);
  if (pause) {
    const reason = `stands still, for ${pause.author} paused the rollout (${pause.reason})`;
    return { cluster, reason, untilMs: Infinity };
  }
  const isWithdrawn = state.placed[cluster]?.bundle === undefined;
  return isWithdrawn ? stoppedWithdrawal(state, cluster, nowMs) : stoppedBy(state, cluster, nowMs);
}

/** The clusters of the present stage that wait for their turn and may not have it now. */
export function stoppedClusters(state: Moving, nowMs: number): Stopped[] {
  const waiting = presentStage(state)?.clusters.filter(({ phase }) => phase === 'waiting') ?? [];
  return waiting.flatMap(({ name }) => stoppedBy(state, name, nowMs) ?? []);
}

/** The withdrawals that are due and may not be made now; what is taken away needs nothing to be there first. */
export function stoppedWithdrawals(state: Moving, nowMs: number): Stopped[] {
  return state.target.withdrawals.flatMap((cluster) => stoppedWithdrawal(state, cluster, nowMs) ?? []);
}

function stoppedWithdrawal(state: RolloutState, cluster: string, nowMs: number): Stopped | undefined {
  const hold = holdOn(withoutDependencies(state), cluster, nowMs);
  return hold && { cluster, ...heldText(hold) };
}

function withoutDependencies({ phase, holds = [] }: RolloutState): Pick<RolloutState, 'phase' | 'holds'> {
  return { phase, holds: holds.filter(({ scope }) => scope !== 'dependency') };
}

/** The state with the reason why it cannot withdraw from clusters. */
export function withStoppedWithdrawals(state: Moving, stopped: readonly Stopped[]): Moving {
  const reason = `${releaseText(state.target.release)} waits to withdraw the application: ${listText(stopped)}`;
  return state.reason === reason ? state : { ...state, reason };
}

/** The state with what its present stage waits for, and when to look again; the very same when it said so already. */
export function withStopped(state: Moving, stopped: readonly Stopped[], isAlone: boolean): Moving {
  const stage = presentStage(state);
  if (!stage) return state;
  const noted = stoppedStage(stage, stopped);
  const reason = isAlone ? stoppedText(state, stage, stopped) : state.reason;
  if (noted === stage && reason === state.reason) return state;
  return { ...withStage(state, state.stage, noted), reason };
}

/** Clusters that wait say what for. */
function stoppedStage(stage: StageProgress, stopped: readonly Stopped[]): StageProgress {
  const clusters = stage.clusters.map((cluster) => {
    const message = stopped.find((one) => one.cluster === cluster.name)?.reason ?? '';
    return cluster.phase !== 'waiting' || cluster.message === message ? cluster : { ...cluster, message };
  });
  const untilMs = Math.min(...stopped.map((one) => one.untilMs));
  const wanted = Number.isFinite(untilMs) ? untilMs : undefined;
  const isSame = clusters.every((cluster, index) => cluster === stage.clusters[index]);
  if (isSame && stage.stoppedUntilMs === wanted) return stage;
  const { stoppedUntilMs: _, ...kept } = stage;
  return { ...kept, clusters, ...(wanted === undefined ? {} : { stoppedUntilMs: wanted }) };
}

function stoppedText(state: Moving, stage: StageProgress, stopped: readonly Stopped[]): string {
  return `stage ${stage.name} of ${releaseText(state.target.release)} waits: ${listText(stopped)}`;
}

/** Why clusters are stopped, in one clause for each reason: `a, b held by lena (incident)`. */
export function listText(stopped: readonly Stopped[]): string {
  const byReason = Map.groupBy(stopped, ({ reason }) => reason);
  const clauses = [...byReason].map(([reason, of]) => `${fewOf(of.map(({ cluster }) => cluster))} ${reason}`);
  return fewOf(clauses, '; ');
}

function namesOf(seen: readonly { readonly window: RolloutWindow }[]): string {
  return seen.map(({ window }) => window.name).join(', ');
}

function untilText(untilMs: number): string {
  return Number.isFinite(untilMs) ? ` until ${new Date(untilMs).toISOString().slice(0, 16)}Z` : '';
}
