import {
  isFields,
  isList,
  mapItems,
  Scalar,
  scalarOf,
  tagOf,
  textOf,
  type AnyScalar,
  type Fields,
  type Value,
} from './value.ts';

/**
 * A scalar that stands in several fields of one object at once. Kustomize adds a label or an annotation to all fields of
 * an object as one YAML node, and later steps write into that node: whoever changes one of the fields changes all.
 */
export class SharedScalar extends Scalar {
  /** The same for all fields that share the node. */
  readonly node: object;
  /** How often the node was written; the newest writing counts. */
  readonly version: number;
  /** Whether the text that made the node is in quotes; what is written over it gets them. */
  readonly isInQuotes: boolean;
  private constructor(value: AnyScalar, { node, version, isInQuotes }: NodeState) {
    super(tagOf(value), textOf(value));
    this.node = node;
    this.version = version;
    this.isInQuotes = isInQuotes;
  }

  /** A text in a node of its own, to be put into several fields. */
  static of(text: string, isInQuotes: boolean): SharedScalar {
    return new SharedScalar(text, { node: {}, version: 0, isInQuotes });
  }

  /** The same node after it was overwritten. */
  overwritten(value: AnyScalar): SharedScalar {
    const { node, version, isInQuotes } = this;
    return new SharedScalar(value, { node, version: version + 1, isInQuotes });
  }
}

type NodeState = Pick<SharedScalar, 'node' | 'version' | 'isInQuotes'>;

/** What is in a field whose node was overwritten in place; `agreed` must follow when that is a shared scalar. */
export function overwritten(old: Value | undefined, next: Value): Value {
  if (!(old instanceof SharedScalar)) return unshared(next);
  if (isFields(next) || isList(next)) return next;
  return old.tag === tagOf(next) && old.text === textOf(next) ? old : old.overwritten(next);
}

/** Lets all fields that share a node have what was written last; of two writings in one step the later field wins. */
export function agreed(fields: Fields): Fields {
  const newest = new Map<object, SharedScalar>();
  forEachShared(fields, (shared) => {
    const known = newest.get(shared.node);
    if (known === undefined || shared.version >= known.version) newest.set(shared.node, shared);
  });
  return mapShared(fields, (shared) => newest.get(shared.node) ?? shared);
}

/** A value whose scalars are its own, as after a copy through JSON. */
export function unshared(value: Fields): Fields;
export function unshared(value: Value): Value;
export function unshared(value: Value): Value {
  return mapShared(value, ({ tag, text }) => scalarOf(tag, text));
}

/** Kustomize goes through mappings in the order of their keys. */
function forEachShared(value: Value, visit: (shared: SharedScalar) => void): void {
  if (value instanceof SharedScalar) visit(value);
  else if (isList(value)) for (const item of value) forEachShared(item, visit);
  else if (isFields(value))
    for (const key of Object.keys(value).sort()) forEachShared(value[key] ?? null, visit);
}

function mapShared(value: Fields, change: (shared: SharedScalar) => Value): Fields;
function mapShared(value: Value, change: (shared: SharedScalar) => Value): Value;
function mapShared(value: Value, change: (shared: SharedScalar) => Value): Value {
  if (value instanceof SharedScalar) return change(value);
  if (isList(value)) return mapItems(value, (item) => mapShared(item, change));
  if (!isFields(value)) return value;
  let changed: Record<string, Value> | undefined;
  for (const [key, before] of Object.entries(value)) {
    const after = mapShared(before, change);
    if (after !== before) (changed ??= { ...value })[key] = after;
  }
  return changed ?? value;
}
