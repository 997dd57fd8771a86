import { ApiError } from '../../errors/api-error.ts';
import { itemsAt, numberAt, objectAt, textAt } from '../../json.ts';
import type { Json } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import type { StoreEvent } from '../../store/store.ts';
import type { ObjectRef } from '../cluster-client.ts';
import type { Controller } from '../controller.ts';
import { InsideClient } from '../inside.ts';
import type { Inside } from '../inside.ts';
import { claim, controlled, workloadKeys } from './claiming.ts';
import type { WorkloadKind } from './claiming.ts';
import { availabilityOf, isActive, isTerminating, workloadAt } from './owned.ts';
import { createPod, deletePod, podFromTemplate } from './pod-control.ts';
import { leastNeeded } from './pod-rank.ts';

const dependents = new Set(['pods']);

/** The two kinds that keep a number of pods, and by which name their events say so. */
const kinds = {
  set: { resource: 'replicasets.apps', kind: 'ReplicaSet', component: 'replicaset-controller' },
  controller: {
    resource: 'replicationcontrollers',
    kind: 'ReplicationController',
    component: 'replication-controller',
  },
} as const;

/** Pods made or deleted in one look (pkg/controller/replicaset, BurstReplicas). */
const burst = 500;

/** Keeps as many pods as a replica set, or a replication controller, asks for (pkg/controller/replicaset). */
export class ReplicaSets implements Controller {
  readonly manager = 'kube-controller-manager';
  readonly #client: InsideClient;
  readonly #kind: WorkloadKind;

  constructor(inside: Inside, of: keyof typeof kinds) {
    const { component, ...kind } = kinds[of];
    this.#client = new InsideClient(inside, this.manager, component);
    this.#kind = { ...kind, dependents };
  }

  keysOf(event: StoreEvent): readonly string[] {
    return workloadKeys(this.#client, event, this.#kind);
  }

  reconcile(key: string): number | undefined {
    const found = workloadAt(this.#client, this.#kind.resource, key);
    if (found === undefined) return undefined;
    const { ref, object } = found;
    const pods = claim(this.#client, object, 'pods').filter(isActive);
    const failure = this.#manage(object, pods);
    const nextMs = this.#tell(ref, failure);
    if (failure !== undefined) throw failure.error;
    return nextMs;
  }

  /** Makes and deletes pods. @returns what went wrong. */
  #manage(owner: KubeObject, pods: readonly KubeObject[]): Failure | undefined {
    const missing = (numberAt(owner, 'spec', 'replicas') ?? 1) - pods.length;
    const surplus = missing < 0 ? leastNeeded(pods).slice(0, Math.min(-missing, burst)) : [];
    try {
      if (missing > 0) this.#create(owner, Math.min(missing, burst));
      for (const pod of surplus) deletePod(this.#client, owner, pod);
      return undefined;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { reason: missing > 0 ? 'FailedCreate' : 'FailedDelete', error };
    }
  }

  #create(owner: KubeObject, count: number): void {
    const template = objectAt(owner, 'spec', 'template') ?? {};
    const generateName = `${owner.metadata.name ?? ''}-`;
    for (let made = 0; made < count; made += 1) {
      createPod(this.#client, owner, podFromTemplate(owner, template, { generateName }));
    }
  }

  /** Writes the status. @returns when it will differ by the passing of time. */
  #tell(ref: ObjectRef, failure: Failure | undefined): number | undefined {
    const owner = this.#client.get(ref);
    if (owner === undefined) return undefined;
    const all = controlled(this.#client, owner, 'pods');
    const pods = all.filter(isActive);
    const minReady = numberAt(owner, 'spec', 'minReadySeconds') ?? 0;
    const { ready, available, nextMs } = availabilityOf(pods, minReady, this.#client.nowMs());
    const labels = Object.entries(objectAt(owner, 'spec', 'template', 'metadata', 'labels') ?? {});
    const isFull = ({ metadata }: KubeObject) =>
      labels.every(([name, value]) => metadata.labels?.[name] === value);
    const conditions = this.#conditions(owner, failure);
    const status = {
      replicas: pods.length,
      fullyLabeledReplicas: pods.filter(isFull).length,
      readyReplicas: ready,
      availableReplicas: available,
      ...(this.#kind.kind === 'ReplicaSet' && { terminatingReplicas: all.filter(isTerminating).length }),
      observedGeneration: owner.metadata.generation ?? 0,
      ...(conditions.length > 0 && { conditions }),
    };
    this.#client.change(ref, (draft) => void (draft['status'] = status), 'status');
    return nextMs;
  }

  /** A failure is told once and stays told until all went well. */
  #conditions(owner: KubeObject, failure: Failure | undefined): Json[] {
    const present = itemsAt(owner, 'status', 'conditions');
    const others = present.filter((one) => textAt(one, 'type') !== 'ReplicaFailure');
    if (failure === undefined) return others;
    if (others.length < present.length) return [...present];
    const { reason, error } = failure;
    const times = { lastTransitionTime: this.#client.now() };
    return [...others, { type: 'ReplicaFailure', status: 'True', reason, message: error.message, ...times }];
  }
}

interface Failure {
  readonly reason: string;
  readonly error: ApiError;
}
