import { isObject, itemsAt, jsonEqual, numberAt, objectAt, textAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import { kindOf } from '../../kube-object.ts';
import type { KubeObject } from '../../kube-object.ts';
import { groupResource } from '../../schema/resource.ts';
import type { StoreEvent } from '../../store/store.ts';
import type { ObjectRef } from '../cluster-client.ts';
import { namespacedKey } from '../controller.ts';
import type { Controller } from '../controller.ts';
import { InsideClient } from '../inside.ts';
import type { Inside } from '../inside.ts';
import { missingMetrics } from './missing-metrics.ts';
import { withCondition, workloadAt } from './owned.ts';

const resource = 'horizontalpodautoscalers.autoscaling';

/** How long an autoscaler waits between two steps by load (kube-controller-manager --horizontal-pod-autoscaler-sync-period). */
const periodMs = 15_000;

/** How far the load may be off before anything is done (--horizontal-pod-autoscaler-tolerance). */
const tolerance = 0.1;

/** The load of the target's pods in percent of what they ask for, as an annotation of the autoscaler; none is no metrics. */
export const loadAnnotation = 'sandbox.meridian.dev/utilization';

/** What an autoscaler decided. */
interface Decision {
  readonly replicas: number;
  readonly conditions: readonly JsonObject[];
  /** Why the number changes. */
  readonly why?: string;
  /** What events say besides. */
  readonly warnings?: readonly (readonly [reason: string, message: string])[];
}

/** Scales targets between their bounds, by the load that an annotation sets (pkg/controller/podautoscaler). */
export class Autoscalers implements Controller {
  readonly manager = 'kube-controller-manager';
  readonly #client: InsideClient;

  constructor(inside: Inside) {
    this.#client = new InsideClient(inside, this.manager, 'horizontal-pod-autoscaler');
  }

  keysOf({ type, key, object, previous }: StoreEvent): readonly string[] {
    if (key.resource !== resource) return this.#followers(key.namespace, object, previous);
    if (type === 'DELETED') return [];
    // Its own status is no reason to look again.
    const same = (['spec', 'metadata'] as const).every((part) =>
      jsonEqual(intentOf(object, part), previous && intentOf(previous, part)),
    );
    return same ? [] : [namespacedKey(key.namespace, key.name)];
  }

  /** Autoscalers where something that can be scaled came, went or changed its number of pods. */
  #followers(namespace: string, object: KubeObject, previous: KubeObject | undefined): readonly string[] {
    const counts = (one: KubeObject | undefined) => [
      numberAt(one, 'spec', 'replicas'),
      numberAt(one, 'status', 'replicas'),
    ];
    if (namespace === '' || jsonEqual(numbers(counts(object)), numbers(counts(previous)))) return [];
    return this.#client
      .list(resource, namespace)
      .map(({ metadata: { name = '' } }) => namespacedKey(namespace, name));
  }

  reconcile(key: string): number | undefined {
    const found = workloadAt(this.#client, resource, key);
    if (found === undefined) return undefined;
    const { ref, object: autoscaler } = found;
    const target = this.#targetOf(autoscaler);
    const stored = target && this.#client.get(target);
    if (target !== undefined && stored !== undefined) {
      return this.#follow(ref, autoscaler, { target, stored });
    }
    this.#tellMissing(ref, autoscaler, target);
    return undefined;
  }

  #targetOf(autoscaler: KubeObject): ObjectRef | undefined {
    const named = objectAt(autoscaler, 'spec', 'scaleTargetRef');
    const { group, kind } = kindOf(textAt(named, 'apiVersion') ?? '', textAt(named, 'kind') ?? '');
    const served = this.#client.registry.all().find((one) => one.kind === kind && one.group === group);
    if (served === undefined) return undefined;
    const { namespace = '' } = autoscaler.metadata;
    return { resource: groupResource(served.storage), namespace, name: textAt(named, 'name') ?? '' };
  }

  #follow(
    ref: ObjectRef,
    autoscaler: KubeObject,
    { target, stored }: { readonly target: ObjectRef; readonly stored: KubeObject },
  ): number | undefined {
    const current = numberAt(stored, 'spec', 'replicas') ?? 1;
    const leftMs = this.#leftMs(autoscaler);
    if (leftMs > 0) {
      const currentReplicas = numberAt(stored, 'status', 'replicas') ?? 0;
      const edit = (draft: KubeObject) =>
        void (draft['status'] = { ...objectAt(draft, 'status'), currentReplicas });
      this.#client.change(ref, edit, 'status');
      return leftMs;
    }
    const { replicas, conditions, why, warnings } = decide(autoscaler, current);
    this.#warn(autoscaler, warnings);
    if (replicas !== current) {
      const edit = (draft: KubeObject) => void Object.assign(objectAt(draft, 'spec') ?? {}, { replicas });
      this.#client.change(target, edit, 'scale');
      const message = `New size: ${String(replicas)}; reason: ${why ?? ''}`;
      this.#client.record(autoscaler, { type: 'Normal', reason: 'SuccessfulRescale', message });
    }
    const now = this.#client.now();
    const before = itemsAt(autoscaler, 'status', 'conditions');
    const status: JsonObject = {
      currentReplicas: numberAt(stored, 'status', 'replicas') ?? 0,
      desiredReplicas: replicas,
      currentMetrics: metricsOf(autoscaler),
      conditions: conditions.reduce<Json[]>(
        (all, one) => withCondition(all, one, { lastTransitionTime: now }),
        [...before],
      ),
    };
    const scaled = replicas === current ? textAt(autoscaler, 'status', 'lastScaleTime') : now;
    if (scaled !== undefined) status['lastScaleTime'] = scaled;
    this.#client.change(ref, (draft) => void (draft['status'] = status), 'status');
    return undefined;
  }

  #warn(autoscaler: KubeObject, warnings: Decision['warnings'] = []): void {
    for (const [reason, message] of warnings) {
      this.#client.record(autoscaler, { type: 'Warning', reason, message });
    }
  }

  /** Milliseconds until the load may make a difference again. */
  #leftMs(autoscaler: KubeObject): number {
    const last = Date.parse(textAt(autoscaler, 'status', 'lastScaleTime') ?? '');
    if (Number.isNaN(last) || loadOf(autoscaler) === undefined) return 0;
    return last + periodMs - this.#client.nowMs();
  }

  #tellMissing(ref: ObjectRef, autoscaler: KubeObject, target: ObjectRef | undefined): void {
    const named = objectAt(autoscaler, 'spec', 'scaleTargetRef');
    const { group, kind } = kindOf(textAt(named, 'apiVersion') ?? '', textAt(named, 'kind') ?? '');
    const why =
      target === undefined
        ? `no matches for kind "${kind}" in group "${group}"`
        : `${target.resource} "${target.name}" not found`;
    this.#client.record(autoscaler, { type: 'Warning', reason: 'FailedGetScale', message: why });
    const message = `the HPA controller was unable to get the target's current scale: ${why}`;
    const condition = { type: 'AbleToScale', status: 'False', reason: 'FailedGetScale', message };
    this.#client.change(
      ref,
      (draft) => {
        const status = objectAt(draft, 'status') ?? {};
        const times = { lastTransitionTime: this.#client.now() };
        draft['status'] = {
          ...status,
          conditions: withCondition(itemsAt(status, 'conditions'), condition, times),
        };
      },
      'status',
    );
  }
}

