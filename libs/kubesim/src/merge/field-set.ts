import { isObject } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { compareElements, fieldElement, parsePathElement, showElement } from './path-element.ts';
import type { PathElement } from './path-element.ts';
import { Recent } from './recent.ts';

/** As many sets as some clusters write while they settle; each takes some kilobytes. */
const mostRemembered = 512;

/**
 * A set of paths to fields, as a trie that is never changed: what a manager owns, or how two objects differ. A path may be
 * in the set together with paths below it (`.` in fieldsV1). No branch is empty, and steps are in their order.
 */
export interface FieldSet {
  readonly nodes: readonly FieldNode[];
}

/** One step below a set: whether the path that ends here is in the set, and the paths that go on. */
export interface FieldNode {
  readonly element: PathElement;
  readonly isMember: boolean;
  readonly children: FieldSet;
}

/** A path: the steps from the root of an object. */
export type FieldPath = readonly PathElement[];

/** The set without paths. */
export const emptyFieldSet: FieldSet = { nodes: [] };

/** Whether no path is in a set. */
export function isEmptySet(set: FieldSet): boolean {
  return set.nodes.length === 0;
}

/** A set of nodes in any order; nodes of one step are put together, and empty ones left out. */
export function fieldSetOfNodes(nodes: readonly FieldNode[]): FieldSet {
  const byText = new Map<string, FieldNode>();
  for (const node of nodes) {
    const known = byText.get(node.element.text);
    byText.set(node.element.text, known === undefined ? node : joined(known, node));
  }
  const kept = [...byText.values()].filter(isNeeded);
  if (kept.length === 0) return emptyFieldSet;
  return { nodes: kept.sort((a, b) => compareElements(a.element, b.element)) };
}

function isNeeded(node: FieldNode): boolean {
  return node.isMember || !isEmptySet(node.children);
}

function joined(a: FieldNode, b: FieldNode): FieldNode {
  return {
    element: a.element,
    isMember: a.isMember || b.isMember,
    children: union(a.children, b.children),
  };
}

/** The set of paths written as `status` or `spec.replicas`, steps by name only. */
export function fieldSetOfPaths(paths: readonly string[]): FieldSet {
  const sets = paths.map((path) =>
    path
      .split('.')
      .reverse()
      .reduce<FieldSet>(
        (children, name) => ({
          nodes: [{ element: fieldElement(name), isMember: isEmptySet(children), children }],
        }),
        emptyFieldSet,
      ),
  );
  return sets.reduce(union, emptyFieldSet);
}

/**
 * What `fieldsV1` say, and what sets are written as: objects are written again and again while most of their owners stay the same.
 * What was read only is written anew, since the server puts it in order and leaves out what it does not know.
 */
const [readLately, writtenLately] = [
  new Recent<JsonObject, FieldSet>(mostRemembered),
  new Recent<FieldSet, JsonObject>(mostRemembered),
];

/** The set that `fieldsV1` of a managed fields entry says, undefined when it cannot be read. Neither is changed by anybody. */
export function fromFieldsV1(fields: Json): FieldSet | undefined {
  if (!isObject(fields)) return undefined;
  const known = readLately.get(fields);
  if (known !== undefined) return known;
  const set = readFields(fields);
  if (set !== undefined) readLately.set(fields, set);
  return set;
}

function readFields(fields: Json): FieldSet | undefined {
  if (!isObject(fields)) return undefined;
  const nodes: FieldNode[] = [];
  for (const [text, below] of Object.entries(fields)) {
    const element = text === '.' ? 'unknown' : parsePathElement(text);
    if (element === undefined || below === undefined) return undefined;
    if (element === 'unknown') continue;
    const children = readFields(below);
    if (children === undefined || !isObject(below)) return undefined;
    nodes.push({ element, isMember: isEmptySet(children) || Object.hasOwn(below, '.'), children });
  }
  return fieldSetOfNodes(nodes);
}

/** The `fieldsV1` of a set, in the order in which the server writes it. Nobody may change it. */
export function toFieldsV1(set: FieldSet): JsonObject {
  const known = writtenLately.get(set);
  if (known !== undefined) return known;
  const fields = writtenFields(set, false);
  writtenLately.set(set, fields);
  readLately.set(fields, set);
  return fields;
}

