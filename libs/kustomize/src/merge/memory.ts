import type { Resource } from '../resources/resource.ts';
import { originYaml, transformationsYaml } from '../build/notes.ts';
import { isContainer, isPlainList, type Container } from './json-document.ts';
import type { Plain } from '../values/plain.ts';
import { fieldOf, isFields, valueAt, withField, type Fields } from '../values/value.ts';

const internal = 'internal.config.kubernetes.io/';
const originKey = 'config.kubernetes.io/origin';
const transformationsKey = 'alpha.config.kubernetes.io/transformations';

/** The resource as one that nothing is remembered of, but for the vars that it gives their values. */
export function withoutMemory(resource: Resource): Resource {
  const { notes: _, ...rest } = resource;
  return { ...rest, past: [], prefixes: [], suffixes: [], behavior: 'none', hashed: false };
}

/**
 * What is remembered of a resource as the annotations in which kustomize keeps it. JSON patches need them: they are why
 * `/metadata/annotations` is there, and a patch may copy them somewhere else.
 */
export function memoryOf({
  past,
  prefixes,
  suffixes,
  behavior,
  hashed,
  notes,
}: Resource): ReadonlyMap<string, string> {
  const memory = new Map<string, string>();
  const keep = (name: string, values: readonly string[]): void => {
    if (values.length > 0) memory.set(internal + name, values.join(','));
  };
  keep(
    'previousNames',
    past.map(({ name }) => name),
  );
  keep(
    'previousNamespaces',
    past.map(({ namespace }) => namespace),
  );
  keep(
    'previousKinds',
    past.map(({ kind }) => kind),
  );
  keep('prefixes', prefixes);
  keep('suffixes', suffixes);
  keep('generatorBehavior', behavior === 'none' ? [] : [behavior]);
  keep('needsHashSuffix', hashed ? ['enabled'] : []);
  if (notes?.origin) memory.set(originKey, originYaml(notes.origin));
  if (notes && notes.transformations.length > 0)
    memory.set(transformationsKey, transformationsYaml(notes.transformations));
  return memory;
}

/** Whether kustomize keeps annotations of its own at a resource. */
export function isRemembered({ past, prefixes, suffixes, behavior, hashed, notes }: Resource): boolean {
  return (
    past.length + prefixes.length + suffixes.length > 0 ||
    behavior !== 'none' ||
    hashed ||
    notes?.origin !== undefined ||
    (notes?.transformations ?? []).length > 0
  );
}

/** The document with what is remembered among its annotations, as a JSON patch sees it. */
export function withMemory(document: Container, memory: ReadonlyMap<string, string>): Container {
  if (memory.size === 0 || isPlainList(document)) return document;
  const metadata = mappingIn(document, 'metadata');
  const annotations = metadata && mappingIn(metadata, 'annotations');
  if (!metadata || !annotations) return document;
  const remembered = { ...annotations, ...Object.fromEntries(memory) };
  return { ...document, metadata: { ...metadata, annotations: remembered } };
}

/** The fields of a resource with what is remembered of it among its annotations, as a copy of its metadata has them. */
export function rememberedFields(resource: Resource): Fields {
  const { fields } = resource;
  const memory = memoryOf(resource);
  const metadata = fieldOf(fields, 'metadata');
  const annotations = isFields(metadata) ? (fieldOf(metadata, 'annotations') ?? {}) : {};
  if (memory.size === 0 || !isFields(metadata) || !isFields(annotations)) return fields;
  const all = { ...annotations, ...Object.fromEntries(memory) };
  return withField(fields, 'metadata', withField(metadata, 'annotations', all));
}

function mappingIn(
  fields: { readonly [key: string]: Plain },
  key: string,
): { readonly [key: string]: Plain } | undefined {
  const value = Object.hasOwn(fields, key) ? (fields[key] ?? {}) : {};
  return isContainer(value) && !isPlainList(value) ? value : undefined;
}

/** The object after a JSON patch without these annotations: what they say is kept beside the fields again. */
export function withoutEntries(fields: Fields, memory: ReadonlyMap<string, string>): Fields {
  const metadata = fieldOf(fields, 'metadata');
  const annotations = isFields(metadata) ? fieldOf(metadata, 'annotations') : undefined;
  if (memory.size === 0 || !isFields(metadata) || !isFields(annotations)) return fields;
  const left = Object.fromEntries(Object.entries(annotations).filter(([key]) => !memory.has(key)));
  return withField(fields, 'metadata', withField(metadata, 'annotations', left));
}

/** Whether a patch took away annotations about origins, the only ones that kustomize does not put back after it. */
export function hasLostNotes(fields: Fields, memory: ReadonlyMap<string, string>): boolean {
  const annotations = valueAt(fields, ['metadata', 'annotations']);
  return [originKey, transformationsKey].some(
    (key) => memory.has(key) && !(isFields(annotations) && Object.hasOwn(annotations, key)),
  );
}
