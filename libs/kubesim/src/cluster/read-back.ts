import { reusing } from '../json.ts';
import { withIdentityOf } from '../kube-object.ts';
import type { KubeObject, ObjectMeta } from '../kube-object.ts';
import type { KindRules } from '../kinds/kind-rules.ts';
import { decodeObject, storedObject } from '../schema/decode.ts';
import { inNameOrder, metadataInOrder } from '../schema/go-order.ts';
import type { Schema } from '../schema/schema.ts';

/** A draft as Go holds it while it is checked, and whether it is read back from the store just so. */
export interface Held {
  readonly held: KubeObject;
  readonly isStored: boolean;
}

/** A new draft with what Go always writes, which strategies may have wiped. Kinds without a Go type have no schema here. */
export function heldDraft(draft: KubeObject, schema: Schema | undefined): Held {
  const read = schema === undefined ? undefined : decodeObject(draft, schema);
  if (read?.ok !== true) return { held: draft, isStored: true };
  return { held: withIdentityOf(draft, read.object), isStored: read.keptEmpty !== true };
}

/** What is read back of a draft once it is stored; parts that did not change are those of the stored object. */
export function readBack(draft: KubeObject, schema: Schema | undefined, stored?: KubeObject): KubeObject {
  if (schema === undefined) return draft;
  const read = storedObject(reusing(draft, stored), schema, stored);
  return read.ok ? withIdentityOf(draft, read.object) : draft;
}

/** A new object with a place for the revision that it gets, which is not the last of its metadata. */
export function withRevision(object: KubeObject, { custom }: KindRules): KubeObject {
  const metadata: ObjectMeta = { ...object.metadata, resourceVersion: '' };
  return { ...object, metadata: custom === undefined ? metadataInOrder(metadata) : inNameOrder(metadata) };
}
