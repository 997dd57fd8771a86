import { isObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { difference, intersection, isEmptySet, union } from './field-set.ts';
import type { FieldSet } from './field-set.ts';
import type { Owner, Owners } from './managers.ts';
import { withoutItems } from './merge-objects.ts';
import { inVersion } from './ownership.ts';
import type { TypedObject, VersionedType } from './ownership.ts';
import { fieldSetOf, withNamedFields } from './typed-field-set.ts';

const failure = 'failed to prune fields: failed to convert';

/**
 * Takes from a merged object what its applier said the last time and says no longer, unless somebody else owns it.
 * The owners are those after the apply.
 */
export function pruned(
  merged: KubeObject,
  last: Owner | undefined,
  owners: Owners,
  type: VersionedType,
): KubeObject {
  if (last === undefined || isEmptySet(last.set)) return merged;
  const lastApplied = `${failure} merged object to last applied version: `;
  const typed = inVersion(merged, last.apiVersion, type, lastApplied);
  if (typed === undefined) return merged;
  const bare = without(typed, withNamedFields(last.set, typed.schema));
  const owned = withOwned(typed, bare, owners, type);
  const left = withDangling(typed, owned, last, type);
  return inVersion(left.object, type.apiVersion, type)?.object ?? left.object;
}

/** What others own of what was taken comes back, version by version, that of the last apply first. */
function withOwned(merged: TypedObject, bare: TypedObject, owners: Owners, type: VersionedType): TypedObject {
  const sets = new Map<string, FieldSet>();
  for (const { apiVersion, set } of owners.values()) {
    const known = sets.get(apiVersion);
    sets.set(apiVersion, known === undefined ? set : union(known, set));
  }
  const versions = [...sets.keys()].sort(
    (a, b) => Number(b === bare.apiVersion) - Number(a === bare.apiVersion),
  );
  let left = bare;
  for (const version of versions) {
    const all = inVersion(merged.object, version, type, `${failure} merged object at version ${version}: `);
    const some = inVersion(left.object, version, type, `${failure} pruned object at version ${version}: `);
    const set = sets.get(version);
    if (all === undefined || some === undefined || set === undefined) continue;
    const kept = union(namedSetOf(some), withNamedFields(set, all.schema));
    left = without(all, difference(namedSetOf(all), kept));
  }
  return left;
}

/** What was taken only because it was below something of the last apply comes back: it was never said by it. */
function withDangling(merged: TypedObject, bare: TypedObject, last: Owner, type: VersionedType): TypedObject {
  const some = inVersion(bare.object, last.apiVersion, type);
  if (some === undefined) return merged;
  const taken = difference(namedSetOf(merged), namedSetOf(some));
  return without(merged, intersection(taken, withNamedFields(last.set, merged.schema)));
}

function namedSetOf({ object, schema }: TypedObject): FieldSet {
  return withNamedFields(fieldSetOf(object, schema), schema);
}

function without(typed: TypedObject, gone: FieldSet): TypedObject {
  if (isEmptySet(gone)) return typed;
  const { apiVersion, kind } = typed.object;
  const left = withoutItems(typed.object, gone, typed.schema);
  const fields = isObject(left) ? left : {};
  const metadata = isObject(fields['metadata']) ? fields['metadata'] : {};
  return { ...typed, object: { ...fields, apiVersion, kind, metadata } };
}
