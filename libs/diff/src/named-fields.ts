import { isJsonObject } from '@meridian/manifests';
import type { Json, KubeObject } from '@meridian/manifests';
import type { FieldSet } from './field-set.ts';

const leaf: FieldSet = { self: true, children: new Map() };

/** What identifies an object, or only the API server sets. */
const notContent: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'status']);

/**
 * The fields that an object names, for one that is written as a whole and of which field managers tell nothing. Without a
 * schema nobody knows which items of two lists belong together, so a list counts as one value. Of the metadata only labels
 * and annotations count.
 */
export function fieldsNamedBy(object: KubeObject): FieldSet {
  const { labels = {}, annotations = {} } = object.metadata;
  const metadata = Object.entries({ labels, annotations }).filter(
    ([, texts]) => Object.keys(texts).length > 0,
  );
  const content = Object.entries(object).filter(
    (entry): entry is [string, Json] => !notContent.has(entry[0]) && entry[1] !== undefined,
  );
  return setOf([['metadata', Object.fromEntries(metadata)], ...content]);
}

function setOf(entries: readonly (readonly [string, Json])[]): FieldSet {
  return {
    self: false,
    children: new Map(entries.map(([name, value]) => [`f:${name}`, isParted(value) ? partsOf(value) : leaf])),
  };
}

const isParted = (value: Json): value is { readonly [name: string]: Json } =>
  isJsonObject(value) && Object.keys(value).length > 0;

const partsOf = (value: { readonly [name: string]: Json }): FieldSet => setOf(Object.entries(value));
