import { numberAt, objectAt, textAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import type { StoreEvent } from '../../store/store.ts';
import { ClusterClient, refOf } from '../cluster-client.ts';
import type { ClusterCore, ObjectRef } from '../cluster-client.ts';
import type { Controller } from '../controller.ts';
import { isReady } from '../pod-status.ts';
import { availabilityOf, controlled, isActive, podFromTemplate, workloadAt, workloadKeys } from './owned.ts';

const resource = 'replicasets.apps';
const dependents = new Set(['pods']);

/** Pods made or deleted in one look (pkg/controller/replicaset, BurstReplicas). */
const burst = 500;

/** Keeps as many pods as a replica set asks for (pkg/controller/replicaset). Pods of others are not adopted. */
export class ReplicaSets implements Controller {
  readonly manager = 'kube-controller-manager';
  readonly #client: ClusterClient;

  constructor(core: ClusterCore) {
    this.#client = new ClusterClient(core, this.manager);
  }

  keysOf(event: StoreEvent): readonly string[] {
    return workloadKeys(event, { resource, kind: 'ReplicaSet', dependents });
  }

  reconcile(key: string): number | undefined {
    const found = workloadAt(this.#client, resource, key);
    if (found === undefined) return undefined;
    const { ref, object } = found;
    const pods = controlled(this.#client, object, 'pods').filter(isActive);
    const missing = (numberAt(object, 'spec', 'replicas') ?? 1) - pods.length;
    if (missing > 0) this.#create(object, Math.min(missing, burst));
    const surplus = missing < 0 ? [...pods].sort(leastNeededFirst).slice(0, Math.min(-missing, burst)) : [];
    for (const pod of surplus) {
      this.#client.remove(refOf('pods', pod), { uid: pod.metadata.uid ?? '' });
    }
    return this.#tell(ref, object);
  }

  #create(owner: KubeObject, count: number): void {
    const template = objectAt(owner, 'spec', 'template') ?? {};
    const generateName = `${owner.metadata.name ?? ''}-`;
    for (let made = 0; made < count; made += 1) {
      this.#client.create('pods', podFromTemplate(owner, template, { generateName }));
    }
  }

  /** Writes the status. @returns when it will differ by the passing of time. */
  #tell(ref: ObjectRef, owner: KubeObject): number | undefined {
    const pods = controlled(this.#client, owner, 'pods').filter(isActive);
    const minReady = numberAt(owner, 'spec', 'minReadySeconds') ?? 0;
    const { ready, available, nextMs } = availabilityOf(pods, minReady, this.#client.nowMs());
    const status = {
      replicas: pods.length,
      fullyLabeledReplicas: pods.length,
      readyReplicas: ready,
      availableReplicas: available,
      observedGeneration: owner.metadata.generation ?? 0,
    };
    this.#client.change(ref, (draft) => void (draft['status'] = status), 'status');
    return nextMs;
  }
}

/** Pods that matter least come first: without a node, not running, not ready, the youngest (controller.ActivePods). */
function leastNeededFirst(a: KubeObject, b: KubeObject): number {
  return rank(a) - rank(b) || age(b) - age(a);
}

function rank(pod: KubeObject): number {
  if (textAt(pod, 'spec', 'nodeName') === undefined) return 0;
  if (textAt(pod, 'status', 'phase') !== 'Running') return 1;
  return isReady(pod) ? 3 : 2;
}

function age({ metadata }: KubeObject): number {
  return Date.parse(metadata.creationTimestamp ?? '');
}
