import { draftOf, isObject } from './json.ts';
import type { Json, JsonObject } from './json.ts';

/** An object of the API as it is read and written. */
export interface KubeObject extends JsonObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** Metadata of an object: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/ */
export interface ObjectMeta extends JsonObject {
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: { [key: string]: string };
  annotations?: { [key: string]: string };
  finalizers?: string[];
}

/** One entry of metadata.ownerReferences. */
export interface OwnerReference extends JsonObject {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** A group, version and kind. The group of core kinds is the empty string. */
export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** The `apiVersion` of a group and version: `v1`, `apps/v1`. */
export function apiVersionOf(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}

/** The group, version and kind that an object's `apiVersion` and `kind` name. */
export function kindOf(apiVersion: string, kind: string): GroupVersionKind {
  const slash = apiVersion.indexOf('/');
  return slash < 0
    ? { group: '', version: apiVersion, kind }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1), kind };
}

/** A draft for a write through a subresource: who owns what is shared with the object, and so is all that a status write keeps. */
export function draftForWrite(object: KubeObject, subresource: string): KubeObject {
  const { managedFields, ...rest } = object.metadata;
  const metadata = draftOf<ObjectMeta>(rest);
  if (managedFields !== undefined) metadata['managedFields'] = managedFields;
  const { status } = object;
  if (subresource !== 'status') return { ...draftOf({ ...object, metadata: {} }), metadata };
  return { ...object, metadata, ...(status !== undefined && { status: draftOf(status) }) };
}

/** The fields of an object, read by its type, as an object of the kind of another one. */
export function withIdentityOf({ apiVersion, kind }: KubeObject, fields: JsonObject): KubeObject {
  const { metadata } = fields;
  return { ...fields, apiVersion, kind, metadata: isObject(metadata) ? metadata : {} };
}

/** The seconds-precision UTC time of the API's `metav1.Time`: `2026-11-23T10:00:00Z`. */
export function apiTime(nowMs: number): Json & string {
  return `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
}
