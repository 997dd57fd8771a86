import { effectiveNamespace, isSameId } from './id.ts';
import type { PastName, Resource } from './resource.ts';

/** Whether two objects have the same id, had the same ones and went through the same prefixes and suffixes. */
export function haveSameNames(left: Resource | undefined, right: Resource | undefined): boolean {
  if (left === right) return true;
  if (!left || !right) return false;
  return (
    (left.id === right.id || isSameId(left.id, right.id)) &&
    areSame(left.prefixes, right.prefixes) &&
    areSame(left.suffixes, right.suffixes) &&
    left.past.length === right.past.length &&
    left.past.every((each, index) => isSamePast(each, right.past[index]))
  );
}

function areSame(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((each, index) => each === right[index]);
}

function isSamePast(left: PastName, right: PastName | undefined): boolean {
  return left.name === right?.name && left.namespace === right.namespace && left.kind === right.kind;
}

/**
 * Whether all ids that an object had in a step can be told from what it has and had behind it: nothing was forgotten, its
 * kind stayed, and its name and namespace did, too, unless the step may rename.
 */
export function keepsId(before: Resource | undefined, after: Resource, mayRename: boolean): boolean {
  if (before === after) return true;
  if (!before) return false;
  const { id, past } = after;
  const isSame = id === before.id || isSameId(id, before.id);
  const isOfKind =
    id.kind === before.id.kind && id.group === before.id.group && id.version === before.id.version;
  if (!isOfKind || !(isSame || mayRename) || past.length < before.past.length) return false;
  const isPresent = ({ name, namespace, kind }: PastName): boolean =>
    mayRename || (name === id.name && kind === id.kind && namespace === effectiveNamespace(id));
  return past.every((each, index) =>
    index < before.past.length ? isSamePast(each, before.past[index]) : isPresent(each),
  );
}
