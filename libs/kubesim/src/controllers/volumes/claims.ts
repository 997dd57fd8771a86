import { parseQuantity } from '@meridian/cel';
import { isObject, itemsAt, jsonEqual, objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { kindOf } from '../../kube-object.ts';
import type { KubeObject } from '../../kube-object.ts';
import type { StoreEvent } from '../../store/store.ts';
import { refOf } from '../cluster-client.ts';
import type { ObjectRef } from '../cluster-client.ts';
import { namespacedKey, splitKey } from '../controller.ts';
import type { Controller } from '../controller.ts';
import { durationMs } from '../duration.ts';
import { InsideClient } from '../inside.ts';
import type { Inside } from '../inside.ts';
import { takesLabels } from '../selecting.ts';
import { provisionTime, simulatedProvisioner, volumeFor } from './provisioned-volume.ts';

const resource = 'persistentvolumeclaims';
const volumeResource = 'persistentvolumes';
const classResource = 'storageclasses.storage.k8s.io';
const selectedNode = 'volume.kubernetes.io/selected-node';

/**
 * Gives claims their volumes (pkg/controller/volume/persistentvolume): one that is there and suits, or a new one by the
 * provisioner `simulated.sandbox.meridian.dev`. Claims of other provisioners wait for them.
 */
export class Claims implements Controller {
  readonly manager = 'kube-controller-manager';
  readonly #client: InsideClient;

  constructor(inside: Inside) {
    this.#client = new InsideClient(inside, this.manager, 'persistentvolume-controller');
  }

  keysOf({ type, key }: StoreEvent): readonly string[] {
    if (key.resource === resource) return type === 'DELETED' ? [] : [namespacedKey(key.namespace, key.name)];
    const concerns = key.resource === classResource || key.resource === volumeResource;
    if (!concerns || type === 'DELETED') return [];
    return this.#client
      .list(resource)
      .filter((claim) => textAt(claim, 'status', 'phase') !== 'Bound')
      .map(({ metadata: { namespace = '', name = '' } }) => namespacedKey(namespace, name));
  }

  reconcile(key: string): number | undefined {
    const ref = { resource, ...splitKey(key) };
    const claim = this.#client.get(ref);
    if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) return undefined;
    if (textAt(claim, 'status', 'phase') === 'Bound') return undefined;
    const named = textAt(claim, 'spec', 'volumeName') ?? '';
    const volume = named === '' ? this.#suitable(claim) : this.#volume(named);
    if (volume !== undefined) {
      this.#bind(ref, claim, volume);
      return undefined;
    }
    return named === '' ? this.#provision(ref, claim) : undefined;
  }

  #volume(name: string): KubeObject | undefined {
    return this.#client.get({ resource: volumeResource, namespace: '', name });
  }

  /** The smallest free volume that a claim can have; one that names the claim comes first. */
  #suitable(claim: KubeObject): KubeObject | undefined {
    const all = this.#client.list(volumeResource);
    const reserved = all.find((volume) => isFor(volume, claim));
    if (reserved !== undefined) return reserved;
    const free = all.filter((volume) => objectAt(volume, 'spec', 'claimRef') === undefined);
    const size = (volume: KubeObject) => sizeOf(objectAt(volume, 'spec', 'capacity'));
    return free.filter((volume) => suits(volume, claim)).sort((a, b) => (size(a) < size(b) ? -1 : 1))[0];
  }

  #bind(ref: ObjectRef, claim: KubeObject, volume: KubeObject): void {
    const volumeRef = refOf(volumeResource, volume);
    const reference = referenceTo(claim);
    const isChosen = !isFor(volume, claim);
    const marks = isChosen ? { 'pv.kubernetes.io/bound-by-controller': 'yes' } : {};
    this.#client.change(volumeRef, (draft) => {
      const spec = objectAt(draft, 'spec') ?? {};
      if (isChosen) spec['claimRef'] = reference;
      if (isChosen) draft.metadata.annotations = { ...draft.metadata.annotations, ...marks };
    });
    this.#client.change(volumeRef, (draft) => void (draft['status'] = { phase: 'Bound' }), 'status');
    const { capacity, accessModes } = objectAt(volume, 'spec') ?? {};
    this.#client.force(ref, (live) => ({
      ...live,
      metadata: {
        ...live.metadata,
        annotations: {
          ...live.metadata.annotations,
          'pv.kubernetes.io/bind-completed': 'yes',
          'pv.kubernetes.io/bound-by-controller': 'yes',
        },
      },
      spec: { ...objectAt(live, 'spec'), volumeName: volume.metadata.name ?? '' },
      status: { phase: 'Bound', accessModes: accessModes ?? [], capacity: capacity ?? {} },
    }));
  }

  /** Makes a volume, or says what the claim waits for. @returns when to look again. */
  #provision(ref: ObjectRef, claim: KubeObject): number | undefined {
    const name = textAt(claim, 'spec', 'storageClassName') ?? '';
    if (name === '') {
      const message = 'no persistent volumes available for this claim and no storage class is set';
      return this.#tell(claim, 'Normal', 'FailedBinding', message);
    }
    const storageClass = this.#client.get({ resource: classResource, namespace: '', name });
    if (storageClass === undefined) {
      const message = `storageclass.storage.k8s.io "${name}" not found`;
      return this.#tell(claim, 'Warning', 'ProvisioningFailed', message);
    }
    const waits = textAt(storageClass, 'volumeBindingMode') === 'WaitForFirstConsumer';
    if (waits && claim.metadata.annotations?.[selectedNode] === undefined) {
      const message = 'waiting for first consumer to be created before binding';
      return this.#tell(claim, 'Normal', 'WaitForFirstConsumer', message);
    }
    return this.#ask(ref, claim, storageClass);
  }

  #ask(ref: ObjectRef, claim: KubeObject, storageClass: KubeObject): number | undefined {
    const provisioner = textAt(storageClass, 'provisioner') ?? '';
    this.#client.change(ref, ({ metadata }) => {
      metadata.annotations = {
        ...metadata.annotations,
        'volume.beta.kubernetes.io/storage-provisioner': provisioner,
        'volume.kubernetes.io/storage-provisioner': provisioner,
      };
    });
    const message =
      `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system ` +
      'administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.';
    this.#tell(claim, 'Normal', 'ExternalProvisioning', message);
    if (provisioner !== simulatedProvisioner) return undefined;
    const time = storageClass.metadata.annotations?.[provisionTime];
    const asked = Date.parse(claim.metadata.creationTimestamp ?? '');
    const leftMs = asked + (durationMs(time ?? '0s') ?? 0) - this.#client.nowMs();
    if (leftMs > 0) return leftMs;
    const made = this.#client.create(volumeResource, volumeFor(claim, storageClass, referenceTo(claim)));
    const done = `Successfully provisioned volume ${made.metadata.name ?? ''}`;
    return this.#tell(claim, 'Normal', 'ProvisioningSucceeded', done);
  }

  #tell(claim: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): undefined {
    this.#client.record(claim, { type, reason, message });
    return undefined;
  }
}

