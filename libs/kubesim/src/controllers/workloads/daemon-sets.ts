import { draftOf, isObject, itemsAt, numberAt, objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import type { StoreEvent } from '../../store/store.ts';
import type { ObjectRef } from '../cluster-client.ts';
import { namespacedKey } from '../controller.ts';
import type { Controller } from '../controller.ts';
import { InsideClient } from '../inside.ts';
import type { Inside } from '../inside.ts';
import { nodeRefusal } from '../scheduling/node-fit.ts';
import { claim, controlled, workloadKeys } from './claiming.ts';
import { availabilityOf, isActive, scaledValue, workloadAt } from './owned.ts';
import { createPod, deletePod, podFromTemplate } from './pod-control.ts';
import { forgetRevisions, revisionLabel, revisionsOf } from './revisions.ts';
import type { Revision } from './revisions.ts';

const resource = 'daemonsets.apps';
const dependents = new Set(['pods']);

/** Where a daemon set says how often its template changed. */
const generationAnnotation = 'deprecated.daemonset.template.generation';

/** What every pod of a daemon set puts up with (pkg/controller/daemon/util AddOrUpdateDaemonPodTolerations). */
const daemonTolerations: JsonObject[] = [
  ['not-ready', 'NoExecute'],
  ['unreachable', 'NoExecute'],
  ['disk-pressure', 'NoSchedule'],
  ['memory-pressure', 'NoSchedule'],
  ['pid-pressure', 'NoSchedule'],
  ['unschedulable', 'NoSchedule'],
].map(([key = '', effect = '']) => ({ key: `node.kubernetes.io/${key}`, operator: 'Exists', effect }));

/** Keeps one pod of a daemon set on every node that takes it (pkg/controller/daemon). */
export class DaemonSets implements Controller {
  readonly manager = 'kube-controller-manager';
  readonly #client: InsideClient;

  constructor(inside: Inside) {
    this.#client = new InsideClient(inside, this.manager, 'daemonset-controller');
  }

  keysOf(event: StoreEvent): readonly string[] {
    if (event.key.resource === 'nodes') {
      return this.#client
        .list(resource)
        .map(({ metadata: { namespace = '', name = '' } }) => namespacedKey(namespace, name));
    }
    return workloadKeys(this.#client, event, { resource, kind: 'DaemonSet', dependents });
  }

  reconcile(key: string): number | undefined {
    const found = workloadAt(this.#client, resource, key);
    if (found === undefined) return undefined;
    const { ref, object: set } = found;
    const pods = claim(this.#client, set, 'pods');
    const used = new Set(pods.map((pod) => pod.metadata.labels?.[revisionLabel] ?? ''));
    const { update: revision, all } = revisionsOf(this.#client, set, revisionLabel);
    const unused = all.filter((one) => one !== revision && !used.has(one.hash));
    forgetRevisions(this.#client, set, unused);
    const wanted = this.#nodesFor(set);
    this.#place(set, { revision, wanted, pods });
    if (textAt(set, 'spec', 'updateStrategy', 'type') !== 'OnDelete') this.#renew(set, revision, wanted);
    return this.#tell(ref, set, { revision, wanted });
  }

  /** Names of the nodes that should run a pod. */
  #nodesFor(set: KubeObject): ReadonlySet<string> {
    const probe = podOf(set, objectAt(set, 'spec', 'template') ?? {}, '');
    const nodes = this.#client.list('nodes');
    return new Set(
      nodes
        .filter((node) => nodeRefusal(probe, node) === undefined)
        .map(({ metadata }) => metadata.name ?? ''),
    );
  }

  #place(
    set: KubeObject,
    {
      revision,
      wanted,
      pods,
    }: { revision: Revision; wanted: ReadonlySet<string>; pods: readonly KubeObject[] },
  ): void {
    const taken = new Set<string>();
    for (const pod of pods) {
      const node = nodeOf(pod);
      const isGoing = pod.metadata.deletionTimestamp !== undefined;
      const isNeeded = isActive(pod) && wanted.has(node) && !taken.has(node);
      // A pod on its way out holds its node until it is gone.
      if (isGoing || isNeeded) taken.add(node);
      else deletePod(this.#client, set, pod);
    }
    for (const node of wanted) if (!taken.has(node)) this.#create(set, revision, node);
  }

  #create(set: KubeObject, revision: Revision, node: string): void {
    const pod = podOf(set, revision.template, node);
    pod.metadata.labels = {
      ...pod.metadata.labels,
      [revisionLabel]: revision.hash,
      'pod-template-generation': set.metadata.annotations?.[generationAnnotation] ?? '1',
    };
    createPod(this.#client, set, pod);
  }

  /** Deletes pods of older revisions, as many at once as may be unavailable. */
  #renew(set: KubeObject, revision: Revision, wanted: ReadonlySet<string>): void {
    const rolling = objectAt(set, 'spec', 'updateStrategy', 'rollingUpdate');
    const most = Math.max(1, scaledValue(rolling?.['maxUnavailable'] ?? 1, wanted.size, 'up'));
    const pods = controlled(this.#client, set, 'pods').filter(isActive);
    const old = pods.filter((pod) => pod.metadata.labels?.[revisionLabel] !== revision.hash);
    const available = this.#available(set, pods);
    const oldUnavailable = old.filter((pod) => this.#available(set, [pod]) === 0);
    const oldAvailable = old.filter((pod) => !oldUnavailable.includes(pod));
    const room = Math.max(0, most - (wanted.size - available));
    for (const pod of [...oldUnavailable, ...oldAvailable.slice(0, room)]) {
      deletePod(this.#client, set, pod);
    }
  }

  #available(set: KubeObject, pods: readonly KubeObject[]): number {
    return availabilityOf(pods, numberAt(set, 'spec', 'minReadySeconds') ?? 0, this.#client.nowMs())
      .available;
  }

  #tell(
    ref: ObjectRef,
    set: KubeObject,
    { revision, wanted }: { revision: Revision; wanted: ReadonlySet<string> },
  ): number | undefined {
    const pods = controlled(this.#client, set, 'pods').filter(isActive);
    const placed = pods.filter((pod) => wanted.has(nodeOf(pod)));
    const minReady = numberAt(set, 'spec', 'minReadySeconds') ?? 0;
    const { ready, available, nextMs } = availabilityOf(placed, minReady, this.#client.nowMs());
    const updated = placed.filter((pod) => pod.metadata.labels?.[revisionLabel] === revision.hash);
    const status = {
      currentNumberScheduled: placed.length,
      numberMisscheduled: pods.length - placed.length,
      desiredNumberScheduled: wanted.size,
      numberReady: ready,
      observedGeneration: set.metadata.generation ?? 0,
      updatedNumberScheduled: updated.length,
      numberAvailable: available,
      numberUnavailable: wanted.size - available,
    };
    this.#client.change(ref, (draft) => void (draft['status'] = status), 'status');
    return nextMs;
  }
}

/** A pod that only one node takes. */
function podOf(set: KubeObject, template: JsonObject, node: string): KubeObject {
  const pod = draftOf(podFromTemplate(set, template, { generateName: `${set.metadata.name ?? ''}-` }));
  const spec = objectAt(pod, 'spec') ?? {};
  spec['tolerations'] = [...itemsAt(spec, 'tolerations'), ...daemonTolerations];
  if (node !== '') {
    const term = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] };
    const required = { nodeSelectorTerms: [term] };
    const affinity = isObject(spec['affinity']) ? spec['affinity'] : {};
    spec['affinity'] = {
      ...affinity,
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required },
    };
  }
  return pod;
}

/** The node that a pod is on or meant for. */
function nodeOf(pod: KubeObject): string {
  const on = textAt(pod, 'spec', 'nodeName');
  if (on !== undefined && on !== '') return on;
  const required = objectAt(
    pod,
    'spec',
    'affinity',
    'nodeAffinity',
    'requiredDuringSchedulingIgnoredDuringExecution',
  );
  const [term] = itemsAt(required, 'nodeSelectorTerms');
  const [value] = itemsAt(itemsAt(term, 'matchFields')[0], 'values');
  return typeof value === 'string' ? value : '';
}
