import { jsonEqual, objectAt, textAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { apiTime } from '../kube-object.ts';
import type { KubeObject } from '../kube-object.ts';
import type { StoreEvent } from '../store/store.ts';
import { ClusterClient, refOf } from './cluster-client.ts';
import type { ClusterCore } from './cluster-client.ts';
import { splitKey } from './controller.ts';
import type { Controller } from './controller.ts';
import { isReady } from './pod-status.ts';
import { headlessLabel, isHeadless, podsOfService, portsFor } from './service-pods.ts';
import { serviceKeys, triggerAnnotation } from './service-pods.ts';

const slices = 'endpointslices.discovery.k8s.io';
const managedBy = 'endpointslice-controller.k8s.io';

/** Endpoints in one slice at most (pkg/controller/endpointslice, --max-endpoints-per-slice). */
const mostEndpoints = 100;

/** What a slice lists. */
interface Content {
  readonly endpoints: readonly JsonObject[];
  /** None at all when nothing is listed. */
  readonly ports: readonly JsonObject[] | null;
}

/** Lists the pods of every service with a selector in its endpoint slices. */
export class EndpointSlices implements Controller {
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
    const service = this.#client.get({ resource: 'services', namespace, name });
    if (service === undefined || service.metadata.deletionTimestamp !== undefined) return;
    if (objectAt(service, 'spec', 'selector') === undefined) return;
    this.#write(service, contentsOf(service, podsOfService(this.#client, service)));
  }

  #write(service: KubeObject, wanted: readonly Content[]): void {
    const { name = '', namespace = '' } = service.metadata;
    const present = this.#client
      .list(slices, namespace)
      .filter(
        ({ metadata: { labels = {} } }) =>
          labels['kubernetes.io/service-name'] === name &&
          labels['endpointslice.kubernetes.io/managed-by'] === managedBy,
      );
    wanted.forEach((content, index) => {
      const slice = present[index];
      if (slice === undefined) this.#client.create(slices, this.#sliceOf(service, content));
      else this.#update(slice, content);
    });
    for (const slice of present.slice(wanted.length)) this.#client.remove(refOf(slices, slice));
  }

  #update(slice: KubeObject, { endpoints, ports }: Content): void {
    const content: JsonObject = { endpoints: [...endpoints], ports: ports && [...ports] };
    const present = { endpoints: slice['endpoints'] ?? [], ports: slice['ports'] ?? null };
    if (jsonEqual(present, content)) return;
    const marks = { [triggerAnnotation]: this.#client.now() };
    this.#client.change(refOf(slices, slice), (draft) => {
      Object.assign(draft, content);
      draft.metadata.annotations = { ...draft.metadata.annotations, ...marks };
    });
  }

  #sliceOf(service: KubeObject, { endpoints, ports }: Content): KubeObject {
    const { name = '', namespace = '', uid = '', labels = {}, creationTimestamp } = service.metadata;
    return {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        generateName: `${name}-`,
        namespace,
        annotations: { [triggerAnnotation]: creationTimestamp ?? apiTime(this.#client.nowMs()) },
        labels: {
          ...labels,
          'endpointslice.kubernetes.io/managed-by': managedBy,
          'kubernetes.io/service-name': name,
          ...(isHeadless(service) && { [headlessLabel]: '' }),
        },
        ownerReferences: [
          { apiVersion: 'v1', kind: 'Service', name, uid, controller: true, blockOwnerDeletion: true },
        ],
      },
      addressType: 'IPv4',
      endpoints: [...endpoints],
      ports: ports && [...ports],
    };
  }
}

/** What the slices of a service list: pods that listen on the same ports share slices. */
function contentsOf(service: KubeObject, pods: readonly KubeObject[]): Content[] {
  const groups = new Map<string, { ports: JsonObject[]; pods: KubeObject[] }>();
  for (const pod of pods) {
    const ports = portsFor(service, pod);
    const group = groups.get(JSON.stringify(ports)) ?? { ports, pods: [] };
    group.pods.push(pod);
    groups.set(JSON.stringify(ports), group);
  }
  const contents = [...groups.values()].flatMap((group) => {
    const chunks: Content[] = [];
    for (let start = 0; start < group.pods.length; start += mostEndpoints) {
      const some = group.pods.slice(start, start + mostEndpoints);
      chunks.push({ endpoints: some.map((pod) => endpointOf(service, pod)), ports: group.ports });
    }
    return chunks;
  });
  return contents.length > 0 ? contents : [{ endpoints: [], ports: null }];
}

function endpointOf(service: KubeObject, pod: KubeObject): JsonObject {
  const { name = '', namespace = '', uid = '', deletionTimestamp } = pod.metadata;
  const publishes = objectAt(service, 'spec')?.['publishNotReadyAddresses'] === true;
  const [ready, terminating] = [isReady(pod), deletionTimestamp !== undefined];
  const hostname = hostnameOf(service, pod);
  return {
    addresses: [textAt(pod, 'status', 'podIP') ?? ''],
    conditions: { ready: publishes || (ready && !terminating), serving: ready, terminating },
    ...(hostname !== undefined && { hostname }),
    nodeName: textAt(pod, 'spec', 'nodeName') ?? '',
    targetRef: { kind: 'Pod', name, namespace, uid },
  };
}

/** The name by which a headless service knows a pod that belongs to it. */
function hostnameOf(service: KubeObject, pod: KubeObject): Json | undefined {
  const isOf = textAt(pod, 'spec', 'subdomain') === service.metadata.name;
  return isOf ? textAt(pod, 'spec', 'hostname') : undefined;
}
