import type { Check, Gate, WebhookGate } from '@meridian/fleet';
import { presentStage } from '../moving.ts';
import type { GateProgress, RolloutState, StageProgress, Target } from '../state.ts';
import { askedClusters, gateOf, sides } from './gate-of.ts';
import type { Side } from './gate-of.ts';

/** What the assignment of a cluster calls the check of a gate: another rollout, or another try, asks anew. */
export function checkId({ number }: Pick<Target, 'number'>, { name, attempt }: GateProgress): string {
  return `${name}-${number}-${attempt}`;
}

interface OpenGate {
  readonly gate: Gate;
  readonly progress: GateProgress;
  readonly stage: StageProgress;
  readonly side: Side;
}

/** The gates of the present stage that are open while the rollout goes on. */
function openGates(state: RolloutState): OpenGate[] {
  const stage = presentStage(state);
  if (!stage || state.phase !== 'progressing' || state.paused) return [];
  return sides.flatMap((side) =>
    (stage[side] ?? []).flatMap((progress) => {
      const gate = progress.phase === 'open' ? gateOf(state.target, progress.name) : undefined;
      return gate ? [{ gate, progress, stage, side }] : [];
    }),
  );
}

/** What each cluster has to check for open gates now; clusters that have nothing to check are not named. */
export function checksNeeded(state: RolloutState): ReadonlyMap<string, readonly Check[]> {
  const needed = new Map<string, Check[]>();
  for (const { gate, progress, stage, side } of openGates(state)) {
    if (gate.kind !== 'metric' && gate.kind !== 'job') continue;
    for (const cluster of askedClusters(state, stage, side)) {
      const id = checkId(state.target, progress);
      const check = checkOf(gate, { id, when: side === 'after' ? 'healthy' : 'always' }, () =>
        placeholders(state, cluster),
      );
      needed.set(cluster, [...(needed.get(cluster) ?? []), check]);
    }
  }
  return needed;
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
