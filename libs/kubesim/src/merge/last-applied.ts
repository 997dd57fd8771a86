import { goJson } from '../errors/field-error.ts';
import { isObject, textAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { compareObjects } from './compare.ts';
import { difference, emptyFieldSet } from './field-set.ts';
import type { FieldSet } from './field-set.ts';
import { removeMember } from './members.ts';
import type { VersionedType } from './ownership.ts';
import { typeErrors } from './type-errors.ts';
import { fieldSetOf } from './typed-field-set.ts';

const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
const maxAnnotationsBytes = 256 * 1024;

/**
 * The fields that `kubectl apply` of the client side set and nobody changed since: when kubectl goes over to applying on the
 * server, they are its own and no conflict. Empty without that annotation.
 */
export function fieldsLastApplied(live: KubeObject, type: VersionedType): FieldSet {
  const applied = parsed(textAt(live, 'metadata', 'annotations', annotation) ?? '');
  if (applied === undefined || applied['apiVersion'] !== type.apiVersion) return emptyFieldSet;
  if (typeErrors(applied, type.schema, 'refused') !== undefined) return emptyFieldSet;
  const { modified, added, removed } = compareObjects(applied, live, type.schema);
  return [modified, added, removed].reduce(difference, fieldSetOf(applied, type.schema));
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Keeps that annotation as kubectl would, so that an older kubectl can take over again; others' objects have none. */
export function withLastApplied(object: KubeObject, applied: JsonObject): KubeObject {
  const { annotations } = object.metadata;
  if ((annotations?.[annotation] ?? '') === '') return object;
  const next = { ...annotations, [annotation]: `${goJson(withoutAnnotation(applied))}\n` };
  const bytes = Object.entries(next).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
  if (bytes > maxAnnotationsBytes) removeMember(next, annotation);
  return { ...object, metadata: { ...object.metadata, annotations: next } };
}

function withoutAnnotation(applied: JsonObject): JsonObject {
  const { metadata } = applied;
  if (!isObject(metadata) || !isObject(metadata['annotations'])) return applied;
  const annotations = { ...metadata['annotations'] };
  removeMember(annotations, annotation);
  return { ...applied, metadata: { ...metadata, annotations } };
}
