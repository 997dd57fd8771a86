import { refuse } from '../refusal.ts';
import type { Fields } from '../values/value.ts';
import { effectiveNamespace, idAfter, idOfFields, type Id } from './id.ts';

/** A name that a resource had before, with the kind and the effective namespace it had then. */
export interface PastName {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

/** How a generated object meets one that is there already. */
export type Behavior = 'none' | 'unspecified' | 'create' | 'merge' | 'replace';

/** Where an object was read or what generated it. */
export interface Origin {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
}

/** The origin of what an entry of a kustomization makes. */
export function originOf({ file, line = 1 }: { readonly file: string; readonly line?: number }): Origin {
  return { file, line };
}

/** What kustomize writes of an origin into an annotation when `buildMetadata` asks for it (api/resource/origin.go). */
export interface OriginNote {
  /** From the directory that is built. */
  readonly path?: string;
  readonly configuredIn?: string;
  readonly configuredBy?: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly name?: string;
    readonly namespace?: string;
  };
}

/** Notes of a build whose kustomization has `buildMetadata`. */
export interface BuildNotes {
  readonly origin?: OriginNote;
  readonly transformations: readonly OriginNote[];
}

/**
 * An object under construction and what the build remembers of it. It never changes; steps make new ones. What kustomize
 * keeps in annotations of its own (`internal.config.kubernetes.io/*`) is kept beside the fields.
 */
export interface Resource {
  /** Only {@link withFields} sets other fields, so that `id` is always theirs. */
  readonly fields: Fields;
  /** What names it at present. */
  readonly id: Id;
  readonly origin: Origin;
  /** Names it had before each renaming, oldest first; references, patches and replacements may still use them. */
  readonly past: readonly PastName[];
  readonly prefixes: readonly string[];
  readonly suffixes: readonly string[];
  /** Names of the vars that take their value from here. */
  readonly vars: readonly string[];
  readonly behavior: Behavior;
  /** Its name gets a hash of its content at the end of the build. */
  readonly hashed: boolean;
  /** Only there when the kustomization that is built asks for metadata. */
  readonly notes?: BuildNotes;
}

/** A resource that no step has touched yet. */
export function newResource(fields: Fields, origin: Origin): Resource {
  return {
    fields,
    id: idOfFields(fields),
    origin,
    past: [],
    prefixes: [],
    suffixes: [],
    vars: [],
    behavior: 'none',
    hashed: false,
  };
}

/** The present id. */
export function idOf({ id }: Resource): Id {
  return id;
}

/** The ids it had before, oldest first. Group and version are the present ones, as in kustomize (utils.PrevIds). */
export function pastIdsOf({ past, id }: Resource): readonly Id[] {
  return past.length === 0 ? noIds : past.map((each) => pastId(each, id));
}

const noIds: readonly Id[] = [];

function pastId({ kind, name, namespace }: PastName, { group, version }: Id): Id {
  return { group, version, kind, name, namespace };
}

/** The id it was loaded with. */
export function originalIdOf({ past, id }: Resource): Id {
  const [first] = past;
  return first ? pastId(first, id) : id;
}

/** Every id it has or had, oldest first, the present one last. */
export function allIdsOf(resource: Resource): readonly Id[] {
  return resource.past.length === 0 ? [resource.id] : [...pastIdsOf(resource), resource.id];
}

/** Whether it has or had a name. */
export function hasOrHadName({ past, id }: Resource, name: string): boolean {
  return id.name === name || past.some((each) => each.name === name);
}

/**
 * The resource with its present id kept reachable, before a step that may change it. Kustomize keeps past ids as lists
 * with commas between, one of names and one of namespaces, and gives up when they do not pair.
 */
export function rememberingId(resource: Resource): Resource {
  const id = idOf(resource);
  const past = [...resource.past, { kind: id.kind, name: id.name, namespace: effectiveNamespace(id) }];
  if (past.some(isUnclear) && !arePairs(past))
    refuse({
      ...resource.origin,
      field: 'metadata.name',
      message: `${id.kind} has names that cannot be told apart: ${past.map(({ name }) => `"${name}"`).join(', ')}`,
      fix: 'correct the patch that sets its name',
    });
  return { ...resource, past };
}

/** A text that is left out of such a list, or is several texts in it. */
function isUnclear({ name, namespace, kind }: PastName): boolean {
  return name === '' || kind === '' || name.includes(',') || namespace.includes(',') || kind.includes(',');
}

function arePairs(past: readonly PastName[]): boolean {
  const pieces = (texts: readonly string[]): number =>
    texts.reduce((count, text) => count + (text === '' ? 0 : text.split(',').length), 0);
  const names = pieces(past.map(({ name }) => name));
  const others = [past.map(({ namespace }) => namespace), past.map(({ kind }) => kind)];
  return names === 0 || others.every((texts) => pieces(texts) === names);
}

/** The resource with other fields; the same resource when they are the same. */
export function withFields(resource: Resource, fields: Fields): Resource {
  if (fields === resource.fields) return resource;
  return { ...resource, fields, id: idAfter(resource.id, resource.fields, fields) };
}
