import { numberAt, objectAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { askedBy, loadOf, shownLoad } from './load.ts';
import type { Load } from './load.ts';
import { missingMetrics } from './missing-metrics.ts';
import type { ScaleHistory } from './scale-history.ts';
import { able, granted } from './scale-limits.ts';

/** What an autoscaler comes to. */
export interface Decision {
  /** How many pods there are to be; undefined when nothing can be said of it. */
  readonly replicas: number | undefined;
  readonly conditions: readonly JsonObject[];
  readonly metrics: Json;
  /** Why the number changes. */
  readonly why?: string;
  /** What events say besides. */
  readonly warnings?: readonly Warning[];
}

/** What a warning event says. */
export interface Warning {
  readonly reason: string;
  readonly message: string;
}

/** What a decision is made of. */
export interface Situation {
  readonly autoscaler: KubeObject;
  readonly current: number;
  readonly history: ScaleHistory;
  readonly nowMs: number;
  /** Why the pods of the target cannot be counted on: they are scaled by several. */
  readonly ambiguity: string | undefined;
}

/** Decides on the number of pods: within the bounds first, then by the load (pkg/controller/podautoscaler reconcileAutoscaler). */
export function decide(situation: Situation): Decision {
  const { autoscaler, current, ambiguity } = situation;
  const least = numberAt(autoscaler, 'spec', 'minReplicas') ?? 1;
  const most = numberAt(autoscaler, 'spec', 'maxReplicas') ?? least;
  if (current === 0) {
    const message = 'scaling is disabled since the replica count of the target is zero';
    const disabled = inactive('ScalingDisabled', message);
    return { replicas: 0, conditions: [scaleGot, disabled], metrics: null };
  }
  if (current < least || current > most) {
    const [replicas, bound] =
      current < least
        ? ([least, 'below Spec.MinReplicas'] as const)
        : ([most, 'above Spec.MaxReplicas'] as const);
    const why = `Current number of replicas ${bound}`;
    return { replicas, conditions: [rescaled(replicas)], metrics: null, why };
  }
  if (ambiguity !== undefined) return ambiguous(ambiguity);
  const load = loadOf(autoscaler);
  return load === undefined ? withoutMetrics(autoscaler) : byLoad(situation, { least, most }, load);
}

function ambiguous(message: string): Decision {
  const reason = 'AmbiguousSelector';
  return {
    ...{ replicas: undefined, conditions: [scaleGot, inactive(reason, message)], metrics: null },
    warnings: [
      { reason, message },
      { reason: 'FailedComputeMetricsReplicas', message },
    ],
  };
}

function withoutMetrics(autoscaler: KubeObject): Decision {
  const missing = missingMetrics(autoscaler);
  const [first = { reason: '', message: '', summed: '' }] = missing;
  const counts = `${String(missing.length)} invalid out of ${String(missing.length)}`;
  const message = `invalid metrics (${counts}), first error is: ${first.summed}`;
  const why = `the HPA was unable to compute the replica count: ${first.message}`;
  return {
    replicas: undefined,
    conditions: [scaleGot, inactive(first.reason, why)],
    metrics: missing.map(() => ({ type: '' })),
    warnings: [...missing, { reason: 'FailedComputeMetricsReplicas', message }],
  };
}

function byLoad(
  { autoscaler, current, history, nowMs }: Situation,
  bounds: { readonly least: number; readonly most: number },
  load: Load,
): Decision {
  const behavior = objectAt(autoscaler, 'spec', 'behavior');
  const asked = askedBy(load, behavior, current);
  const grant = granted({ current, asked, ...bounds }, { behavior, history, nowMs });
  const { replicas } = grant;
  const message = `the HPA was able to successfully calculate a replica count from ${load.metric}`;
  return {
    replicas,
    why: asked > current ? `${load.metric} above target` : 'All metrics below target',
    conditions: [
      replicas === current ? grant.able : rescaled(replicas),
      { type: 'ScalingActive', status: 'True', reason: 'ValidMetricFound', message },
      grant.limited,
    ],
    metrics: shownLoad(autoscaler, load),
  };
}

const scaleGot = able('SucceededGetScale', "the HPA controller was able to get the target's current scale");

function rescaled(replicas: number): JsonObject {
  const message = `the HPA controller was able to update the target scale to ${String(replicas)}`;
  return able('SucceededRescale', message);
}

function inactive(reason: string, message: string): JsonObject {
  return { type: 'ScalingActive', status: 'False', reason, message };
}
