import type { Place, Step } from '../build/step.ts';
import type { LocatedError } from '@meridian/fleet';
import { refuse } from '../refusal.ts';
import { idText } from '../resources/id.ts';
import { idOf, rememberingId, withFields, type Resource } from '../resources/resource.ts';
import { bareText } from '../values/plain.ts';
import { noteUntagged } from '../values/quote-marks.ts';
import { isQuoted } from '../values/quotes.ts';
import {
  fieldOf,
  isFields,
  isNull,
  isScalar,
  scalarTextAt,
  textOf,
  valueAt,
  withField,
  withoutField,
  type Fields,
  type Value,
} from '../values/value.ts';
import { MergeProblem } from './items.ts';
import type { UnclearList } from './keyed-list.ts';
import { withoutMemory } from './memory.ts';
import type { MergeSchema } from './schema.ts';
import { mergePatch } from './strategic-merge.ts';

/** A strategic merge patch with what its entry allows it. */
export interface MergeRequest {
  readonly patch: Fields;
  readonly allowsName: boolean;
  readonly allowsKind: boolean;
  readonly schema: MergeSchema;
  readonly place: Place;
  readonly warn: Step['warn'];
}

/**
 * Merges a patch into a resource (Resource.ApplySmPatch); undefined when the patch deletes it. Namespace, and unless they
 * may change name and kind, stay what they were; a patch that may change them leaves the present id reachable.
 */
export function mergedInto(resource: Resource, request: MergeRequest): Resource | undefined {
  const { patch, allowsName, allowsKind } = request;
  const fields = mergedFields(resource, request);
  if (fields === undefined) return undefined;
  const kept = allowsName || allowsKind ? rememberingId(resource) : resource;
  const restored = withIdentity(fields, resource.fields, request);
  const merged = withFields(kept, restored);
  return takesAnnotations(patch) ? withoutMemory(merged) : merged;
}

function mergedFields(resource: Resource, { patch, schema, place, warn }: MergeRequest): Fields | undefined {
  const unclear: UnclearList[] = [];
  try {
    const merged = mergePatch(resource.fields, patch, { schema, unclear });
    // One such list tells enough about a patch.
    for (const { path, keys } of unclear.slice(0, 1)) warn(unclearWarning(resource, place, { path, keys }));
    return merged;
  } catch (error) {
    if (!(error instanceof MergeProblem)) throw error;
    const where = error.path.length === 0 ? '' : ` at ${error.path.join('.')}`;
    return refuse({
      ...place,
      message: `the patch does not fit ${idText(idOf(resource))}${where}: ${error.message}`,
      fix: 'write the patch in the shape of the object',
    });
  }
}

function unclearWarning(resource: Resource, place: Place, { path, keys }: UnclearList): LocatedError {
  const named = keys.join(' and ');
  return {
    ...place,
    message: `kustomize tells the items of ${path} in ${idText(idOf(resource))} apart by ${named}; some have no such key or the same, so that it may lose items or changes`,
    fix: `give every item its ${named}, in the object and in the patch`,
  };
}

function withIdentity(merged: Fields, before: Fields, { allowsName, allowsKind }: MergeRequest): Fields {
  let fields = allowsKind ? merged : withRestored(merged, 'kind', fieldOf(before, 'kind') ?? '');
  if (!allowsName) fields = withMetadata(fields, before, 'name');
  return withMetadata(fields, before, 'namespace');
}

function withMetadata(fields: Fields, before: Fields, key: 'name' | 'namespace'): Fields {
  const metadata = fieldOf(fields, 'metadata');
  const old = scalarTextAt(before, ['metadata', key]) === '' ? undefined : valueAt(before, ['metadata', key]);
  if (!isFields(metadata)) return old === undefined ? fields : withField(fields, 'metadata', { [key]: old });
  return withField(
    fields,
    'metadata',
    old === undefined ? withoutField(metadata, key) : withRestored(metadata, key, old),
  );
}

/** Kustomize writes the old text without a tag into the quotes, or the lack of them, that are there now. */
function withRestored(fields: Fields, key: string, old: Value): Fields {
  if (!isScalar(old) || !Object.hasOwn(fields, key)) return withField(fields, key, old);
  if (isQuoted(fields, key)) return withField(fields, key, textOf(old));
  const restored = { ...fields, [key]: bareText(textOf(old)) };
  noteUntagged(restored, key, true);
  return restored;
}

/**
 * Whether a patch takes away all annotations that an object has. Kustomize keeps there what it remembers of the object, so
 * it forgets former names, prefixes and suffixes, and that the name needs a hash.
 */
function takesAnnotations(patch: Fields): boolean {
  const metadata = fieldOf(patch, 'metadata');
  // An object that a patch wants to replace stays as it is.
  if (!isFields(metadata) || removes(patch)) return false;
  const annotations = fieldOf(metadata, 'annotations');
  return removes(metadata) || isNull(annotations) || (isFields(annotations) && removes(annotations));
}

function removes(patch: Fields): boolean {
  const directive = scalarTextAt(patch, ['$patch']);
  return directive === 'replace' || directive === 'delete';
}
