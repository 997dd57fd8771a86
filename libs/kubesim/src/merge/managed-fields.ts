import { isObject, jsonEqual, reusing } from '../json.ts';
import type { Json } from '../json.ts';
import { apiTime, withIdentityOf } from '../kube-object.ts';
import type { KubeObject } from '../kube-object.ts';
import { decodeObject, writtenObject } from '../schema/decode.ts';
import { mayHoldEmpty } from '../schema/go-equal.ts';
import { memberNames, removeMember } from './members.ts';
import { capUpdaters, ownersOf, withoutOwners, withOwners } from './managers.ts';
import type { Owners } from './managers.ts';
import { ownersAfterUpdate } from './ownership.ts';
import type { VersionedType } from './ownership.ts';
import { typeErrors } from './type-errors.ts';
import { UntypedObject } from './typed.ts';

/** A write that is no apply: create, update or patch. The objects are in the version of the request. */
export interface RecordedUpdate extends VersionedType {
  /** The object before the write, undefined when it is created. */
  readonly live: KubeObject | undefined;
  readonly updated: KubeObject;
  readonly manager: string;
  /** The subresource written through; empty for the object itself. */
  readonly subresource: string;
  readonly nowMs: number;
  /** Whether the type never changes, so that what is stored with owners is known to fit it. */
  readonly isFixed?: boolean;
}

/**
 * The updated object with managedFields that say who owns what. Fields that the client sent count as the owners before the
 * write, and emptied ones (`[]`, `[{}]`) end the tracking of an object until it is applied.
 */
export function recordUpdate(update: RecordedUpdate): KubeObject {
  const { live, subresource } = update;
  const updated = reusing(update.updated, live);
  const stored = live === undefined ? emptyObject(updated, update) : withoutOwners(live);
  const wanted = withoutOwners(updated);
  const owners = ownersBefore(live, updated, subresource);
  if (owners.size === 0 && (live?.metadata.uid ?? '') !== '') return wanted;
  try {
    const written = writtenForm(wanted, stored, update);
    checkTypes(stored, written, update);
    const context = { ...update, type: update, time: apiTime(update.nowMs) };
    return withOwners(wanted, capUpdaters(ownersAfterUpdate(stored, written, owners, context)));
  } catch (error) {
    // What cannot be told apart by field is stored without owners, as the server does.
    if (error instanceof UntypedObject) return wanted;
    throw error;
  }
}

/** Nobody owns lists and maps that are empty and not written. */
function writtenForm(
  wanted: KubeObject,
  stored: KubeObject,
  { schema, isFixed }: RecordedUpdate,
): KubeObject {
  if (isFixed !== true || !mayHoldEmpty(wanted, stored)) return wanted;
  const written = writtenObject(wanted, schema);
  return written.ok ? withIdentityOf(wanted, written.object) : wanted;
}

function checkTypes(stored: KubeObject, wanted: KubeObject, update: RecordedUpdate): void {
  const { schema, live, isFixed = false } = update;
  const known = isFixed && live !== undefined ? stored : undefined;
  for (const object of [stored, wanted]) {
    const errors = typeErrors(object, schema, 'allowed', known);
    if (errors !== undefined) throw new UntypedObject(errors);
  }
}

/** A new object of a kind before anything is set: what Go always writes of it is there. */
export function emptyObject(like: KubeObject, { schema }: VersionedType): KubeObject {
  const { apiVersion, kind } = like;
  const decoded = decodeObject({ apiVersion, kind }, schema);
  return withIdentityOf(like, decoded.ok ? decoded.object : {});
}

function ownersBefore(live: KubeObject | undefined, updated: KubeObject, subresource: string): Owners {
  const known = ownersOf(live?.metadata['managedFields']) ?? new Map();
  if (subresource !== '') return known;
  const sent = updated.metadata['managedFields'];
  if (isReset(sent)) return new Map();
  const said = sent === live?.metadata['managedFields'] ? known : ownersOf(sent);
  return said === undefined || said.size === 0 ? known : said;
}

function isReset(entries: Json | undefined): boolean {
  if (!Array.isArray(entries) || entries.length > 1) return false;
  const [entry] = entries;
  return entry === undefined || (isObject(entry) && memberNames(entry).length === 0);
}

/**
 * The object to store when a write came to nothing but new times in managedFields: then the times stay, and so does the
 * revision. To be asked when the write is complete, defaults and the kind's own rules included.
 */
export function keepTimes(live: KubeObject, updated: KubeObject): KubeObject {
  const before = live.metadata['managedFields'];
  const after = updated.metadata['managedFields'];
  if (!Array.isArray(before) || !Array.isArray(after) || jsonEqual(before, after)) return updated;
  if (!jsonEqual(before.map(withoutTime), after.map(withoutTime))) return updated;
  if (!jsonEqual(withoutOwners(live), withoutOwners(updated))) return updated;
  return { ...updated, metadata: { ...updated.metadata, managedFields: before } };
}

function withoutTime(entry: Json): Json {
  if (!isObject(entry)) return entry;
  const rest = { ...entry };
  removeMember(rest, 'time');
  return rest;
}
