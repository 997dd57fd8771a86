import { ApiError } from '../../errors/api-error.ts';
import { isObject } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { refOf } from '../cluster-client.ts';
import type { InsideClient } from '../inside.ts';
import { controllerReference } from './owned.ts';

/** A pod of a template, in the namespace of its owner. */
export function podFromTemplate(
  owner: KubeObject,
  template: JsonObject,
  name: { readonly name: string } | { readonly generateName: string },
): KubeObject {
  const given = isObject(template['metadata']) ? template['metadata'] : {};
  const spec: Json = template['spec'] ?? {};
  const { labels, annotations, finalizers } = given;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...name,
      namespace: owner.metadata.namespace ?? '',
      ...Object.fromEntries(Object.entries({ labels, annotations, finalizers }).filter(([, value]) => value)),
      ownerReferences: [controllerReference(owner)],
    },
    spec,
  };
}

/** Creates a pod for its owner and tells so (pkg/controller RealPodControl). Throws what refuses it, after telling that. */
export function createPod(client: InsideClient, owner: KubeObject, pod: KubeObject): KubeObject {
  try {
    const made = client.create('pods', pod);
    const message = `Created pod: ${made.metadata.name ?? ''}`;
    client.record(owner, { type: 'Normal', reason: 'SuccessfulCreate', message });
    return made;
  } catch (error) {
    if (error instanceof ApiError) {
      const message = `Error creating: ${error.message}`;
      client.record(owner, { type: 'Warning', reason: 'FailedCreate', message });
    }
    throw error;
  }
}

/** Deletes a pod for its owner and tells so; one that is on its way out already is left alone. */
export function deletePod(client: InsideClient, owner: KubeObject, pod: KubeObject): void {
  if (pod.metadata.deletionTimestamp !== undefined) return;
  client.remove(refOf('pods', pod), { uid: pod.metadata.uid ?? '' });
  const message = `Deleted pod: ${pod.metadata.name ?? ''}`;
  client.record(owner, { type: 'Normal', reason: 'SuccessfulDelete', message });
}