function numbers(values: readonly (number | undefined)[]): Json[] {
  return values.map((value) => value ?? null);
}

function intentOf(autoscaler: KubeObject, part: 'spec' | 'metadata'): Json | undefined {
  return part === 'spec' ? autoscaler['spec'] : autoscaler.metadata.annotations;
}

/** The load that is set and the load that is wanted, in percent; undefined without metrics. */
function loadOf(autoscaler: KubeObject): { readonly load: number; readonly wanted: number } | undefined {
  const text = autoscaler.metadata.annotations?.[loadAnnotation];
  const load = text === undefined ? Number.NaN : Number(text);
  const targets = itemsAt(autoscaler, 'spec', 'metrics').flatMap(
    (metric) => numberAt(metric, 'resource', 'target', 'averageUtilization') ?? [],
  );
  return Number.isFinite(load) ? { load, wanted: targets[0] ?? 80 } : undefined;
}

function metricsOf(autoscaler: KubeObject): Json {
  const load = loadOf(autoscaler);
  const metrics = itemsAt(autoscaler, 'spec', 'metrics');
  if (load === undefined)
    return (numberAt(autoscaler, 'status', 'currentReplicas') ?? 0) > 0
      ? metrics.map(() => ({ type: '' }))
      : null;
  const metric = metrics.find((one) => textAt(one, 'type') === 'Resource');
  if (!isObject(metric)) return null;
  const current = { averageUtilization: load.load, averageValue: '0' };
  return [{ type: 'Resource', resource: { name: textAt(metric, 'resource', 'name') ?? 'cpu', current } }];
}

