import type { Check, Gate, Release, WebhookGate } from '@meridian/fleet';
import { pausedBy, presentStage } from '../moving.ts';
import type { GateProgress, RolloutState, StageProgress, Target } from '../state.ts';
import { shortDigest } from '../step.ts';
import { askedClusters, gateOf, sides } from './gate-of.ts';
import type { Side } from './gate-of.ts';

/**
 * What the assignment of a cluster calls the check of a gate: another rollout, or another try, asks anew. So does another
 * release, for rollouts are counted from 1 again once a ledger is lost, and agents remember how their Jobs ended.
 */
export function checkId(
  { number, checkMark }: Pick<Target, 'number' | 'checkMark'>,
  { name, attempt }: GateProgress,
): string {
  const mark = checkMark === undefined ? '' : `-${checkMark}`;
  return `${name}-${number}-${attempt}${mark}`;
}

/** What tells the checks of one release from those of another: short, for a check is named like a label. */
export function checkMarkOf({ digest }: Pick<Release, 'digest'>): string {
  return shortDigest(digest).slice(0, 8);
}

interface OpenGate {
  readonly gate: Gate;
  readonly progress: GateProgress;
  readonly stage: StageProgress;
  readonly side: Side;
}

/** The gates of the present stage that are open, of a rollout that goes on or is paused. */
function openGates(state: RolloutState): OpenGate[] {
  const stage = presentStage(state);
  if (!stage || state.phase !== 'progressing') return [];
  return sides.flatMap((side) =>
    (stage[side] ?? []).flatMap((progress) => {
      const gate = progress.phase === 'open' ? gateOf(state.target, progress.name) : undefined;
      return gate ? [{ gate, progress, stage, side }] : [];
    }),
  );
}

/** Whether a gate of the present stage asks clusters and none of them can answer, so that nothing but another release gets past it. */
export function hasNobodyToAsk(state: RolloutState): boolean {
  return openGates(state).some(({ gate, stage, side }) => {
    if (gate.kind !== 'metric' && gate.kind !== 'job') return false;
    if (side === 'after') return stage.clusters.every(({ phase }) => phase === 'failed');
    return gate.firstInstall === 'hold' && askedClusters(state, stage, side).length === 0;
  });
}

/** What each cluster has to check for open gates now; clusters that have nothing to check are not named. */
export function checksNeeded(state: RolloutState): ReadonlyMap<string, readonly Check[]> {
  const needed = new Map<string, Check[]>();
  for (const open of openGates(state)) {
    const { gate, progress, side } = open;
    if (gate.kind !== 'metric' && gate.kind !== 'job') continue;
    for (const cluster of gate.kind === 'job' ? jobClusters(state, open) : metricClusters(state, open)) {
      const id = checkId(state.target, progress);
      const check = checkOf(gate, { id, when: side === 'after' ? 'healthy' : 'always' }, () =>
        placeholders(state, cluster),
      );
      needed.set(cluster, [...(needed.get(cluster) ?? []), check]);
    }
  }
  return needed;
}

/** Nothing is judged in a pause, so that nothing is measured in it. */
function metricClusters(state: RolloutState, { stage, side }: OpenGate): readonly string[] {
  return isPaused(state) ? [] : askedClusters(state, stage, side);
}

/**
 * A Job runs once, and an agent deletes one that is not asked for any more. So it is asked for through a pause, and while it
 * makes its own cluster less than healthy; and once its end is known it is not, for an agent that has restarted when the Job
 * was gone would run it again.
 */
function jobClusters(state: RolloutState, { progress, stage, side }: OpenGate): readonly string[] {
  const begun = stage.clusters.filter(({ phase }) => phase === 'assigned').map(({ name }) => name);
  const asked = new Set([...askedClusters(state, stage, side), ...(side === 'after' ? begun : [])]);
  return stage.clusters
    .map(({ name }) => name)
    .filter((name) => asked.has(name) && !hasEnded(progress, name));
}

function hasEnded({ results = {} }: GateProgress, cluster: string): boolean {
  const phase = results[cluster]?.phase;
  return phase === 'succeeded' || phase === 'failed';
}

function isPaused(state: RolloutState): boolean {
  return pausedBy(state) !== undefined;
}

function checkOf(
  gate: Extract<Gate, { readonly kind: 'metric' | 'job' }>,
  common: Pick<Check, 'id' | 'when'>,
  valuesOf: () => ReadonlyMap<string, string>,
): Check {
  if (gate.kind === 'job') return { ...common, kind: 'job', spec: gate.spec, timeoutMs: gate.timeoutMs };
  const values = valuesOf();
  const query = gate.query.replaceAll(/\{\{([a-z]+)\}\}/g, (all, name: string) => values.get(name) ?? all);
  return { ...common, kind: 'metric', source: gate.source, query, intervalMs: gate.intervalMs };
}

/** What a query may name: of the release and revision that the cluster has, which before its stage is the earlier one. */
function placeholders(
  { application, target, placed }: RolloutState,
  cluster: string,
): ReadonlyMap<string, string> {
  const { release = '', revision = '' } = placed[cluster] ?? {};
  return new Map(
    Object.entries({ application, cluster, namespace: target.policy.namespace, release, revision }),
  );
}

/** A question to another system that is due. */
export interface WebhookQuestion {
  readonly application: string;
  readonly gate: WebhookGate;
  readonly attempt: number;
  readonly stage: string;
  readonly side: Side;
  readonly clusters: readonly string[];
  readonly target: Target;
  /** Hub time of the last answer; without one, that at which the gate was opened. */
  readonly waitsSinceMs: number;
}

/** The webhook gates that have to be asked now: those that are open and were not answered within their interval. */
export function questionsDue(state: RolloutState, nowMs: number): WebhookQuestion[] {
  if (isPaused(state)) return [];
  return openGates(state).flatMap(({ gate, progress, stage, side }) => {
    if (gate.kind !== 'webhook') return [];
    const { answeredAtMs, attempt } = progress;
    if (answeredAtMs !== undefined && nowMs - answeredAtMs < gate.intervalMs) return [];
    const clusters = stage.clusters.map(({ name }) => name);
    const { application, target } = state;
    const waitsSinceMs = answeredAtMs ?? progress.sinceMs ?? nowMs;
    return [{ application, gate, attempt, stage: stage.name, side, clusters, target, waitsSinceMs }];
  });
}
