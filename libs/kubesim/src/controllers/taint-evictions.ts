import { isObject, itemsAt, jsonEqual, numberAt, objectAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import type { StoreEvent } from '../store/store.ts';
import { refOf } from './cluster-client.ts';
import { namespacedKey, splitKey } from './controller.ts';
import type { Controller } from './controller.ts';
import { InsideClient } from './inside.ts';
import type { Inside } from './inside.ts';
import { tolerates } from './scheduling/node-fit.ts';

/** Sends pods away from nodes whose taints they do not tolerate, or not for ever (pkg/controller/tainteviction). */
export class TaintEvictions implements Controller {
  readonly manager = 'kube-controller-manager';
  readonly #client: InsideClient;
  /** When the taints of a pod's node came to be as they are, by key of the pod. */
  readonly #since = new Map<string, { readonly taints: readonly JsonObject[]; readonly atMs: number }>();

  constructor(inside: Inside) {
    this.#client = new InsideClient(inside, this.manager, 'taint-eviction-controller');
  }

  keysOf({ type, key, object, previous }: StoreEvent): readonly string[] {
    if (key.resource === 'nodes') {
      const same = jsonEqual(drivingTaints(object), previous === undefined ? [] : drivingTaints(previous));
      return same && type !== 'DELETED' ? [] : this.#podsOn(key.name);
    }
    if (key.resource !== 'pods') return [];
    const name = namespacedKey(key.namespace, key.name);
    if (type === 'DELETED') this.#since.delete(name);
    const isMoved = textAt(object, 'spec', 'nodeName') !== textAt(previous, 'spec', 'nodeName');
    return type !== 'DELETED' && isMoved ? [name] : [];
  }

  #podsOn(node: string): string[] {
    return this.#client
      .list('pods')
      .filter((pod) => textAt(pod, 'spec', 'nodeName') === node)
      .map(({ metadata: { namespace = '', name = '' } }) => namespacedKey(namespace, name));
  }

  reconcile(key: string): number | undefined {
    const pod = this.#client.get({ resource: 'pods', ...splitKey(key) });
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return undefined;
    const name = textAt(pod, 'spec', 'nodeName') ?? '';
    const node = this.#client.get({ resource: 'nodes', namespace: '', name });
    if (node === undefined) return this.#collect(pod, name);
    const taints = drivingTaints(node);
    const seconds = toleratedSeconds(pod, taints);
    if (taints.length === 0 || seconds === undefined) {
      if (this.#since.delete(key)) this.#tell(pod, `Cancelling deletion of Pod ${key}`);
      return undefined;
    }
    const leftMs = seconds * 1_000 - this.#heldMs(key, taints);
    if (leftMs > 0) return leftMs;
    this.#evict(pod);
    return undefined;
  }

  #heldMs(key: string, taints: readonly JsonObject[]): number {
    const nowMs = this.#client.nowMs();
    const known = this.#since.get(key);
    if (known !== undefined && jsonEqual([...known.taints], [...taints])) return nowMs - known.atMs;
    this.#since.set(key, { taints, atMs: nowMs });
    return 0;
  }

  #evict(pod: KubeObject): void {
    const { namespace = '', name = '', uid = '' } = pod.metadata;
    this.#tell(pod, `Marking for deletion Pod ${namespacedKey(namespace, name)}`);
    this.#disrupt(pod, 'DeletionByTaintManager', 'Taint manager: deleting due to NoExecute taint');
    this.#client.remove(refOf('pods', pod), { uid });
  }

  #tell(pod: KubeObject, message: string): void {
    this.#client.record(pod, { type: 'Normal', reason: 'TaintManagerEviction', message });
  }

  /** The pods of a node that is gone go too (pkg/controller/podgc). */
  #collect(pod: KubeObject, node: string): undefined {
    if (node === '') return;
    this.#disrupt(pod, 'DeletionByPodGC', 'PodGC: node no longer exists');
    this.#client.remove(refOf('pods', pod), { uid: pod.metadata.uid ?? '', gracePeriodSeconds: 0 });
  }

  #disrupt(pod: KubeObject, reason: string, message: string): void {
    const times = { lastProbeTime: null, lastTransitionTime: this.#client.now() };
    this.#client.change(
      refOf('pods', pod),
      (draft) => {
        const status = objectAt(draft, 'status') ?? {};
        const others = itemsAt(status, 'conditions').filter(
          (one) => textAt(one, 'type') !== 'DisruptionTarget',
        );
        const observedGeneration = draft.metadata.generation ?? 1;
        const condition = { type: 'DisruptionTarget', status: 'True', reason, message, observedGeneration };
        draft['status'] = { ...status, conditions: [...others, { ...condition, ...times }] };
      },
      'status',
    );
  }
}

function drivingTaints(node: KubeObject): JsonObject[] {
  return itemsAt(node, 'spec', 'taints')
    .filter(isObject)
    .filter(({ effect }) => effect === 'NoExecute');
}

/** For how long a pod puts up with taints: undefined for ever, 0 not at all. */
function toleratedSeconds(pod: KubeObject, taints: readonly JsonObject[]): number | undefined {
  const tolerations = itemsAt(pod, 'spec', 'tolerations').filter(isObject);
  const used = taints.map((taint) => tolerations.filter((one) => tolerates(one, taint)));
  if (used.some((some) => some.length === 0)) return 0;
  const limits = used.flat().flatMap((one) => numberAt(one, 'tolerationSeconds') ?? []);
  return limits.length > 0 ? Math.max(0, Math.min(...limits)) : undefined;
}
