import type { KubeObject } from '../kube-object.ts';
import { difference, fieldSetOfPaths, intersection, isEmptySet } from './field-set.ts';
import { ownersOf, withOwner, withOwners } from './managers.ts';
import type { Owner, Owners } from './managers.ts';

/** Where an object keeps what its scale sets, by version: `{ 'apps/v1': 'spec.replicas' }`. Other versions are gone. */
export type ReplicasPaths = Readonly<Record<string, string>>;

const scaleVersion = 'autoscaling/v1';
const scaleReplicas = fieldSetOfPaths(['spec.replicas']);

/** The scale of an object with those as its owners who own the object's replicas. */
export function withScaleOwners(scale: KubeObject, object: KubeObject, paths: ReplicasPaths): KubeObject {
  const owners = new Map<string, Owner>();
  for (const [id, owner] of knownOwners(object)) {
    if (ownsReplicas(owner, paths))
      owners.set(id, { ...owner, set: scaleReplicas, apiVersion: scaleVersion });
  }
  return withOwners(scale, owners);
}

/**
 * An object with the owners that it has once its scale was written: who took over the replicas there has an entry of its
 * own, without a time, as the real server leaves it.
 */
export function withOwnersOfScale(
  object: KubeObject,
  scale: KubeObject,
  { apiVersion, paths }: { readonly apiVersion: string; readonly paths: ReplicasPaths },
): KubeObject {
  const before = knownOwners(object);
  const scalers = new Map(knownOwners(scale));
  let owners: Owners = new Map<string, Owner>();
  for (const [id, owner] of before) {
    const path = pathIn(owner.apiVersion, paths);
    if (path === undefined) continue;
    const isKept = !ownsReplicas(owner, paths) || scalers.delete(id);
    const set = isKept ? owner.set : difference(owner.set, fieldSetOfPaths([path]));
    owners = withOwner(owners, { ...owner, set });
  }
  const set = fieldSetOfPaths([pathIn(apiVersion, paths) ?? 'spec.replicas']);
  for (const [id, { identity, set: scaled }] of scalers) {
    if (isEmptySet(intersection(scaled, scaleReplicas))) continue;
    owners = withOwner(owners, { identity, set, apiVersion, time: before.get(id)?.time });
  }
  return withOwners(object, owners);
}

function knownOwners(object: KubeObject): Owners {
  return ownersOf(object.metadata['managedFields']) ?? new Map();
}

function ownsReplicas(owner: Owner, paths: ReplicasPaths): boolean {
  const path = pathIn(owner.apiVersion, paths);
  return path !== undefined && !isEmptySet(intersection(owner.set, fieldSetOfPaths([path])));
}

function pathIn(apiVersion: string, paths: ReplicasPaths): string | undefined {
  return Object.hasOwn(paths, apiVersion) ? paths[apiVersion] : undefined;
}
