import { objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';

/** The provisioner that makes volumes at once, or after the time that an annotation of its class says. */
export const simulatedProvisioner = 'simulated.sandbox.meridian.dev';

/** How long the simulated provisioner takes, as an annotation of a storage class. */
export const provisionTime = 'sandbox.meridian.dev/provision-time';

/** The volume that the simulated provisioner makes for a claim. */
export function volumeFor(claim: KubeObject, storageClass: KubeObject, claimRef: JsonObject): KubeObject {
  const { uid = '' } = claim.metadata;
  const { accessModes, volumeMode, storageClassName } = objectAt(claim, 'spec') ?? {};
  const { storage } = objectAt(claim, 'spec', 'resources', 'requests') ?? {};
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: `pvc-${uid}`,
      annotations: { 'pv.kubernetes.io/provisioned-by': simulatedProvisioner },
    },
    spec: {
      capacity: { storage: storage ?? '0' },
      accessModes: accessModes ?? [],
      volumeMode: volumeMode ?? 'Filesystem',
      storageClassName: storageClassName ?? '',
      persistentVolumeReclaimPolicy: textAt(storageClass, 'reclaimPolicy') ?? 'Delete',
      claimRef,
      csi: { driver: simulatedProvisioner, volumeHandle: uid },
    },
  };
}
