import { objectAt, textAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import type { StoreEvent } from '../../store/store.ts';
import { ClusterClient } from '../cluster-client.ts';
import type { ClusterCore, ObjectRef } from '../cluster-client.ts';
import type { Controller } from '../controller.ts';
import { splitKey } from '../controller.ts';
import { claimNames } from '../scheduling/pod-claims.ts';

const claims = 'persistentvolumeclaims';
const volumes = 'persistentvolumes';
const finalizers: Readonly<Record<string, string>> = {
  [claims]: 'kubernetes.io/pvc-protection',
  [volumes]: 'kubernetes.io/pv-protection',
};

/** Lets deleted claims go once no pod uses them, and volumes once no claim has them; frees the volumes of gone claims. */
export class VolumeProtection implements Controller {
  readonly manager = 'kube-controller-manager';
  readonly #client: ClusterClient;

  constructor(core: ClusterCore) {
    this.#client = new ClusterClient(core, this.manager);
  }

  keysOf({ type, key, object }: StoreEvent): readonly string[] {
    if (key.resource === 'pods') {
      const names = claimNames(object);
      return names.map((name) => `${claims} ${key.namespace}/${name}`);
    }
    if (key.resource === volumes && type !== 'DELETED') return [`${volumes} ${key.name}`];
    if (key.resource !== claims) return [];
    const volume = textAt(object, 'spec', 'volumeName') ?? '';
    if (type === 'DELETED') return volume === '' ? [] : [`${volumes} ${volume}`];
    return object.metadata.deletionTimestamp === undefined ? [] : [`${claims} ${key.namespace}/${key.name}`];
  }

  reconcile(key: string): undefined {
    const space = key.indexOf(' ');
    const resource = key.slice(0, space);
    const ref = { resource, ...splitKey(key.slice(space + 1)) };
    const object = this.#client.get(ref);
    if (object === undefined) return;
    if (resource === volumes) this.#reclaim(ref, object);
    const isGoing = this.#client.get(ref)?.metadata.deletionTimestamp !== undefined;
    if (isGoing && !this.#isUsed(ref, object)) this.#release(ref);
  }

  #isUsed({ resource, namespace, name }: ObjectRef, object: KubeObject): boolean {
    if (resource === volumes) return textAt(object, 'status', 'phase') === 'Bound';
    const uses = (pod: KubeObject) =>
      claimNames(pod).includes(name) && !/Succeeded|Failed/.test(textAt(pod, 'status', 'phase') ?? '');
    return this.#client.list('pods', namespace).some(uses);
  }

  #release(ref: ObjectRef): void {
    this.#client.change(ref, ({ metadata }) => {
      const kept = (metadata.finalizers ?? []).filter((one) => one !== finalizers[ref.resource]);
      if (kept.length > 0) metadata.finalizers = kept;
      else delete metadata.finalizers;
    });
  }

  /** What becomes of a volume whose claim is gone is said by its policy. */
  #reclaim(ref: ObjectRef, volume: KubeObject): void {
    const claim = objectAt(volume, 'spec', 'claimRef');
    if (claim === undefined || textAt(volume, 'status', 'phase') !== 'Bound') return;
    const at = {
      resource: claims,
      namespace: textAt(claim, 'namespace') ?? '',
      name: textAt(claim, 'name') ?? '',
    };
    if (this.#client.get(at)?.metadata.uid === claim['uid']) return;
    this.#client.change(ref, (draft) => void (draft['status'] = { phase: 'Released' }), 'status');
    if (textAt(volume, 'spec', 'persistentVolumeReclaimPolicy') === 'Delete') this.#client.remove(ref);
  }
}
