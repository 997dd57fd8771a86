import { numberAt, textAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import type { StoreEvent } from '../../store/store.ts';
import type { ObjectRef } from '../cluster-client.ts';
import { namespacedKey } from '../controller.ts';
import type { Controller } from '../controller.ts';
import { InsideClient } from '../inside.ts';
import type { Inside } from '../inside.ts';
import { isReady } from '../pod-status.ts';
import { claim, controlled, workloadKeys } from './claiming.ts';
import { availabilityOf, workloadAt } from './owned.ts';
import { forgetRevisions, revisionLabel, revisionsOf, setHashLabel } from './revisions.ts';
import type { Revision } from './revisions.ts';
import { createClaims, createStatefulPod, deleteStatefulPod, isWanted } from './stateful-pods.ts';
import { keepClaims, ordinalOf, rangeOf, renewClaims } from './stateful-pods.ts';

const resource = 'statefulsets.apps';
const claims = 'persistentvolumeclaims';
const kind = { resource, kind: 'StatefulSet', dependents: new Set(['pods']) };

/** Keeps numbered pods with claims of their own, one after the other unless told (pkg/controller/statefulset). */
export class StatefulSets implements Controller {
  readonly manager = 'kube-controller-manager';
  readonly #client: InsideClient;

  constructor(inside: Inside) {
    this.#client = new InsideClient(inside, this.manager, 'statefulset-controller');
  }

  keysOf(event: StoreEvent): readonly string[] {
    const { type, key } = event;
    // Pods wait for claims that go with earlier ones.
    if (type === 'DELETED' && key.resource === claims) {
      return this.#client.list(resource, key.namespace).map(keyOf);
    }
    return workloadKeys(this.#client, event, kind);
  }

  reconcile(key: string): number | undefined {
    const found = workloadAt(this.#client, resource, key);
    if (found === undefined) return undefined;
    const { ref, object: set } = found;
    const pods = claim(this.#client, set, 'pods').filter((pod) => ordinalOf(pod) >= 0);
    const { update, all } = revisionsOf(this.#client, set, setHashLabel);
    const current = all.find(({ name }) => name === textAt(set, 'status', 'currentRevision')) ?? update;
    const work = { set, current, update, nowMs: this.#client.nowMs() };
    this.#advance(work, pods);
    const nextMs = this.#tell(ref, work);
    const used = new Set([current.name, update.name, ...pods.map(revisionName)]);
    const unused = all.filter(({ name }) => !used.has(name));
    forgetRevisions(this.#client, set, unused);
    return nextMs;
  }

  /** Takes the next step towards the wanted pods; in order, only once the step before is done. */
  #advance(work: Work, pods: readonly KubeObject[]): void {
    const { set } = work;
    const [start, end] = rangeOf(set);
    const parallel = textAt(set, 'spec', 'podManagementPolicy') === 'Parallel';
    const byOrdinal = new Map(pods.map((pod) => [ordinalOf(pod), pod]));
    for (let ordinal = start; ordinal < end; ordinal += 1) {
      const done = this.#fill(work, ordinal, byOrdinal.get(ordinal));
      if (!done && !parallel) return;
    }
    const surplus = pods
      .filter((pod) => !isWanted(set, ordinalOf(pod)))
      .sort((a, b) => ordinalOf(b) - ordinalOf(a));
    for (const pod of surplus) keepClaims(this.#client, set, pod);
    if (parallel) for (const pod of surplus) deleteStatefulPod(this.#client, set, pod);
    else if (this.#shrinks(work, surplus)) return;
    this.#renew(work, byOrdinal);
  }

  /** Takes the pod with the highest number away, once it is well or nothing else is unwell. @returns whether there is one. */
  #shrinks(work: Work, [first, ...others]: readonly KubeObject[]): boolean {
    if (first === undefined) return false;
    const isHeld = !isAvailable(work, first) && others.some((pod) => !isAvailable(work, pod));
    if (!isHeld) deleteStatefulPod(this.#client, work.set, first);
    return true;
  }

  /** @returns whether the pod of a number is there and available. */
  #fill(work: Work, ordinal: number, pod: KubeObject | undefined): boolean {
    const { set } = work;
    if (pod === undefined) {
      const revision = ordinal < firstOfUpdate(set) ? work.current : work.update;
      createStatefulPod(this.#client, set, { revision, ordinal });
      return false;
    }
    const phase = textAt(pod, 'status', 'phase') ?? '';
    if (phase === 'Failed' || phase === 'Succeeded') deleteStatefulPod(this.#client, set, pod);
    else if (phase === 'Pending') this.#completeClaims(set, pod);
    const done = isAvailable(work, pod);
    if (done) renewClaims(this.#client, set, pod);
    return done;
  }

  #completeClaims(set: KubeObject, pod: KubeObject): void {
    createClaims(this.#client, set, pod);
    keepClaims(this.#client, set, pod);
  }

  /** Replaces pods of older revisions from the highest number down to the partition, one at a time. */
  #renew(work: Work, pods: ReadonlyMap<number, KubeObject>): void {
    const { set, update } = work;
    if (textAt(set, 'spec', 'updateStrategy', 'type') === 'OnDelete') return;
    const [, end] = rangeOf(set);
    for (let ordinal = end - 1; ordinal >= firstOfUpdate(set); ordinal -= 1) {
      const pod = pods.get(ordinal);
      if (pod === undefined) return;
      if (revisionName(pod) !== update.name) {
        deleteStatefulPod(this.#client, set, pod);
        return;
      }
      if (!isAvailable(work, pod)) return;
    }
  }

  #tell(ref: ObjectRef, work: Work): number | undefined {
    const set = this.#client.get(ref);
    if (set === undefined) return undefined;
    const pods = controlled(this.#client, set, 'pods');
    const minReady = numberAt(set, 'spec', 'minReadySeconds') ?? 0;
    const running = pods.filter((pod) => textAt(pod, 'status', 'phase') === 'Running');
    const { ready, available, nextMs } = availabilityOf(running, minReady, work.nowMs);
    const staying = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined);
    const count = ({ name }: Revision) => staying.filter((pod) => revisionName(pod) === name).length;
    const updated = count(work.update);
    const replicas = numberAt(set, 'spec', 'replicas') ?? 1;
    const rolls = textAt(set, 'spec', 'updateStrategy', 'type') !== 'OnDelete';
    const complete = rolls && [updated, ready, pods.length].every((number) => number === replicas);
    const current = complete ? work.update : work.current;
    const status = {
      observedGeneration: set.metadata.generation ?? 0,
      replicas: pods.length,
      ...Object.fromEntries(
        Object.entries({
          readyReplicas: ready,
          currentReplicas: count(current),
          updatedReplicas: updated,
        }).filter(([, number]) => number > 0),
      ),
      currentRevision: current.name,
      updateRevision: work.update.name,
      collisionCount: 0,
      availableReplicas: available,
    };
    this.#client.change(ref, (draft) => void (draft['status'] = status), 'status');
    return nextMs;
  }
}

/** A stateful set and the templates of its pods. */
interface Work {
  readonly set: KubeObject;
  readonly current: Revision;
  readonly update: Revision;
  readonly nowMs: number;
}

/** The first number whose pod is to be of the update revision. */
function firstOfUpdate(set: KubeObject): number {
  const [start] = rangeOf(set);
  return start + (numberAt(set, 'spec', 'updateStrategy', 'rollingUpdate', 'partition') ?? 0);
}

function isAvailable({ set, nowMs }: Work, pod: KubeObject): boolean {
  const minReady = numberAt(set, 'spec', 'minReadySeconds') ?? 0;
  const stays = pod.metadata.deletionTimestamp === undefined && isReady(pod);
  return stays && availabilityOf([pod], minReady, nowMs).available === 1;
}

function keyOf({ metadata: { namespace = '', name = '' } }: KubeObject): string {
  return namespacedKey(namespace, name);
}

function revisionName(pod: KubeObject): string {
  return pod.metadata.labels?.[revisionLabel] ?? '';
}
