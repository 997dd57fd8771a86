import { isObject, itemsAt, jsonEqual, numberAt, objectAt, textAt, textsAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import type { StoreEvent } from '../store/store.ts';
import { ClusterClient, refOf } from './cluster-client.ts';
import type { ClusterCore } from './cluster-client.ts';
import { namespacedKey, splitKey } from './controller.ts';
import type { Controller } from './controller.ts';
import { isReady } from './pod-status.ts';

const slices = 'endpointslices.discovery.k8s.io';
const managedBy = 'endpointslice-controller.k8s.io';

/** Endpoints in one slice at most (pkg/controller/endpointslice, --max-endpoints-per-slice). */
const mostEndpoints = 100;

/** Lists the pods of every service with a selector in its endpoint slices. */
export class EndpointSlices implements Controller {
  readonly manager = 'kube-controller-manager';
  readonly #client: ClusterClient;

  constructor(core: ClusterCore) {
    this.#client = new ClusterClient(core, this.manager);
  }

  keysOf({ key, object, previous }: StoreEvent): readonly string[] {
    if (key.resource === 'services') return [namespacedKey(key.namespace, key.name)];
    if (key.resource !== 'pods') return [];
    const seen = (pod: KubeObject | undefined) => textAt(pod, 'status', 'podIP') !== undefined;
    if (!seen(object) && !seen(previous)) return [];
    return this.#client
      .list('services', key.namespace)
      .filter((service) => selects(service, object) || (previous !== undefined && selects(service, previous)))
      .map((service) => namespacedKey(key.namespace, service.metadata.name ?? ''));
  }

  reconcile(key: string): undefined {
    const { namespace, name } = splitKey(key);
    const service = this.#client.get({ resource: 'services', namespace, name });
    if (service === undefined || service.metadata.deletionTimestamp !== undefined) return;
    if (objectAt(service, 'spec', 'selector') === undefined) return;
    const pods = this.#client
      .list('pods', namespace)
      .filter((pod) => selects(service, pod) && textAt(pod, 'status', 'podIP') !== undefined && !isOver(pod));
    const wanted: JsonObject[] = [];
    for (let start = 0; start === 0 || start < pods.length; start += mostEndpoints) {
      wanted.push({
        endpoints: pods.slice(start, start + mostEndpoints).map(endpointOf),
        ports: portsOf(service, pods[0]),
      });
    }
    this.#write(service, wanted);
  }

  #write(service: KubeObject, wanted: readonly JsonObject[]): void {
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
      if (slice === undefined) this.#client.create(slices, sliceOf(service, content));
      else if (!jsonEqual({ endpoints: slice['endpoints'] ?? [], ports: slice['ports'] ?? [] }, content))
        this.#client.change(refOf(slices, slice), (draft) => void Object.assign(draft, content));
    });
    for (const slice of present.slice(wanted.length)) this.#client.remove(refOf(slices, slice));
  }
}

function selects(service: KubeObject, pod: KubeObject): boolean {
  const selector = Object.entries(textsAt(service, 'spec', 'selector'));
  const labels = pod.metadata.labels ?? {};
  return selector.length > 0 && selector.every(([name, value]) => labels[name] === value);
}

function isOver(pod: KubeObject): boolean {
  return ['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase') ?? '');
}

function sliceOf(service: KubeObject, content: JsonObject): KubeObject {
  const { name = '', namespace = '', uid = '', labels = {} } = service.metadata;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: {
        ...labels,
        'endpointslice.kubernetes.io/managed-by': managedBy,
        'kubernetes.io/service-name': name,
      },
      ownerReferences: [
        { apiVersion: 'v1', kind: 'Service', name, uid, controller: true, blockOwnerDeletion: true },
      ],
    },
    addressType: 'IPv4',
    ...content,
  };
}

function endpointOf(pod: KubeObject): JsonObject {
  const { name = '', namespace = '', uid = '', deletionTimestamp } = pod.metadata;
  const [ready, terminating] = [isReady(pod), deletionTimestamp !== undefined];
  return {
    addresses: [textAt(pod, 'status', 'podIP') ?? ''],
    conditions: { ready: ready && !terminating, serving: ready, terminating },
    nodeName: textAt(pod, 'spec', 'nodeName') ?? '',
    targetRef: { kind: 'Pod', name, namespace, uid },
  };
}

/** The ports of the service with the numbers that its pods listen on. */
function portsOf(service: KubeObject, pod: KubeObject | undefined): Json[] {
  return itemsAt(service, 'spec', 'ports')
    .filter(isObject)
    .map((port) => {
      const { targetPort = port['port'] } = port;
      const number = typeof targetPort === 'string' ? namedPort(pod, targetPort) : targetPort;
      return {
        name: textAt(port, 'name') ?? '',
        port: number ?? null,
        protocol: textAt(port, 'protocol') ?? 'TCP',
      };
    });
}

function namedPort(pod: KubeObject | undefined, name: string): number | undefined {
  const containers = itemsAt(pod, 'spec', 'containers').flatMap((one) => itemsAt(one, 'ports'));
  return numberAt(
    containers.find((port) => textAt(port, 'name') === name),
    'containerPort',
  );
}
