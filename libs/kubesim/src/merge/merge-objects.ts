import { defineMember, isObject, memberOf } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { ListSchema, MapSchema, ObjectSchema, Schema } from '../schema/schema.ts';
import { isEmptySet, nodeOf } from './field-set.ts';
import type { FieldSet } from './field-set.ts';
import { memberNames } from './members.ts';
import { fieldElement } from './path-element.ts';
import { atomOf, isAtomic, itemElementAt, knownMemberType } from './typed.ts';

/**
 * Lays what a manager says over an object: nothing is taken away, leaves are as said, and list items come in the order said.
 * Throws UntypedObject.
 */
export function layOver(live: Json, said: Json, schema: Schema): Json {
  if (live === said) return live;
  const atom = atomOf(schema, said);
  if (atom.kind === 'scalar' || isAtomic(atom)) return said;
  if (atom.kind === 'list') {
    const [mine, other] = [listOf(live), listOf(said)];
    return mine.length === 0 && other.length === 0 ? said : layItemsOver(mine, other, atom);
  }
  const [mine, other] = [membersOf(live), membersOf(said)];
  const isBare = memberNames(mine).length === 0 && memberNames(other).length === 0;
  return isBare ? said : layMembersOver(mine, other, atom);
}

function layMembersOver(live: JsonObject, said: JsonObject, atom: MapSchema | ObjectSchema): JsonObject {
  const result = { ...live };
  for (const name of memberNames(said)) {
    const mine = memberOf(live, name);
    const other = said[name] ?? null;
    const merged = mine === undefined ? other : layOver(mine, other, knownMemberType(atom, name).schema);
    defineMember(result, name, merged);
  }
  return result;
}

/** An item under what tells it from the others. */
interface Keyed {
  readonly text: string;
  readonly item: Json;
}

/**
 * Merges the items of two lists. Items that both have come in the order said; items of the live list stay before the common
 * item that they stood before.
 */
function layItemsOver(live: readonly Json[], said: readonly Json[], list: ListSchema): Json[] {
  const ours = keyed(live, list);
  const theirs = keyed(said, list);
  const merge = mergerOf(ours, theirs, list.item);
  const isSaid = new Set(theirs.map(({ text }) => text));
  const isLive = new Set(ours.map(({ text }) => text));
  const common = theirs.filter(({ text }) => isLive.has(text)).map(({ text }) => text);
  const merged = new Set<string>();
  const result: Json[] = [];
  let left = 0;
  let right = 0;
  const takeSaid = (entry: Keyed) => {
    result.push(merge(entry.text));
    merged.add(entry.text);
    if (common[0] === entry.text) common.shift();
    right++;
  };
  while (left < ours.length || right < theirs.length) {
    const mine = ours[left];
    const other = theirs[right];
    const step = nextStep(mine, other, { isSaid, merged, next: common[0] });
    if (step !== 'said') left++;
    if (step === 'live' && mine !== undefined) result.push(mine.item);
    if ((step === 'said' || step === 'both' || step === 'skip-then-said') && other !== undefined) {
      takeSaid(other);
    }
  }
  return result;
}

interface Progress {
  readonly isSaid: ReadonlySet<string>;
  readonly merged: ReadonlySet<string>;
  /** The first item of both lists that is not merged yet. */
  readonly next: string | undefined;
}

type Step = 'both' | 'live' | 'said' | 'skip' | 'skip-then-said';

function nextStep(mine: Keyed | undefined, other: Keyed | undefined, progress: Progress): Step {
  if (mine === undefined) return 'said';
  const isCommon = progress.isSaid.has(mine.text);
  if (other !== undefined) {
    if (mine.text === other.text) return 'both';
    if (isCommon && progress.next !== undefined && progress.next !== mine.text) return 'skip';
  }
  if (!isCommon) return 'live';
  return progress.merged.has(mine.text) ? 'skip-then-said' : 'said';
}

function keyed(items: readonly Json[], list: ListSchema): Keyed[] {
  return items.map((item, index) => ({ text: itemElementAt(list, item, index).text, item }));
}

/** Merges the items of one key; live items that stand more than once count for nothing there. */
function mergerOf(ours: readonly Keyed[], theirs: readonly Keyed[], schema: Schema): (text: string) => Json {
  const live = new Map<string, Json>();
  for (const { text, item } of ours) live.set(text, live.has(text) ? null : item);
  const said = new Map(theirs.map(({ text, item }) => [text, item]));
  return (text) => {
    const other = said.get(text) ?? null;
    const mine = live.get(text);
    return mine === undefined ? other : layOver(mine, other, schema);
  };
}

/** An object without the fields and items of a set. A list or map that loses everything becomes null. */
export function withoutItems(value: Json, gone: FieldSet, schema: Schema): Json {
  const atom = atomOf(schema, value);
  if (atom.kind === 'scalar') return value;
  if (isAtomic(atom)) return null;
  if (atom.kind === 'list') return itemsLeft(listOf(value), gone, atom);
  return membersLeft(membersOf(value), gone, atom);
}

function itemsLeft(items: readonly Json[], gone: FieldSet, list: ListSchema): Json {
  const left = items.flatMap((item, index) => {
    const node = nodeOf(gone, itemElementAt(list, item, index));
    if (node === undefined) return [item];
    return node.isMember ? [] : [withoutItems(item, node.children, list.item)];
  });
  return left.length === 0 ? null : left;
}

function membersLeft(object: JsonObject, gone: FieldSet, atom: MapSchema | ObjectSchema): Json {
  const left: JsonObject = {};
  for (const name of memberNames(object)) {
    const node = nodeOf(gone, fieldElement(name));
    if (node?.isMember === true) continue;
    const member = object[name] ?? null;
    const isTouched = node !== undefined && !isEmptySet(node.children);
    defineMember(
      left,
      name,
      isTouched ? withoutItems(member, node.children, knownMemberType(atom, name).schema) : member,
    );
  }
  return memberNames(left).length === 0 ? null : left;
}

function listOf(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

const noMembers: JsonObject = {};

function membersOf(value: Json): JsonObject {
  return isObject(value) ? value : noMembers;
}