function decide(autoscaler: KubeObject, current: number): Decision {
  const least = numberAt(autoscaler, 'spec', 'minReplicas') ?? 1;
  const most = numberAt(autoscaler, 'spec', 'maxReplicas') ?? least;
  const disabled = { type: 'ScalingActive', status: 'False', reason: 'ScalingDisabled' };
  if (current === 0) {
    const message = 'scaling is disabled since the replica count of the target is zero';
    return { replicas: 0, conditions: [able('SucceededGetScale', scaleGot), { ...disabled, message }] };
  }
  if (current < least || current > most) {
    const replicas = Math.min(most, Math.max(least, current));
    const message = `the HPA controller was able to update the target scale to ${String(replicas)}`;
    const bound = current < least ? 'below Spec.MinReplicas' : 'above Spec.MaxReplicas';
    const why = `Current number of replicas ${bound}`;
    return { replicas, conditions: [able('SucceededRescale', message)], why };
  }
  const load = loadOf(autoscaler);
  return load === undefined ? withoutMetrics(autoscaler, current) : byLoad(current, { least, most }, load);
}

function withoutMetrics(autoscaler: KubeObject, current: number): Decision {
  const missing = missingMetrics(autoscaler);
  const [first = { reason: '', message: '', summed: '' }] = missing;
  const counts = `${String(missing.length)} invalid out of ${String(missing.length)}`;
  const inactive = {
    type: 'ScalingActive',
    status: 'False',
    reason: first.reason,
    message: `the HPA was unable to compute the replica count: ${first.message}`,
  };
  return {
    replicas: current,
    conditions: [able('SucceededGetScale', scaleGot), inactive],
    warnings: [
      ...missing.map(({ reason, message }) => [reason, message] as const),
      ['FailedComputeMetricsReplicas', `invalid metrics (${counts}), first error is: ${first.summed}`],
    ],
  };
}

function byLoad(
  current: number,
  { least, most }: { readonly least: number; readonly most: number },
  { load, wanted }: { readonly load: number; readonly wanted: number },
): Decision {
  const ratio = load / wanted;
  const asked = Math.abs(ratio - 1) <= tolerance ? current : Math.ceil(current * ratio);
  const replicas = Math.min(most, Math.max(least, asked));
  const message = `the HPA controller was able to update the target scale to ${String(replicas)}`;
  const words =
    'the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)';
  const why =
    replicas > current
      ? 'cpu resource utilization (percentage of request) above target'
      : 'All metrics below target';
  return {
    ...{ replicas, why },
    conditions: [
      replicas === current
        ? able('ReadyForNewScale', 'recommended size matches current size')
        : able('SucceededRescale', message),
      { type: 'ScalingActive', status: 'True', reason: 'ValidMetricFound', message: words },
      limited(asked, { least, most }),
    ],
  };
}

function limited(
  asked: number,
  { least, most }: { readonly least: number; readonly most: number },
): JsonObject {
  const within = asked >= least && asked <= most;
  const type = 'ScalingLimited';
  if (within) {
    const message = 'the desired count is within the acceptable range';
    return { type, status: 'False', reason: 'DesiredWithinRange', message };
  }
  const [reason, bound] = asked < least ? ['TooFewReplicas', 'minimum'] : ['TooManyReplicas', 'maximum'];
  const way = asked < least ? 'less' : 'more';
  return {
    type,
    status: 'True',
    reason,
    message: `the desired replica count is ${way} than the ${bound} replica count`,
  };
}

const scaleGot = "the HPA controller was able to get the target's current scale";

function able(reason: string, message: string): JsonObject {
  return { type: 'AbleToScale', status: 'True', reason, message };
}
