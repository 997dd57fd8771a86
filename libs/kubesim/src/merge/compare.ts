import { isObject, jsonEqual, memberOf } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { ListSchema, MapSchema, ObjectSchema, Schema } from '../schema/schema.ts';
import { emptyFieldSet, fieldSetOfNodes, recursiveDifference } from './field-set.ts';
import type { FieldNode, FieldSet } from './field-set.ts';
import { memberNames } from './members.ts';
import { fieldElement } from './path-element.ts';
import type { PathElement } from './path-element.ts';
import { atomOf, isAtomic, itemElementAt, knownMemberType } from './typed.ts';
import type { Atom } from './typed.ts';

/** How an object differs from another. No path is in two of the sets. */
export interface Comparison {
  readonly removed: FieldSet;
  readonly modified: FieldSet;
  readonly added: FieldSet;
}

/** How an object differs from what it was. Throws UntypedObject. */
export function compareObjects(before: Json, after: Json, schema: Schema): Comparison {
  const walk = new Walk();
  walk.compare(before, after, schema);
  return { removed: walk.removed.set(), modified: walk.modified.set(), added: walk.added.set() };
}

/** A comparison without the fields of a set and what is below them. */
export function withoutFields(comparison: Comparison, fields: FieldSet | undefined): Comparison {
  if (fields === undefined) return comparison;
  return {
    removed: recursiveDifference(comparison.removed, fields),
    modified: recursiveDifference(comparison.modified, fields),
    added: recursiveDifference(comparison.added, fields),
  };
}

/** A set in the making. */
class Gathered {
  readonly #children = new Map<string, { element: PathElement; isMember: boolean; below: Gathered }>();

  add(path: readonly PathElement[], depth = 0): void {
    const element = path[depth];
    if (element === undefined) return;
    let child = this.#children.get(element.text);
    if (child === undefined) {
      child = { element, isMember: false, below: new Gathered() };
      this.#children.set(element.text, child);
    }
    if (depth === path.length - 1) child.isMember = true;
    else child.below.add(path, depth + 1);
  }

  set(): FieldSet {
    if (this.#children.size === 0) return emptyFieldSet;
    const nodes = [...this.#children.values()].map(({ element, isMember, below }): FieldNode => ({
      element,
      isMember,
      children: below.set(),
    }));
    return fieldSetOfNodes(nodes);
  }
}

type Side = Json | undefined;

class Walk {
  readonly removed = new Gathered();
  readonly modified = new Gathered();
  readonly added = new Gathered();
  readonly #path: PathElement[] = [];

  compare(before: Side, after: Side, schema: Schema): void {
    if (before === after) return;
    const [first, second] = atomsOf(before, after, schema);
    if (second !== undefined) this.#compareAs(before, after, second);
    if (this.#compareAs(before, after, first) === 'leaf') return;
    if (before === undefined) this.added.add(this.#path);
    else if (after === undefined) this.removed.add(this.#path);
  }

  #compareAs(before: Side, after: Side, atom: Atom): 'leaf' | 'branch' {
    if (atom.kind === 'scalar' || isAtomic(atom)) return this.#leaf(before, after);
    if (atom.kind === 'list') {
      const [left, right] = [listOf(before), listOf(after)];
      if (left.length === 0 && right.length === 0) return this.#leaf(before, after);
      this.#compareItems(left, right, atom);
      return 'branch';
    }
    const [left, right] = [membersOf(before), membersOf(after)];
    const names = memberNames(right);
    for (const name of memberNames(left)) if (memberOf(right, name) === undefined) names.push(name);
    if (names.length === 0) return this.#leaf(before, after);
    for (const name of names) this.#compareMember(left, right, name, atom);
    return 'branch';
  }

  #leaf(before: Side, after: Side): 'leaf' {
    if (before === undefined) this.added.add(this.#path);
    else if (after === undefined) this.removed.add(this.#path);
    else if (!jsonEqual(before, after)) this.modified.add(this.#path);
    return 'leaf';
  }

  #compareMember(before: JsonObject, after: JsonObject, name: string, atom: MapSchema | ObjectSchema): void {
    const left = Object.hasOwn(before, name) ? before[name] : undefined;
    const right = Object.hasOwn(after, name) ? after[name] : undefined;
    this.#below(fieldElement(name), () => {
      this.compare(left, right, knownMemberType(atom, name).schema);
    });
  }

  #below(element: PathElement, work: () => void): void {
    this.#path.push(element);
    work();
    this.#path.pop();
  }

  #compareItems(before: readonly Json[], after: readonly Json[], list: ListSchema): void {
    const left = byElement(before, list);
    const right = byElement(after, list);
    for (const [text, { element }] of new Map([...left, ...right])) {
      this.#below(element, () => {
        this.#compareItem(left.get(text)?.items ?? [], right.get(text)?.items ?? [], list.item);
      });
    }
  }

  /** Items that stand more than once are compared as a whole. */
  #compareItem(before: readonly Json[], after: readonly Json[], schema: Schema): void {
    const [isManyBefore, isManyAfter] = [before.length > 1, after.length > 1];
    if (isManyBefore && isManyAfter) {
      if (!jsonEqual([...before], [...after])) this.modified.add(this.#path);
      return;
    }
    this.compare(isManyBefore ? undefined : before[0], isManyAfter ? undefined : after[0], schema);
    if (isManyBefore) this.removed.add(this.#path);
    if (isManyAfter) this.added.add(this.#path);
  }
}

/** The types to take both sides for; two when what is of any type was, say, a list and became a map. */
function atomsOf(before: Side, after: Side, schema: Schema): readonly [Atom, Atom?] {
  const right = atomOf(schema, after);
  const left = atomOf(schema, before);
  if (after === undefined) return [left];
  return before === undefined || left === right ? [right] : [right, left];
}

function byElement(
  list: readonly Json[],
  schema: ListSchema,
): Map<string, { element: PathElement; items: Json[] }> {
  const found = new Map<string, { element: PathElement; items: Json[] }>();
  for (const [index, item] of list.entries()) {
    const element = itemElementAt(schema, item, index);
    const known = found.get(element.text);
    if (known === undefined) found.set(element.text, { element, items: [item] });
    else known.items.push(item);
  }
  return found;
}

function listOf(value: Side): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

const noMembers: JsonObject = {};

function membersOf(value: Side): JsonObject {
  return isObject(value) ? value : noMembers;
}
