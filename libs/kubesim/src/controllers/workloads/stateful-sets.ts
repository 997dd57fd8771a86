import { draftOf, isObject, itemsAt, numberAt, objectAt, textAt, textsAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import type { StoreEvent } from '../../store/store.ts';
import { refOf } from '../cluster-client.ts';
import type { ObjectRef } from '../cluster-client.ts';
import type { Controller } from '../controller.ts';
import { InsideClient } from '../inside.ts';
import type { Inside } from '../inside.ts';
import { claim, controlled, workloadKeys } from './claiming.ts';
import { availabilityOf, isActive, workloadAt } from './owned.ts';
import { podFromTemplate } from './pod-control.ts';
import { presentRevision, revisionLabel } from './pod-template-revision.ts';
import type { Revision } from './pod-template-revision.ts';

const resource = 'statefulsets.apps';
const dependents = new Set(['pods']);

/** Keeps numbered pods with claims of their own, one after the other unless told (pkg/controller/statefulset). */
export class StatefulSets implements Controller {
  readonly manager = 'kube-controller-manager';
  readonly #client: InsideClient;

  constructor(inside: Inside) {
    this.#client = new InsideClient(inside, this.manager, 'statefulset-controller');
  }

  keysOf(event: StoreEvent): readonly string[] {
    return workloadKeys(this.#client, event, { resource, kind: 'StatefulSet', dependents });
  }

  reconcile(key: string): number | undefined {
    const found = workloadAt(this.#client, resource, key);
    if (found === undefined) return undefined;
    const { ref, object: set } = found;
    const pods = claim(this.#client, set, 'pods');
    const inUse = new Set(pods.map((pod) => pod.metadata.labels?.[revisionLabel] ?? ''));
    const revision = presentRevision(this.#client, set, inUse);
    this.#advance(set, revision, pods);
    return this.#tell(ref, revision);
  }

  /** Takes the next step towards the wanted pods; in order, only once the step before is done. */
  #advance(set: KubeObject, revision: Revision, pods: readonly KubeObject[]): void {
    const parallel = textAt(set, 'spec', 'podManagementPolicy') === 'Parallel';
    const start = numberAt(set, 'spec', 'ordinals', 'start') ?? 0;
    const end = start + (numberAt(set, 'spec', 'replicas') ?? 1);
    const byOrdinal = new Map(pods.map((pod) => [ordinalOf(pod), pod]));
    for (let ordinal = start; ordinal < end; ordinal += 1) {
      const done = this.#fill(set, revision, { ordinal, pod: byOrdinal.get(ordinal) });
      if (!done && !parallel) return;
    }
    const surplus = pods
      .filter((pod) => ordinalOf(pod) < start || ordinalOf(pod) >= end)
      .sort((a, b) => ordinalOf(b) - ordinalOf(a));
    for (const pod of parallel ? surplus : surplus.slice(0, 1)) this.#remove(pod);
    if (surplus.length === 0) this.#renew(set, revision, byOrdinal);
  }

  /** @returns whether the pod of a number is there and available. */
  #fill(
    set: KubeObject,
    revision: Revision,
    { ordinal, pod }: { readonly ordinal: number; readonly pod: KubeObject | undefined },
  ): boolean {
    if (pod === undefined) {
      this.#create(set, revision, ordinal);
      return false;
    }
    if (!isActive(pod)) this.#remove(pod);
    return this.#isAvailable(set, pod);
  }

  /** Replaces pods of older revisions from the highest number down to the partition, one at a time. */
  #renew(set: KubeObject, revision: Revision, pods: ReadonlyMap<number, KubeObject>): void {
    if (textAt(set, 'spec', 'updateStrategy', 'type') === 'OnDelete') return;
    const partition = numberAt(set, 'spec', 'updateStrategy', 'rollingUpdate', 'partition') ?? 0;
    for (const [ordinal, pod] of [...pods].sort(([a], [b]) => b - a)) {
      if (ordinal < partition) return;
      if (pod.metadata.labels?.[revisionLabel] !== revision.hash) {
        this.#remove(pod);
        return;
      }
      if (!this.#isAvailable(set, pod)) return;
    }
  }

  #isAvailable(set: KubeObject, pod: KubeObject): boolean {
    const minReady = numberAt(set, 'spec', 'minReadySeconds') ?? 0;
    return isActive(pod) && availabilityOf([pod], minReady, this.#client.nowMs()).available === 1;
  }

  #remove(pod: KubeObject): void {
    if (pod.metadata.deletionTimestamp !== undefined) return;
    this.#client.remove(refOf('pods', pod), { uid: pod.metadata.uid ?? '' });
  }

  #create(set: KubeObject, revision: Revision, ordinal: number): void {
    const name = `${set.metadata.name ?? ''}-${String(ordinal)}`;
    const pod = draftOf(podFromTemplate(set, revision.template, { name }));
    pod.metadata.labels = {
      ...pod.metadata.labels,
      [revisionLabel]: revision.hash,
      'apps.kubernetes.io/pod-index': String(ordinal),
      'statefulset.kubernetes.io/pod-name': name,
    };
    const spec = objectAt(pod, 'spec') ?? {};
    spec['hostname'] = name;
    const service = textAt(set, 'spec', 'serviceName');
    if (service !== undefined && service !== '') spec['subdomain'] = service;
    const claims = itemsAt(set, 'spec', 'volumeClaimTemplates').filter(isObject);
    const volumes = claims.map((claim) => this.#claim(set, claim, name));
    const given = itemsAt(spec, 'volumes').filter(
      (one) => !claims.some((claim) => textAt(claim, 'metadata', 'name') === textAt(one, 'name')),
    );
    if (volumes.length + given.length > 0) spec['volumes'] = [...volumes, ...given];
    this.#client.create('pods', pod);
  }

  /** Makes a pod's claim unless it is there from before. @returns the volume that uses it. */
  #claim(set: KubeObject, template: JsonObject, pod: string): Json {
    const name = textAt(template, 'metadata', 'name') ?? '';
    const namespace = set.metadata.namespace ?? '';
    const claimName = `${name}-${pod}`;
    if (this.#client.get({ resource: 'persistentvolumeclaims', namespace, name: claimName }) === undefined) {
      const labels = textsAt(set, 'spec', 'selector', 'matchLabels');
      const given = objectAt(template, 'metadata') ?? {};
      this.#client.create('persistentvolumeclaims', {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: draftOf({
          ...given,
          name: claimName,
          namespace,
          labels: { ...textsAt(given, 'labels'), ...labels },
        }),
        spec: template['spec'] ?? {},
      });
    }
    return { name, persistentVolumeClaim: { claimName } };
  }

  #tell(ref: ObjectRef, revision: Revision): number | undefined {
    const set = this.#client.get(ref);
    if (set === undefined) return undefined;
    const pods = controlled(this.#client, set, 'pods').filter(isActive);
    const minReady = numberAt(set, 'spec', 'minReadySeconds') ?? 0;
    const { ready, available, nextMs } = availabilityOf(pods, minReady, this.#client.nowMs());
    const updated = pods.filter((pod) => pod.metadata.labels?.[revisionLabel] === revision.hash).length;
    const replicas = numberAt(set, 'spec', 'replicas') ?? 1;
    const complete = updated === replicas && pods.length === replicas && ready === replicas;
    const before = textAt(set, 'status', 'currentRevision') ?? revision.name;
    const current = complete ? revision.name : before;
    const status = {
      observedGeneration: set.metadata.generation ?? 0,
      replicas: pods.length,
      readyReplicas: ready,
      currentReplicas: current === revision.name ? updated : pods.length - updated,
      updatedReplicas: updated,
      currentRevision: current,
      updateRevision: revision.name,
      collisionCount: 0,
      availableReplicas: available,
    };
    this.#client.change(ref, (draft) => void (draft['status'] = status), 'status');
    return nextMs;
  }
}

/** The number at the end of a pod's name. */
function ordinalOf(pod: KubeObject): number {
  return Number(/-(\d+)$/.exec(pod.metadata.name ?? '')?.[1] ?? -1);
}
