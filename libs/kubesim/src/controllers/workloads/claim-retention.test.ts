import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { isForeign, isStale, wantedOwners } from './claim-retention.ts';

const object = (apiVersion: string, kind: string, name: string, spec: JsonObject = {}): KubeObject => ({
  ...{ apiVersion, kind, metadata: { name, uid: `${kind} ${name}` } },
  spec,
});
const pod = object('v1', 'Pod', 'web-2');
const setOf = (whenScaled: string, whenDeleted: string) =>
  object('apps/v1', 'StatefulSet', 'web', {
    persistentVolumeClaimRetentionPolicy: { whenScaled, whenDeleted },
  });
const referenceTo = ({ apiVersion, kind, metadata: { name = '', uid = '' } }: KubeObject, more = {}) => ({
  ...{ apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true },
  ...more,
});
const claimOf = (...ownerReferences: JsonObject[]): KubeObject => ({
  ...{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data-web-2', ownerReferences } },
});

function wanted(set: KubeObject, claim: KubeObject, isSurplus = false) {
  return wantedOwners({ claim, set, pod, isSurplus });
}

describe('a claim', () => {
  const keep = setOf('Retain', 'Retain');
  const both = setOf('Delete', 'Delete');

  it('belongs to nobody when it is kept', () => {
    expect(wanted(keep, claimOf())).toBeUndefined();
    expect(wanted(keep, claimOf(referenceTo(keep)))).toEqual([]);
  });

  it('goes with its set, or with a pod that is scaled away', () => {
    expect(wanted(both, claimOf())).toEqual([referenceTo(both)]);
    expect(wanted(both, claimOf(referenceTo(both)))).toBeUndefined();
    expect(wanted(both, claimOf(referenceTo(both)), true)).toEqual([referenceTo(pod)]);
    expect(wanted(setOf('Retain', 'Delete'), claimOf(), true)).toEqual([referenceTo(both)]);
    expect(wanted(setOf('Delete', 'Retain'), claimOf())).toBeUndefined();
  });

  it('is controlled by the owner that it goes with', () => {
    const named = referenceTo(both, { controller: false });
    expect(wanted(both, claimOf(named))).toEqual([referenceTo(both)]);
  });

  it('is left to somebody else who controls it, and only then', () => {
    const other = referenceTo(object('v1', 'ConfigMap', 'a'));
    const plain = { ...other, controller: false };
    expect(wanted(both, claimOf(other))).toBeUndefined();
    expect(wanted(both, claimOf(other, referenceTo(both)))).toEqual([other]);
    expect(wanted(both, claimOf(plain))).toEqual([plain, referenceTo(both)]);
    const claimed = { set: both, pod, isSurplus: false };
    expect(isForeign({ ...claimed, claim: claimOf(other) })).toBe(true);
    expect(isForeign({ ...claimed, claim: claimOf(plain) })).toBe(false);
    expect(isForeign({ ...claimed, set: keep, claim: claimOf(other) })).toBe(false);
  });

  it('of an earlier pod of the same name is not touched, and holds a new pod up', () => {
    const claim = claimOf(referenceTo(pod, { uid: 'before' }));
    expect(wanted(both, claim)).toBeUndefined();
    expect(isStale(claim, both, pod)).toBe(true);
    expect(isStale(claim, setOf('Retain', 'Delete'), pod)).toBe(false);
  });
});