function referenceTo({ metadata }: KubeObject): JsonObject {
  const { name = '', namespace = '', uid = '', resourceVersion = '' } = metadata;
  const { version, kind } = kindOf('v1', 'PersistentVolumeClaim');
  return { apiVersion: version, kind, name, namespace, uid, resourceVersion };
}

/** Whether a volume was made or reserved for a claim. */
function isFor(volume: KubeObject, { metadata }: KubeObject): boolean {
  const named = objectAt(volume, 'spec', 'claimRef');
  const isNamed = named?.['name'] === metadata.name && named?.['namespace'] === metadata.namespace;
  return isNamed && (named?.['uid'] === undefined || named['uid'] === metadata.uid);
}

function suits(volume: KubeObject, claim: KubeObject): boolean {
  const text = (object: KubeObject, field: string) => textAt(object, 'spec', field) ?? '';
  const modes = itemsAt(volume, 'spec', 'accessModes');
  const selector = objectAt(claim, 'spec', 'selector');
  return (
    text(volume, 'storageClassName') === text(claim, 'storageClassName') &&
    jsonEqual(text(volume, 'volumeMode'), text(claim, 'volumeMode')) &&
    itemsAt(claim, 'spec', 'accessModes').every((mode) => modes.includes(mode)) &&
    (selector === undefined || takesLabels(selector, volume.metadata.labels)) &&
    sizeOf(objectAt(volume, 'spec', 'capacity')) >= sizeOf(objectAt(claim, 'spec', 'resources', 'requests'))
  );
}

function sizeOf(amounts: JsonObject | undefined): bigint {
  const text = isObject(amounts) ? textAt(amounts, 'storage') : undefined;
  return parseQuantity(text ?? '0')?.nano ?? 0n;
}
