import { isObject, itemsAt, numberAt, textAt, textsAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import type { StoreEvent } from '../store/store.ts';
import type { ClusterClient } from './cluster-client.ts';
import { namespacedKey } from './controller.ts';

/** Where endpoints say when what they list changed last. */
export const triggerAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time';

/** Services without an address of their own are marked so. */
export const headlessLabel = 'service.kubernetes.io/headless';

/** Keys of the services that a change is about: one itself, or those that select a pod with an address. */
export function serviceKeys(client: ClusterClient, { key, object, previous }: StoreEvent): readonly string[] {
  if (key.resource === 'services') return [namespacedKey(key.namespace, key.name)];
  if (key.resource !== 'pods') return [];
  const seen = (pod: KubeObject | undefined) => textAt(pod, 'status', 'podIP') !== undefined;
  if (!seen(object) && !seen(previous)) return [];
  return client
    .list('services', key.namespace)
    .filter((service) => selects(service, object) || (previous !== undefined && selects(service, previous)))
    .map((service) => namespacedKey(key.namespace, service.metadata.name ?? ''));
}

/** The pods that a service lists: those that it selects, have an address and have not ended. */
export function podsOfService(client: ClusterClient, service: KubeObject): KubeObject[] {
  return client
    .list('pods', service.metadata.namespace)
    .filter((pod) => selects(service, pod) && textAt(pod, 'status', 'podIP') !== undefined && !isOver(pod));
}

/** Whether a service has no address of its own. */
export function isHeadless(service: KubeObject): boolean {
  return ['', 'None'].includes(textAt(service, 'spec', 'clusterIP') ?? '');
}

/** The ports of a service with the numbers that a pod listens on; those that the pod does not name are left out. */
export function portsFor(service: KubeObject, pod: KubeObject): JsonObject[] {
  return itemsAt(service, 'spec', 'ports')
    .filter(isObject)
    .flatMap((port) => {
      const { targetPort = port['port'] } = port;
      const number = typeof targetPort === 'string' ? namedPort(pod, targetPort) : targetPort;
      if (number === undefined) return [];
      const protocol = textAt(port, 'protocol') ?? 'TCP';
      const application = textAt(port, 'appProtocol');
      const name = textAt(port, 'name') ?? '';
      return [
        { name, port: number, protocol, ...(application !== undefined && { appProtocol: application }) },
      ];
    });
}

function selects(service: KubeObject, pod: KubeObject): boolean {
  const selector = Object.entries(textsAt(service, 'spec', 'selector'));
  const labels = pod.metadata.labels ?? {};
  return selector.length > 0 && selector.every(([name, value]) => labels[name] === value);
}

function isOver(pod: KubeObject): boolean {
  return ['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase') ?? '');
}

function namedPort(pod: KubeObject, name: string): number | undefined {
  const containers = itemsAt(pod, 'spec', 'containers').flatMap((one) => itemsAt(one, 'ports'));
  return numberAt(
    containers.find((port) => textAt(port, 'name') === name),
    'containerPort',
  );
}
