import { jsonEqual, objectAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import type { StoreEvent } from '../store/store.ts';
import { ClusterClient } from './cluster-client.ts';
import type { ClusterCore, ObjectRef } from './cluster-client.ts';
import { splitKey } from './controller.ts';
import type { Controller } from './controller.ts';
import { isReady } from './pod-status.ts';
import { headlessLabel, isHeadless, podsOfService, portsFor } from './service-pods.ts';
import { serviceKeys, triggerAnnotation } from './service-pods.ts';

const resource = 'endpoints';
const managedByLabel = 'endpoints.kubernetes.io/managed-by';
const managedBy = 'endpoint-controller';

/** Keeps the older list of the pods of every service with a selector (pkg/controller/endpoint). */
export class Endpoints implements Controller {
  readonly manager = 'kube-controller-manager';
  readonly #client: ClusterClient;

  constructor(core: ClusterCore) {
    this.#client = new ClusterClient(core, this.manager);
  }

  keysOf(event: StoreEvent): readonly string[] {
    return serviceKeys(this.#client, event);
  }

  reconcile(key: string): undefined {
    const { namespace, name } = splitKey(key);
    const ref = { resource, namespace, name };
    const service = this.#client.get({ ...ref, resource: 'services' });
    const present = this.#client.get(ref);
    if (service === undefined) {
      if (present?.metadata.labels?.[managedByLabel] === managedBy) this.#client.remove(ref);
      return;
    }
    if (objectAt(service, 'spec', 'selector') === undefined) return;
    const subsets = subsetsOf(service, podsOfService(this.#client, service));
    if (present === undefined) this.#create(ref, service, subsets);
    else this.#update(ref, present, { subsets, labels: labelsFor(service) });
  }

  #create({ namespace, name }: ObjectRef, service: KubeObject, subsets: JsonObject[]): void {
    const annotations = { [triggerAnnotation]: service.metadata.creationTimestamp ?? this.#client.now() };
    const metadata = { name, namespace, labels: labelsFor(service), annotations };
    const content = subsets.length > 0 ? { subsets } : {};
    this.#client.create(resource, { apiVersion: 'v1', kind: 'Endpoints', metadata, ...content });
  }

  #update(
    ref: ObjectRef,
    present: KubeObject,
    { subsets, labels }: { readonly subsets: JsonObject[]; readonly labels: { [name: string]: string } },
  ): void {
    if (jsonEqual(present['subsets'] ?? [], subsets) && jsonEqual(present.metadata.labels, labels)) return;
    this.#client.change(ref, (draft) => {
      if (subsets.length > 0) draft['subsets'] = subsets;
      else delete draft['subsets'];
      draft.metadata.labels = labels;
      draft.metadata.annotations = {
        ...draft.metadata.annotations,
        [triggerAnnotation]: this.#client.now(),
      };
    });
  }
}

function labelsFor(service: KubeObject): { [name: string]: string } {
  const headless = isHeadless(service) ? { [headlessLabel]: '' } : {};
  return { ...service.metadata.labels, ...headless, [managedByLabel]: managedBy };
}

/** Addresses that listen on the same ports are listed together, those that are ready apart from the others. */
function subsetsOf(service: KubeObject, pods: readonly KubeObject[]): JsonObject[] {
  const publishes = objectAt(service, 'spec')?.['publishNotReadyAddresses'] === true;
  const staying = pods.filter(({ metadata }) => publishes || metadata.deletionTimestamp === undefined);
  const groups = new Map<string, { ports: JsonObject[]; ready: JsonObject[]; others: JsonObject[] }>();
  for (const pod of staying) {
    const ports = portsFor(service, pod);
    if (ports.length === 0) continue;
    const group = groups.get(JSON.stringify(ports)) ?? { ports, ready: [], others: [] };
    (publishes || isReady(pod) ? group.ready : group.others).push(addressOf(pod));
    groups.set(JSON.stringify(ports), group);
  }
  return [...groups.values()].map(({ ports, ready, others }) => ({
    ...(ready.length > 0 && { addresses: ready }),
    ...(others.length > 0 && { notReadyAddresses: others }),
    ports: ports.map(plainPort),
  }));
}

function addressOf(pod: KubeObject): JsonObject {
  const { name = '', namespace = '', uid = '' } = pod.metadata;
  return {
    ip: textAt(pod, 'status', 'podIP') ?? '',
    nodeName: textAt(pod, 'spec', 'nodeName') ?? '',
    targetRef: { kind: 'Pod', name, namespace, uid },
  };
}

function plainPort({ name, ...port }: JsonObject): JsonObject {
  return name === '' ? port : { name, ...port };
}
