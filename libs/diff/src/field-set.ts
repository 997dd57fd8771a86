import type { KubeObject } from '@meridian/manifests';

/**
 * The fields that a manager owns, parsed from `fieldsV1`
 * (https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management). `self` says that the item itself is
 * owned (`.`), children are keyed by their serialized path element (`f:`, `k:`, `v:`, `i:`). Without children it is a leaf.
 */
export interface FieldSet {
  readonly self: boolean;
  readonly children: ReadonlyMap<string, FieldSet>;
}

/** One entry of `metadata.managedFields`. */
export interface ManagedFields {
  readonly manager: string;
  readonly operation: string;
  readonly subresource: string;
  /** RFC 3339, when the set of owned fields last changed; '' when it is not told. */
  readonly time: string;
  readonly fields: FieldSet;
}

const nothing: FieldSet = { self: false, children: new Map() };

/** Most of a set are leaves, and an agent keeps the sets of thousands of objects. */
const leaf: FieldSet = { self: true, children: new Map() };

/** Field sets nest as deep as objects do; the API server stops long before this. */
const maxDepth = 200;

const isRecord = (value: unknown): value is { readonly [field: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Parses a `fieldsV1` value; anything that is not one gives an empty set. */
export function parseFieldSet(fieldsV1: unknown, depth = 0): FieldSet {
  if (!isRecord(fieldsV1) || depth > maxDepth) return nothing;
  const entries = Object.entries(fieldsV1);
  if (entries.length === 0) return leaf;
  const children = new Map<string, FieldSet>();
  for (const [key, value] of entries) {
    if (key !== '.') children.set(key, parseFieldSet(value, depth + 1));
  }
  return { self: Object.hasOwn(fieldsV1, '.') || children.size === 0, children };
}

/** The entries of `metadata.managedFields` in their order; an object without them gives none. */
export function managedFieldsOf(object: KubeObject): readonly ManagedFields[] {
  return entriesOf(object).map((entry) => ({
    ...headOf(entry),
    time: textOf(entry['time']),
    fields: parseFieldSet(entry['fieldsV1']),
  }));
}

/**
 * The fields that `manager` owns by server-side apply on the main resource; undefined when it owns none. Objects of which it
 * owns the same fields give the same set.
 */
export function fieldsOwnedBy(object: KubeObject, manager: string): FieldSet | undefined {
  const own = entriesOf(object).find((entry) => {
    const head = headOf(entry);
    return head.manager === manager && head.operation === 'Apply' && head.subresource === '';
  });
  return own && sharedFieldSet(own['fieldsV1']);
}

/** Sets by their text, the latest last. Thousands of objects have equal ones, of which an agent keeps each. */
const shared = new Map<string, FieldSet>();
let sharedLength = 0;

/** The texts of all sets that are shared, in characters; what is parsed of them takes about ten times as much. */
const longestShared = 256 * 1024;

/** Parses a `fieldsV1` value, and gives the same set for the same value as long as not too many others come in between. */
export function sharedFieldSet(fieldsV1: unknown): FieldSet {
  const text = JSON.stringify(fieldsV1 ?? null);
  const known = shared.get(text);
  if (known) return known;
  const fields = parseFieldSet(fieldsV1);
  if (text.length > longestShared) return fields;
  shared.set(text, fields);
  sharedLength += text.length;
  for (const oldest of shared.keys()) {
    if (sharedLength <= longestShared) break;
    shared.delete(oldest);
    sharedLength -= oldest.length;
  }
  return fields;
}

type Entry = { readonly [field: string]: unknown };

function entriesOf(object: KubeObject): readonly Entry[] {
  const entries: unknown = object.metadata['managedFields'];
  return Array.isArray(entries) ? entries.filter(isRecord) : [];
}

function headOf(entry: Entry): Pick<ManagedFields, 'manager' | 'operation' | 'subresource'> {
  return {
    manager: textOf(entry['manager']) || 'unknown',
    operation: textOf(entry['operation']),
    subresource: textOf(entry['subresource']),
  };
}

/** Whether the set owns the item at a path of serialized elements, itself or with everything above it as one leaf. */
export function ownsPath(fields: FieldSet, elements: readonly string[]): boolean {
  let here = fields;
  for (const element of elements) {
    const next = here.children.get(element);
    if (!next) return here.self && here.children.size === 0;
    here = next;
  }
  return here.self || here.children.size > 0;
}

/** The fields that either of two sets has. */
export function unionOf(left: FieldSet, right: FieldSet): FieldSet {
  const children = new Map(left.children);
  for (const [element, below] of right.children) {
    const known = children.get(element);
    children.set(element, known ? unionOf(known, below) : below);
  }
  return { self: left.self || right.self, children };
}
