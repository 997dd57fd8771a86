import { selectorText } from '../../api/selector-text.ts';
import { itemsAt, jsonEqual, numberAt, objectAt, textAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import { kindOf } from '../../kube-object.ts';
import type { KubeObject } from '../../kube-object.ts';
import { groupResource } from '../../schema/resource.ts';
import type { StoreEvent } from '../../store/store.ts';
import { refOf } from '../cluster-client.ts';
import type { ObjectRef } from '../cluster-client.ts';
import { namespacedKey } from '../controller.ts';
import type { Controller } from '../controller.ts';
import { InsideClient } from '../inside.ts';
import type { Inside } from '../inside.ts';
import { takesLabels } from '../selecting.ts';
import { withCondition, workloadAt } from '../workloads/owned.ts';
import { decide } from './decision.ts';
import type { Decision } from './decision.ts';
import { loadOf } from './load.ts';
import { ScaleHistory } from './scale-history.ts';

const resource = 'horizontalpodautoscalers.autoscaling';

/** How long an autoscaler waits between two steps by load (kube-controller-manager --horizontal-pod-autoscaler-sync-period). */
const periodMs = 15_000;

/** What is scaled. */
interface Scaled {
  readonly ref: ObjectRef;
  readonly object: KubeObject;
}

/** Scales targets between their bounds, by the load that an annotation sets (pkg/controller/podautoscaler). */
export class Autoscalers implements Controller {
  readonly manager = 'kube-controller-manager';
  readonly #client: InsideClient;
  /** What each autoscaler recommended and did, by its key. */
  readonly #histories = new Map<string, ScaleHistory>();

  constructor(inside: Inside) {
    this.#client = new InsideClient(inside, this.manager, 'horizontal-pod-autoscaler');
  }

  keysOf({ type, key, object, previous }: StoreEvent): readonly string[] {
    if (key.resource !== resource) return this.#followers(key.namespace, object, previous);
    if (type === 'DELETED') this.#histories.delete(namespacedKey(key.namespace, key.name));
    // Its own status is no reason to look again.
    const same = (['spec', 'metadata'] as const).every((part) =>
      jsonEqual(intentOf(object, part), previous && intentOf(previous, part)),
    );
    return same && type === 'MODIFIED' ? [] : this.#keysIn(key.namespace);
  }

  /** Autoscalers where something that can be scaled came, went or changed its number of pods. */
  #followers(namespace: string, object: KubeObject, previous: KubeObject | undefined): readonly string[] {
    const counts = (one: KubeObject | undefined) => [
      numberAt(one, 'spec', 'replicas') ?? null,
      numberAt(one, 'status', 'replicas') ?? null,
    ];
    return namespace === '' || jsonEqual(counts(object), counts(previous)) ? [] : this.#keysIn(namespace);
  }

  #keysIn(namespace: string): readonly string[] {
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
      return this.#follow(ref, autoscaler, { ref: target, object: stored });
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

  /** @returns after how long the load may make a difference again. */
  #follow(ref: ObjectRef, autoscaler: KubeObject, scaled: Scaled): number | undefined {
    const current = numberAt(scaled.object, 'spec', 'replicas') ?? 1;
    const leftMs = this.#leftMs(autoscaler);
    if (leftMs > 0) {
      this.#setStatus(ref, (status) => ({ ...status, currentReplicas: current }));
      return leftMs;
    }
    const nowMs = this.#client.nowMs();
    const history = this.#historyOf(ref);
    history.begin(current, nowMs);
    const ambiguity = this.#ambiguityOf(scaled);
    const decision = decide({ autoscaler, current, history, nowMs, ambiguity });
    this.#carryOut(autoscaler, scaled, { ...decision, current });
    this.#tell(ref, decision, current);
    return loadOf(autoscaler) === undefined ? undefined : periodMs;
  }

  #historyOf({ namespace, name }: ObjectRef): ScaleHistory {
    const key = namespacedKey(namespace, name);
    const history = this.#histories.get(key) ?? new ScaleHistory();
    this.#histories.set(key, history);
    return history;
  }

  /** Milliseconds until the load may make a difference again. */
  #leftMs(autoscaler: KubeObject): number {
    const last = Date.parse(textAt(autoscaler, 'status', 'lastScaleTime') ?? '');
    if (Number.isNaN(last) || loadOf(autoscaler) === undefined) return 0;
    return last + periodMs - this.#client.nowMs();
  }

  #carryOut(
    autoscaler: KubeObject,
    { ref }: Scaled,
    { replicas, why = '', warnings = [], current }: Decision & { readonly current: number },
  ): void {
    for (const warning of warnings) this.#client.record(autoscaler, { type: 'Warning', ...warning });
    if (replicas === undefined || replicas === current) return;
    const edit = (draft: KubeObject) => void Object.assign(objectAt(draft, 'spec') ?? {}, { replicas });
    this.#client.change(ref, edit, 'scale');
    const message = `New size: ${String(replicas)}; reason: ${why}`;
    this.#client.record(autoscaler, { type: 'Normal', reason: 'SuccessfulRescale', message });
    this.#historyOf(refOf(resource, autoscaler)).change(replicas - current, this.#client.nowMs());
  }

  #tell(ref: ObjectRef, { replicas, conditions, metrics }: Decision, current: number): void {
    const now = this.#client.now();
    this.#setStatus(ref, (status) => {
      const isScaled = replicas !== undefined && replicas !== current;
      const lastScaleTime = isScaled ? now : textAt(status, 'lastScaleTime');
      return {
        ...(lastScaleTime !== undefined && { lastScaleTime }),
        currentReplicas: current,
        desiredReplicas: replicas ?? numberAt(status, 'desiredReplicas') ?? 0,
        currentMetrics: metrics,
        conditions: withConditions(itemsAt(status, 'conditions'), conditions, now),
      };
    });
  }

  /** Why it cannot be told who scales the pods of a target: several autoscalers have them among theirs. */
  #ambiguityOf({ ref, object }: Scaled): string | undefined {
    const selector = selectorOf(object);
    if (selector === undefined) return undefined;
    const autoscalers = this.#client.list(resource, ref.namespace);
    if (autoscalers.length < 2) return undefined;
    const pods = this.#client
      .list('pods', ref.namespace)
      .filter(({ metadata }) => takesLabels(selector, metadata.labels));
    const scaling = autoscalers.filter((one) => {
      const target = this.#targetOf(one);
      const theirs = target && selectorOf(this.#client.get(target));
      return theirs !== undefined && pods.some(({ metadata }) => takesLabels(theirs, metadata.labels));
    });
    if (scaling.length < 2) return undefined;
    const names = scaling.map(({ metadata: { name = '', namespace = '' } }) => `{${name} ${namespace}}`);
    return `pods by selector ${selectorText(selector)} are controlled by multiple HPAs: [${names.join(' ')}]`;
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
    const now = this.#client.now();
    this.#setStatus(ref, (status) => ({
      ...status,
      conditions: withConditions(itemsAt(status, 'conditions'), [condition], now),
    }));
  }

  #setStatus(ref: ObjectRef, next: (status: JsonObject) => JsonObject): void {
    const edit = (draft: KubeObject) => void (draft['status'] = next(objectAt(draft, 'status') ?? {}));
    this.#client.change(ref, edit, 'status');
  }
}

function intentOf(autoscaler: KubeObject, part: 'spec' | 'metadata'): Json | undefined {
  return part === 'spec' ? autoscaler['spec'] : autoscaler.metadata.annotations;
}

function withConditions(present: readonly Json[], wanted: readonly JsonObject[], now: string): Json[] {
  const times = { lastTransitionTime: now };
  return wanted.reduce<Json[]>((all, one) => withCondition(all, one, times), [...present]);
}

/** The selector of what can be scaled; that of a replication controller is a plain map of labels. */
function selectorOf(object: KubeObject | undefined): JsonObject | undefined {
  const selector = objectAt(object, 'spec', 'selector');
  const isPlain = object?.kind === 'ReplicationController' && selector !== undefined;
  return isPlain ? { matchLabels: selector } : selector;
}
