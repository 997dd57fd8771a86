import { isObject, itemsAt, objectAt, textAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import type { ClusterClient } from './cluster-client.ts';

/** What a pod needs and the cluster does not have. */
export interface MissingConfig {
  /** Whether a volume of the pod needs it: then no container is made at all. */
  readonly mounts: boolean;
  readonly message: string;
}

/** The first config map or secret that a pod needs and that is not there; undefined when all are. */
export function missingConfig(client: ClusterClient, pod: KubeObject): MissingConfig | undefined {
  const namespace = pod.metadata.namespace ?? '';
  const lacks = (resource: string, name: string | undefined) =>
    name !== undefined && client.get({ resource, namespace, name }) === undefined;
  for (const { kind, name, volume } of needsOf(pod)) {
    if (!lacks(`${kind}s`, name)) continue;
    const message = `${kind} "${name}" not found`;
    const mounted = `MountVolume.SetUp failed for volume "${volume ?? ''}" : ${message}`;
    return volume === undefined ? { mounts: false, message } : { mounts: true, message: mounted };
  }
  return undefined;
}

interface Need {
  readonly kind: 'configmap' | 'secret';
  readonly name: string;
  /** The volume that mounts it; undefined for variables. */
  readonly volume?: string;
}

function needsOf(pod: KubeObject): Need[] {
  const volumes = itemsAt(pod, 'spec', 'volumes').flatMap((volume) => {
    const name = textAt(volume, 'name') ?? '';
    const parts = [volume, ...itemsAt(volume, 'projected', 'sources')];
    return parts.flatMap((part) => volumeNeeds(part).map((need) => ({ ...need, volume: name })));
  });
  const containers = ['initContainers', 'containers'].flatMap((field) => itemsAt(pod, 'spec', field));
  return [...volumes, ...containers.flatMap(variableNeeds)];
}

function volumeNeeds(part: Json): Need[] {
  const secret = objectAt(part, 'secret');
  const named = textAt(secret, 'secretName') ?? textAt(secret, 'name');
  return [...need('configmap', objectAt(part, 'configMap')), ...need('secret', secret, named)];
}

function variableNeeds(container: Json): Need[] {
  const whole = itemsAt(container, 'envFrom').flatMap((one) => [
    ...need('configmap', objectAt(one, 'configMapRef')),
    ...need('secret', objectAt(one, 'secretRef')),
  ]);
  const single = itemsAt(container, 'env').flatMap((one) => [
    ...need('configmap', objectAt(one, 'valueFrom', 'configMapKeyRef')),
    ...need('secret', objectAt(one, 'valueFrom', 'secretKeyRef')),
  ]);
  return [...whole, ...single];
}

function need(
  kind: Need['kind'],
  reference: JsonObject | undefined,
  name = textAt(reference, 'name'),
): Need[] {
  const isNeeded = isObject(reference) && reference['optional'] !== true && name !== undefined;
  return isNeeded ? [{ kind, name }] : [];
}
