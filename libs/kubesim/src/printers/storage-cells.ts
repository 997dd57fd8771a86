import { itemsAt, objectAt, textAt } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { at, flag, lengthOf, none, text, textsOf, filled, unset } from './cell.ts';
import type { Cell, Cells } from './cell.ts';

const phase: Cell = (object) =>
  object.metadata.deletionTimestamp === undefined ? (textAt(object, 'status', 'phase') ?? '') : 'Terminating';

const storageClass: Cell = (object) =>
  object.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ??
  textAt(object, 'spec', 'storageClassName') ??
  '';

const isBound = (claim: KubeObject) => (textAt(claim, 'spec', 'volumeName') ?? '') !== '';

/** Columns of volumes and of what provides them, by group resource. */
export const storageCells: Readonly<Record<string, Cells>> = {
  persistentvolumeclaims: {
    Status: phase,
    Volume: text('spec.volumeName'),
    // What a claim has got is shown once it has a volume.
    Capacity: (claim) => (isBound(claim) ? (textAt(claim, 'status', 'capacity', 'storage') ?? '0') : ''),
    'Access Modes': (claim) => (isBound(claim) ? accessModes(claim, 'status.accessModes') : ''),
    StorageClass: storageClass,
    VolumeAttributesClass: text('spec.volumeAttributesClassName', unset),
    VolumeMode: text('spec.volumeMode', unset),
  },
  persistentvolumes: {
    Capacity: text('spec.capacity.storage', '0'),
    'Access Modes': (volume) => accessModes(volume, 'spec.accessModes'),
    'Reclaim Policy': text('spec.persistentVolumeReclaimPolicy'),
    Status: phase,
    Claim(volume) {
      const claim = objectAt(volume, 'spec', 'claimRef');
      return claim === undefined ? '' : `${textAt(claim, 'namespace') ?? ''}/${textAt(claim, 'name') ?? ''}`;
    },
    StorageClass: storageClass,
    VolumeAttributesClass: text('spec.volumeAttributesClassName', unset),
    Reason: text('status.reason'),
    VolumeMode: text('spec.volumeMode', unset),
  },
  'storageclasses.storage.k8s.io': {
    Name({ metadata }) {
      const isDefault = ['storageclass', 'storageclass.beta'].some(
        (prefix) => metadata.annotations?.[`${prefix}.kubernetes.io/is-default-class`] === 'true',
      );
      return `${metadata.name ?? ''}${isDefault ? ' (default)' : ''}`;
    },
    Provisioner: text('provisioner'),
    ReclaimPolicy: text('reclaimPolicy', 'Delete'),
    VolumeBindingMode: text('volumeBindingMode', 'Immediate'),
    AllowVolumeExpansion: flag('allowVolumeExpansion'),
  },
  'volumeattributesclasses.storage.k8s.io': { DriverName: text('driverName') },
  'volumeattachments.storage.k8s.io': {
    Attacher: text('spec.attacher'),
    PV: text('spec.source.persistentVolumeName'),
    Node: text('spec.nodeName'),
    Attached: flag('status.attached'),
  },
  'csinodes.storage.k8s.io': { Drivers: lengthOf('spec.drivers') },
  'csidrivers.storage.k8s.io': {
    AttachRequired: flag('spec.attachRequired', true),
    PodInfoOnMount: flag('spec.podInfoOnMount'),
    StorageCapacity: flag('spec.storageCapacity'),
    TokenRequests(driver) {
      if (!Array.isArray(at(driver, 'spec.tokenRequests'))) return unset;
      const requests = itemsAt(driver, 'spec', 'tokenRequests');
      return requests.map((request) => textAt(request, 'audience') ?? '').join(',');
    },
    RequiresRepublish: flag('spec.requiresRepublish'),
    Modes: (driver) => filled(textsOf(itemsAt(driver, 'spec', 'volumeLifecycleModes')).join(','), none),
  },
};

/** Access modes in short, in the order in which they are shown. */
const shortModes: readonly (readonly [mode: string, short: string])[] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
];

function accessModes(object: KubeObject, path: string): string {
  const modes = itemsAt(object, ...path.split('.'));
  return shortModes.flatMap(([mode, short]) => (modes.includes(mode) ? [short] : [])).join(',');
}
