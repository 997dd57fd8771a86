import { goQuote } from '@meridian/cel';
import { textAt, valueAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { fromFieldsV1, toFieldsV1, union } from './field-set.ts';
import type { FieldSet } from './field-set.ts';
import { removeMember } from './members.ts';

/** Who writes, how, in which version and through which subresource; an applier is the same in all versions. */
export interface ManagerIdentity {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  /** Empty for appliers. */
  readonly apiVersion: string;
  readonly subresource: string;
}

/** What a manager owns. */
export interface Owner {
  readonly identity: ManagerIdentity;
  readonly set: FieldSet;
  /** The version in which the paths of the set are written. */
  readonly apiVersion: string;
  readonly time: string | undefined;
}

/** All that is owned of an object, by the text of the owners' identity. Never changed in place by those who are given it. */
export type Owners = ReadonlyMap<string, Owner>;

/** The identity of who writes; a client that says nothing of itself is `unknown`. */
export function identityOf(
  manager: string,
  operation: 'Apply' | 'Update',
  apiVersion: string,
  subresource: string,
): ManagerIdentity {
  return {
    manager: manager === '' ? 'unknown' : manager,
    operation,
    apiVersion: operation === 'Apply' ? '' : apiVersion,
    subresource,
  };
}

/** The text that tells owners apart, by which the server also sorts them in messages. */
export function idOf(identity: ManagerIdentity): string {
  const members = identityMembers.filter((name) => identity[name] !== '');
  return `{${members.map((name) => `"${name}":${JSON.stringify(identity[name])}`).join(',')}}`;
}

const identityMembers = ['manager', 'operation', 'apiVersion', 'subresource'] as const;

/** An owner as messages name it: `"hand" using apps/v1`, `"one" with subresource "status"`. */
export function showManager({ manager, operation, apiVersion, subresource }: ManagerIdentity): string {
  const through = subresource === '' ? '' : ` with subresource ${goQuote(subresource)}`;
  return `${goQuote(manager)}${through}${operation === 'Update' ? ` using ${apiVersion}` : ''}`;
}

/** The owners that `metadata.managedFields` says, undefined when it cannot be read. */
export function ownersOf(entries: Json | undefined): Owners | undefined {
  const owners = new Map<string, Owner>();
  if (entries === undefined || entries === null) return owners;
  if (!Array.isArray(entries)) return undefined;
  for (const entry of entries) {
    const owner = readOwner(entry);
    if (owner === undefined) return undefined;
    owners.set(idOf(owner.identity), owner);
  }
  return owners;
}

function readOwner(entry: Json): Owner | undefined {
  const identity = readIdentity(entry);
  const apiVersion = textOf(entry, 'apiVersion');
  if (identity === undefined || apiVersion === '' || textOf(entry, 'fieldsType') !== 'FieldsV1')
    return undefined;
  const set = fromFieldsV1(valueAt(entry, 'fieldsV1') ?? {});
  return set === undefined ? undefined : { identity, set, apiVersion, time: textAt(entry, 'time') };
}

function readIdentity(entry: Json): ManagerIdentity | undefined {
  const operation = textOf(entry, 'operation');
  if (operation !== 'Apply' && operation !== 'Update') return undefined;
  return {
    manager: textOf(entry, 'manager'),
    operation,
    apiVersion: operation === 'Apply' ? '' : textOf(entry, 'apiVersion'),
    subresource: textOf(entry, 'subresource'),
  };
}

function textOf(entry: Json, field: string): string {
  return textAt(entry, field) ?? '';
}

/** An object with its owners written into `metadata.managedFields`: appliers first, each kind by time, then by name. */
export function withOwners(object: KubeObject, owners: Owners): KubeObject {
  const { metadata } = object;
  const unowned = { ...metadata };
  removeMember(unowned, 'managedFields');
  if (owners.size === 0) return { ...object, metadata: unowned };
  const managedFields = [...owners.values()].sort(compareOwners).map(written);
  return { ...object, metadata: { ...unowned, managedFields } };
}

/** An object without `metadata.managedFields`. */
export function withoutOwners(object: KubeObject): KubeObject {
  return Object.hasOwn(object.metadata, 'managedFields') ? withOwners(object, new Map()) : object;
}

function compareOwners(a: Owner, b: Owner): number {
  return (
    compareText(a.identity.operation, b.identity.operation) ||
    secondsOf(a.time) - secondsOf(b.time) ||
    compareText(a.identity.manager, b.identity.manager) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.identity.subresource, b.identity.subresource)
  );
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function secondsOf(time: string | undefined): number {
  return time === undefined ? 0 : Math.floor(Date.parse(time) / 1000);
}

function written({ identity, set, apiVersion, time }: Owner): JsonObject {
  return {
    manager: identity.manager,
    operation: identity.operation,
    apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: toFieldsV1(set),
    ...(identity.subresource === '' ? {} : { subresource: identity.subresource }),
  };
}

/** The owners with one changed or added, or taken out when the set is empty. */
export function withOwner(owners: Owners, owner: Owner): Owners {
  const next = new Map(owners);
  if (owner.set.nodes.length === 0) next.delete(idOf(owner.identity));
  else next.set(idOf(owner.identity), owner);
  return next;
}

const maxUpdaters = 10;

/** The owners with the oldest updaters joined to `ancient-changes`, one for each version, when there are more than ten. */
export function capUpdaters(owners: Owners): Owners {
  if (owners.size <= maxUpdaters) return owners;
  const updaters = [...owners].filter(([, { identity }]) => identity.operation === 'Update');
  let excess = updaters.length - maxUpdaters;
  if (excess <= 0) return owners;
  updaters.sort(([id, a], [otherId, b]) => secondsOf(a.time) - secondsOf(b.time) || compareText(id, otherId));
  const next = new Map(owners);
  const firsts = new Map<string, string>();
  for (const [id, owner] of updaters) {
    if (excess <= 0) break;
    const first = firsts.get(owner.apiVersion);
    if (first === undefined) {
      firsts.set(owner.apiVersion, id);
    } else {
      joinAncient(next, first, id);
      excess--;
    }
  }
  return next;
}

function joinAncient(owners: Map<string, Owner>, first: string, id: string): void {
  const owner = owners.get(id);
  if (owner === undefined) return;
  const identity = identityOf('ancient-changes', 'Update', owner.apiVersion, '');
  const bucket = idOf(identity);
  const joined = owners.get(bucket) ?? owners.get(first);
  if (!owners.has(bucket)) owners.delete(first);
  owners.delete(id);
  const set = joined === undefined ? owner.set : union(owner.set, joined.set);
  owners.set(bucket, { identity, set, apiVersion: owner.apiVersion, time: owner.time });
}
