import { itemsAt, textAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import type { ClusterClient, ObjectRef } from '../cluster-client.ts';

/** What the claims of a pod mean for its place. */
export interface PodClaims {
  /** Why the pod cannot be anywhere, in the words of plugins/volumebinding and volumerestrictions. */
  readonly refusal?: string;
  /** Claims that get their volume once the pod has a node. */
  readonly delayed: readonly ObjectRef[];
}

/** Looks at the claims that a pod mounts. */
export function claimsOf(client: ClusterClient, pod: KubeObject): PodClaims {
  const delayed: ObjectRef[] = [];
  let isUnbound = false;
  for (const name of claimNames(pod)) {
    const ref = { resource: 'persistentvolumeclaims', namespace: pod.metadata.namespace ?? '', name };
    const claim = client.get(ref);
    if (claim === undefined) return { refusal: `persistentvolumeclaim "${name}" not found`, delayed };
    if (claim.metadata.deletionTimestamp !== undefined) {
      return { refusal: `persistentvolumeclaim "${name}" is being deleted`, delayed };
    }
    if (isBound(claim)) continue;
    if (waitsForPod(client, claim)) delayed.push(ref);
    else isUnbound = true;
  }
  return isUnbound ? { refusal: 'pod has unbound immediate PersistentVolumeClaims', delayed } : { delayed };
}

/** Names of the claims that a pod mounts, those of its ephemeral volumes included. */
export function claimNames(pod: KubeObject): string[] {
  return itemsAt(pod, 'spec', 'volumes').flatMap((volume) => {
    const named = textAt(volume, 'persistentVolumeClaim', 'claimName');
    const isEphemeral = typeof volume === 'object' && volume !== null && 'ephemeral' in volume;
    const own = isEphemeral ? `${pod.metadata.name ?? ''}-${textAt(volume, 'name') ?? ''}` : undefined;
    return named ?? own ?? [];
  });
}

/** Whether a claim has its volume. */
export function isBound(claim: KubeObject): boolean {
  return textAt(claim, 'status', 'phase') === 'Bound';
}

/** Whether the class of a claim makes volumes only once a pod that needs them has a node. */
function waitsForPod(client: ClusterClient, claim: KubeObject): boolean {
  const name = textAt(claim, 'spec', 'storageClassName') ?? '';
  const resource = 'storageclasses.storage.k8s.io';
  const found = client.get({ resource, namespace: '', name });
  return textAt(found, 'volumeBindingMode') === 'WaitForFirstConsumer';
}
