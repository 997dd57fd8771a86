import { goQuote } from '@meridian/cel';
import { isObject, memberOf } from '../json.ts';
import type { Json } from '../json.ts';
import type { ListSchema, MapSchema, ObjectSchema, ScalarSchema, Schema } from '../schema/schema.ts';
import { keyElement, valueElement } from './path-element.ts';
import type { PathElement } from './path-element.ts';

/** An object that does not fit its schema, where fields are to be told apart; the message is the server's. */
export class UntypedObject extends Error {}

/** What a value is merged as: a schema, but for values of any type, which are taken for what they are. */
export type Atom =
  ListSchema | MapSchema | ObjectSchema | ScalarSchema | { readonly kind: 'scalar'; readonly type: 'any' };

const any: Schema = { kind: 'any' };
const anyScalar: Atom = { kind: 'scalar', type: 'any' };
const anyList: Atom = { kind: 'list', item: any, listType: 'atomic', mapKeys: [] };
const anyMap: Atom = { kind: 'map', value: any, atomic: false };

/** Anything in a field of a built-in kind (RawExtension, JSON), which is owned as a whole, unlike that of a custom kind. */
const builtInAny: Schema = { kind: 'any' };

/** The type to take a value for. What is of any type is a scalar, an atomic list or a map of such values. */
export function atomOf(schema: Schema, value: Json | undefined): Atom {
  if (schema.kind !== 'any') return schema;
  if (schema === builtInAny) return anyScalar;
  if (Array.isArray(value)) return anyList;
  return isObject(value) || value === null || value === undefined ? anyMap : anyScalar;
}

/** Whether values of a type are owned as a whole. */
export function isAtomic(atom: Atom): boolean {
  if (atom.kind === 'list') return atom.listType === 'atomic';
  return atom.kind !== 'scalar' && atom.atomic;
}

/** The type of a member, and whether the schema names it. */
export interface MemberType {
  readonly schema: Schema;
  readonly isNamed: boolean;
}

/** The type of a member, undefined for a member that the schema does not know. */
export function memberType(atom: MapSchema | ObjectSchema, name: string): MemberType | undefined {
  if (atom.kind === 'map') return { schema: atom.value, isNamed: false };
  const field = atom.fields.get(name);
  if (field !== undefined) {
    const isBuiltInAny = field.schema.kind === 'any' && field.go !== undefined;
    return { schema: isBuiltInAny ? builtInAny : field.schema, isNamed: true };
  }
  if (atom.others !== undefined) return { schema: atom.others, isNamed: false };
  return atom.keepsUnknown ? { schema: any, isNamed: false } : undefined;
}

/** The type of a member that may be unknown: what the schema lost is kept as it is. */
export function knownMemberType(atom: MapSchema | ObjectSchema, name: string): MemberType {
  return memberType(atom, name) ?? { schema: any, isNamed: false };
}

/** What tells an item from the others of its list, which is a set or a map. Throws UntypedObject. */
export function itemElement(list: ListSchema, item: Json): PathElement {
  return list.listType === 'map' ? keyedElement(list, item) : setElement(item);
}

/** The same, said of the item at an index when it cannot be told. */
export function itemElementAt(list: ListSchema, item: Json, index: number): PathElement {
  try {
    return itemElement(list, item);
  } catch (error) {
    if (!(error instanceof UntypedObject)) throw error;
    throw new UntypedObject(`element ${String(index)}: ${error.message}`);
  }
}

function keyedElement(list: ListSchema, item: Json): PathElement {
  if (item === null) throw new UntypedObject('associative list with keys may not have a null element');
  if (!isObject(item)) throw new UntypedObject('associative list with keys may not have non-map elements');
  const keys = list.mapKeys.flatMap((name): [string, Json][] => {
    const value = memberOf(item, name) ?? keyDefault(list, name);
    return value === undefined ? [] : [[name, value]];
  });
  if (keys.length > 0) return keyElement(keys);
  throw new UntypedObject(
    `associative list with keys has an element that omits all key fields [${list.mapKeys.map(goQuote).join(' ')}] (and doesn't have default values for any key fields)`,
  );
}

function keyDefault(list: ListSchema, name: string): Json | undefined {
  return list.item.kind === 'object' ? list.item.fields.get(name)?.default : undefined;
}

function setElement(item: Json): PathElement {
  if (item === null) {
    throw new UntypedObject("associative list without keys has an element that's an explicit null");
  }
  if (Array.isArray(item)) {
    throw new UntypedObject('not supported: associative list with lists as elements');
  }
  if (isObject(item)) {
    throw new UntypedObject("associative list without keys has an element that's a map type");
  }
  return valueElement(item);
}