function writtenFields(set: FieldSet, isMember: boolean): JsonObject {
  const fields: JsonObject = isMember && !isEmptySet(set) ? { '.': {} } : {};
  for (const node of set.nodes) fields[node.element.text] = writtenFields(node.children, node.isMember);
  return fields;
}

type Choose = (left: FieldNode | undefined, right: FieldNode | undefined) => FieldNode | undefined;

/** Walks two sets side by side and keeps what is chosen of each pair of nodes. */
function combine(a: FieldSet, b: FieldSet, choose: Choose): FieldSet {
  const nodes = pairs(a.nodes, b.nodes)
    .map(([left, right]) => choose(left, right))
    .filter((node): node is FieldNode => node !== undefined && isNeeded(node));
  if (nodes.length === 0) return emptyFieldSet;
  return isSameNodes(nodes, a.nodes) ? a : { nodes };
}

type Pair = readonly [FieldNode | undefined, FieldNode | undefined];

function pairs(a: readonly FieldNode[], b: readonly FieldNode[]): Pair[] {
  const found: Pair[] = [];
  let left = 0;
  let right = 0;
  while (left < a.length || right < b.length) {
    const order = orderOf(a[left], b[right]);
    found.push([order <= 0 ? a[left] : undefined, order >= 0 ? b[right] : undefined]);
    if (order <= 0) left++;
    if (order >= 0) right++;
  }
  return found;
}

function orderOf(a: FieldNode | undefined, b: FieldNode | undefined): number {
  if (a === undefined) return 1;
  return b === undefined ? -1 : compareElements(a.element, b.element);
}

function isSameNodes(a: readonly FieldNode[], b: readonly FieldNode[]): boolean {
  return a.length === b.length && a.every((node, index) => node === b[index]);
}

function changed(node: FieldNode, isMember: boolean, children: FieldSet): FieldNode {
  if (node.isMember === isMember && node.children === children) return node;
  return { element: node.element, isMember, children };
}

/** The paths that are in either set. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmptySet(b)) return a;
  if (isEmptySet(a)) return b;
  return combine(a, b, (left, right) => {
    if (left === undefined || right === undefined) return left ?? right;
    return changed(left, left.isMember || right.isMember, union(left.children, right.children));
  });
}

/** The paths that are in both sets. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (left, right) => {
    if (left === undefined || right === undefined) return undefined;
    const children = intersection(left.children, right.children);
    return changed(left, left.isMember && right.isMember, children);
  });
}

/** The paths of a set that are not in another. Paths below those of the other stay. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (left, right) => {
    if (left === undefined || right === undefined) return left;
    return changed(left, left.isMember && !right.isMember, difference(left.children, right.children));
  });
}

/** The paths of a set that are neither in another nor below a path of it. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (left, right) => {
    if (left === undefined || right === undefined) return left;
    if (right.isMember) return undefined;
    return changed(left, left.isMember, recursiveDifference(left.children, right.children));
  });
}

/** The node of a step, undefined when no path of the set begins with it. */
export function nodeOf(set: FieldSet, element: PathElement): FieldNode | undefined {
  let low = 0;
  let high = set.nodes.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const node = set.nodes[middle];
    if (node === undefined) return undefined;
    const order = compareElements(node.element, element);
    if (order === 0) return node;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}

/** Whether a path is in a set. */
export function hasPath(set: FieldSet, path: FieldPath): boolean {
  let isMember = false;
  let below = set;
  for (const element of path) {
    const node = nodeOf(below, element);
    if (node === undefined) return false;
    isMember = node.isMember;
    below = node.children;
  }
  return isMember;
}

/** The paths of a set that have no other path of it below them. */
export function leaves(set: FieldSet): FieldSet {
  return combine(set, emptyFieldSet, (node) => {
    if (node === undefined || isEmptySet(node.children)) return node;
    return changed(node, false, leaves(node.children));
  });
}

/** All paths of a set in the server's order: those that end at a level before those that go on from it. */
export function pathsOf(set: FieldSet, prefix: FieldPath = []): FieldPath[] {
  const here = set.nodes.filter((node) => node.isMember).map((node) => [...prefix, node.element]);
  const below = set.nodes.flatMap((node) => pathsOf(node.children, [...prefix, node.element]));
  return [...here, ...below];
}

/** A path as messages show it: `.spec.containers[name="a"].image`. */
export function showPath(path: FieldPath): string {
  return path.map(showElement).join('');
}
