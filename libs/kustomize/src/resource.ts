import { groupOf, isBuiltInClusterScoped } from '@meridian/manifests';
import { refuse } from './refusal.ts';
import { ensureFields, fieldOf, isFields, textOf, type Fields } from './value.ts';

/** Group, version and kind of an object. */
export interface Gvk {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** What names a resource at one point of a build. */
export interface Id extends Gvk {
  readonly name: string;
  readonly namespace: string;
}

/** An object under construction and what the build must remember of it. */
export interface Resource {
  readonly fields: Fields;
  readonly origin: { readonly file: string; readonly line: number };
  /** Ids it had before each renaming, oldest first; references and patches may still use them. */
  readonly past: Id[];
  readonly prefixes: string[];
  readonly suffixes: string[];
  /** Name gets a hash of the content at the end of the build. */
  hashed: boolean;
}

/** A resource made of fields that only it holds. */
export function newResource(fields: Fields, origin: Resource['origin']): Resource {
  return { fields, origin, past: [], prefixes: [], suffixes: [], hashed: false };
}

/** Group, version and kind as the object says them. */
export function gvkOf(fields: Fields): Gvk {
  const apiVersion = textOf(fieldOf(fields, 'apiVersion'));
  const group = groupOf(apiVersion);
  return {
    group,
    version: group === '' ? apiVersion : apiVersion.slice(group.length + 1),
    kind: textOf(fieldOf(fields, 'kind')),
  };
}

/** The present id of an object. */
export function idOfFields(fields: Fields): Id {
  const metadata = fieldOf(fields, 'metadata');
  const text = (key: string): string => (isFields(metadata) ? textOf(fieldOf(metadata, key)) : '');
  return { ...gvkOf(fields), name: text('name'), namespace: text('namespace') };
}

/** The present id of a resource. */
export function idOf(resource: Resource): Id {
  return idOfFields(resource.fields);
}

/** The id a resource had when it was loaded. */
export function originalIdOf(resource: Resource): Id {
  return resource.past[0] ?? idOf(resource);
}

/** Every id a resource has or had, oldest first. */
export function allIdsOf(resource: Resource): Id[] {
  return [...resource.past, idOf(resource)];
}

/** Keeps the present id reachable before a step that may change it. */
export function rememberId(resource: Resource): void {
  resource.past.push(idOf(resource));
}

/** Whether a kind lives outside namespaces, as kustomize knows it. */
export function isClusterWide(gvk: Gvk): boolean {
  return isBuiltInClusterScoped(gvk.group, gvk.kind);
}

/** The namespace that counts in comparisons: none for cluster-scoped kinds, `default` when not said. */
export function effectiveNamespace(id: Id): string {
  if (isClusterWide(id)) return ' cluster';
  return id.namespace === '' ? 'default' : id.namespace;
}

/** One text per id; ids that kustomize holds for the same give the same text. */
export function idKey(id: Id): string {
  return `${id.group}|${id.version}|${id.kind}|${effectiveNamespace(id)}|${id.name}`;
}

/** An id as people read it. */
export function idText(id: Id): string {
  return `${id.kind} ${id.namespace === '' ? '' : `${id.namespace}/`}${id.name}`;
}

/** The metadata mapping of a resource. */
export function metadataOf(resource: Resource): Fields {
  return ensureFields(resource.fields, 'metadata');
}

/** Sets the name, keeping what came before reachable is up to the caller. */
export function setName(resource: Resource, name: string): void {
  metadataOf(resource)['name'] = name;
}

/** The resources of one target while it is built. */
export class Accumulation {
  resources: Resource[] = [];
  #ids: Set<string> | undefined;

  /** Adds resources; one that is there already is refused, because nobody could tell which of the two is meant. */
  append(added: readonly Resource[]): void {
    const ids = this.#ids ?? new Set(this.resources.map((resource) => idKey(idOf(resource))));
    for (const resource of added) {
      const key = idKey(idOf(resource));
      if (ids.has(key)) this.#refuseDuplicate(resource, key);
      ids.add(key);
      this.resources.push(resource);
    }
    this.#ids = ids;
  }

  /** To be called after any step that may have changed, added or removed a resource; empty objects are dropped. */
  changed(): void {
    this.#ids = undefined;
    this.resources = this.resources.filter(({ fields }) => Object.keys(fields).length > 0);
  }

  /** Resources that have or had the id. */
  withId(id: Id): Resource[] {
    const key = idKey(id);
    return this.resources.filter((resource) => allIdsOf(resource).some((each) => idKey(each) === key));
  }

  #refuseDuplicate(resource: Resource, key: string): never {
    const first = this.resources.find((each) => idKey(idOf(each)) === key);
    const place = first ? `${first.origin.file}:${first.origin.line}` : 'another file';
    refuse({
      ...resource.origin,
      message: `${idText(idOf(resource))} is there twice, first in ${place}`,
      fix: 'remove one of the two, or patch the first',
    });
  }
}
