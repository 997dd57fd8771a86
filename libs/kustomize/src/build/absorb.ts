import type { Resource } from '../resources/resource.ts';
import { bareFieldsOf } from '../values/flaws.ts';
import {
  fieldOf,
  isFields,
  isScalar,
  scalarTextAt,
  textOf,
  withField,
  withoutField,
  type Fields,
} from '../values/value.ts';

/**
 * A generated object that takes the place of an older one: its name, namespace, labels, annotations and what the build
 * remembers of it stay; with `merge` its data, too (resmap appendReplaceOrMerge, Resource.CopyMergeMetaDataFieldsFrom).
 */
export function absorbed(made: Resource, old: Resource): Resource {
  let metadata = metadataOf(made.fields);
  for (const field of ['labels', 'annotations'])
    metadata = withTexts(metadata, field, {
      ...textsAt(old, ['metadata', field]),
      ...textsAt(made, ['metadata', field]),
    });
  metadata = withField(metadata, 'name', scalarTextAt(old.fields, ['metadata', 'name']));
  const namespace = scalarTextAt(old.fields, ['metadata', 'namespace']);
  metadata =
    namespace === '' ? withoutField(metadata, 'namespace') : withField(metadata, 'namespace', namespace);
  let fields = withField(made.fields, 'metadata', metadata);
  if (made.behavior === 'merge') {
    for (const field of ['data', 'binaryData'])
      fields = withTexts(fields, field, { ...textsAt(old, [field]), ...textsAt(made, [field]) });
  }
  const notes = notesOf(made, old);
  return { ...old, fields, hashed: old.hashed && made.hashed, ...(notes ? { notes } : {}) };
}

/** A merged object keeps its origin; a replaced one gets that of its generator. */
function notesOf(made: Resource, old: Resource): Resource['notes'] {
  const [first, second] = made.behavior === 'merge' ? [old, made] : [made, old];
  const origin = first.notes?.origin ?? second.notes?.origin;
  return origin && { origin, transformations: old.notes?.transformations ?? [] };
}

function metadataOf(fields: Fields): Fields {
  const metadata = fieldOf(fields, 'metadata');
  return isFields(metadata) ? metadata : {};
}

/** A mapping of scalars as texts. */
function textsAt({ fields }: Resource, path: readonly string[]): { readonly [key: string]: string } {
  let at: Fields = fields;
  for (const key of path) {
    const next = fieldOf(at, key);
    if (!isFields(next)) return {};
    at = next;
  }
  return Object.fromEntries(
    Object.entries(at).map(([key, value]) => [key, isScalar(value) ? textOf(value) : '']),
  );
}

function withTexts(fields: Fields, key: string, texts: { readonly [key: string]: string }): Fields {
  return Object.keys(texts).length === 0
    ? withoutField(fields, key)
    : withField(fields, key, bareFieldsOf(texts));
}
