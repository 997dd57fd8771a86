import { isObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import type { Schema } from '../schema/schema.ts';
import { compareObjects, withoutFields } from './compare.ts';
import type { Comparison } from './compare.ts';
import { difference, fieldSetOfPaths, intersection, isEmptySet, union } from './field-set.ts';
import type { FieldSet } from './field-set.ts';
import { withoutNullMembers } from './list-order.ts';
import { identityOf, idOf, withOwner } from './managers.ts';
import type { Owner, Owners } from './managers.ts';
import { UntypedObject } from './typed.ts';
import { reconciled } from './typed-field-set.ts';

/** One object in the version of a request, and how to see it in the versions of other managers. */
export interface VersionedType {
  readonly apiVersion: string;
  readonly schema: Schema;
  /** Fields that the request cannot set, whoever says them. */
  readonly resetFields: FieldSet | undefined;
  /** The object in another version. What a version of its own is not converted to is no longer owned. */
  readonly convert?: ((object: KubeObject, apiVersion: string) => KubeObject | undefined) | undefined;
  /** The schema of another version; without it the request's own is used. */
  readonly schemaOf?: ((apiVersion: string) => Schema | undefined) | undefined;
}

/** An object of some version with its schema. */
export interface TypedObject {
  readonly object: KubeObject;
  readonly schema: Schema;
  readonly apiVersion: string;
}

/**
 * An object in a version, undefined when there is no such version any more. Throws UntypedObject, its words after those of
 * the failure, when the version does not have all of its fields.
 */
export function inVersion(
  object: KubeObject,
  apiVersion: string,
  type: VersionedType,
  failure = '',
): TypedObject | undefined {
  if (object.apiVersion === apiVersion) {
    return { object, apiVersion, schema: schemaIn(apiVersion, type) };
  }
  const converted = converting(failure, () => type.convert?.(withoutNulls(object), apiVersion));
  if (converted === undefined) return undefined;
  return { object: converted, apiVersion, schema: schemaIn(apiVersion, type) };
}

function converting<Found>(failure: string, convert: () => Found): Found {
  try {
    return convert();
  } catch (error) {
    if (error instanceof UntypedObject) throw new UntypedObject(`${failure}${error.message}`);
    throw error;
  }
}

/** What an object loses on the way may leave nulls, which no conversion should meet. */
function withoutNulls(object: KubeObject): KubeObject {
  const { apiVersion, kind, metadata } = object;
  const fields = withoutNullMembers(object);
  return { ...(isObject(fields) ? fields : {}), apiVersion, kind, metadata };
}

function schemaIn(apiVersion: string, type: VersionedType): Schema {
  return apiVersion === type.apiVersion ? type.schema : (type.schemaOf?.(apiVersion) ?? type.schema);
}

/** The owners as the present schemas read them, without those of versions that are gone. */
export function presentOwners(live: KubeObject, owners: Owners, type: VersionedType): Owners {
  const present = new Map<string, Owner>();
  for (const [id, owner] of owners) {
    const typed = inVersion(live, owner.apiVersion, type);
    if (typed !== undefined) present.set(id, { ...owner, set: reconciled(owner.set, typed.schema) });
  }
  return present;
}

/** What a change means for those who own fields: the writer aside, they lose what was changed or removed. */
export interface Impact {
  /** How the object changed, in the version of the request. */
  readonly comparison: Comparison;
  /** The changed or added fields that others own. */
  readonly conflicts: readonly { readonly owner: Owner; readonly set: FieldSet }[];
  readonly owners: Owners;
}

/** What a change of the object by a writer means. Throws UntypedObject. */
export function impactOf(
  before: KubeObject,
  after: KubeObject,
  owners: Owners,
  context: { readonly type: VersionedType; readonly writer: string },
): Impact {
  const { type, writer } = context;
  const comparisons = new Comparisons(before, after, type);
  const comparison = comparisons.in(type.apiVersion) ?? compareObjects(before, after, type.schema);
  const conflicts: { owner: Owner; set: FieldSet }[] = [];
  const left = new Map<string, Owner>();
  for (const [id, owner] of owners) {
    const changes = id === writer ? undefined : comparisons.in(owner.apiVersion);
    if (id === writer) left.set(id, owner);
    if (changes === undefined) continue;
    const lost = intersection(owner.set, union(changes.modified, changes.added));
    if (!isEmptySet(lost)) conflicts.push({ owner, set: lost });
    const set = difference(difference(owner.set, lost), changes.removed);
    if (!isEmptySet(set)) left.set(id, set === owner.set ? owner : { ...owner, set });
  }
  return { comparison, conflicts, owners: left };
}

/** How one object became another, in each version that somebody asks for. */
class Comparisons {
  readonly #before: KubeObject;
  readonly #after: KubeObject;
  readonly #type: VersionedType;
  readonly #known = new Map<string, Comparison | undefined>();

  constructor(before: KubeObject, after: KubeObject, type: VersionedType) {
    this.#before = before;
    this.#after = after;
    this.#type = type;
  }

  in(apiVersion: string): Comparison | undefined {
    if (!this.#known.has(apiVersion)) this.#known.set(apiVersion, this.#compare(apiVersion));
    return this.#known.get(apiVersion);
  }

  #compare(apiVersion: string): Comparison | undefined {
    const before = inVersion(this.#before, apiVersion, this.#type, 'failed to convert old object: ');
    const after = inVersion(this.#after, apiVersion, this.#type, 'failed to convert new object: ');
    if (before === undefined || after === undefined) return undefined;
    const comparison = compareObjects(before.object, after.object, after.schema);
    return withoutFields(comparison, this.#type.resetFields);
  }
}

/** Fields that nobody owns: they identify the object or are the server's. */
const stripped = fieldSetOfPaths([
  'apiVersion',
  'kind',
  'metadata',
  'metadata.name',
  'metadata.namespace',
  'metadata.creationTimestamp',
  'metadata.selfLink',
  'metadata.uid',
  'metadata.clusterName',
  'metadata.generation',
  'metadata.managedFields',
  'metadata.resourceVersion',
]);

/** A set without the fields that nobody owns. */
export function withoutStripped(set: FieldSet): FieldSet {
  return difference(set, stripped);
}

/** An update in the making: who writes, through which subresource, and when. */
export interface UpdateContext {
  readonly type: VersionedType;
  readonly manager: string;
  readonly subresource: string;
  readonly time: string;
}

/**
 * The owners after an update: the writer owns what it changed or added besides what it owned; others lose what was changed
 * or removed. The writer's time moves only when it changed something. Throws UntypedObject.
 */
export function ownersAfterUpdate(
  before: KubeObject,
  after: KubeObject,
  owners: Owners,
  context: UpdateContext,
): Owners {
  const { type, manager, subresource, time } = context;
  const present = presentOwners(before, owners, type);
  const { comparison, owners: left } = impactOf(before, after, present, { type, writer: '' });
  const changed = withoutStripped(union(comparison.modified, comparison.added));
  if (isEmptySet(changed)) return left;
  const identity = identityOf(manager, 'Update', type.apiVersion, subresource);
  const previous = left.get(idOf(identity));
  const set = previous === undefined ? changed : union(changed, previous.set);
  return withOwner(left, { identity, set, apiVersion: type.apiVersion, time });
}
