import { isObject } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { ListSchema, MapSchema, ObjectSchema, Schema } from '../schema/schema.ts';
import { emptyFieldSet, fieldSetOfNodes, isEmptySet } from './field-set.ts';
import type { FieldNode, FieldSet } from './field-set.ts';
import { memberNames } from './members.ts';
import { fieldElement } from './path-element.ts';
import type { PathElement } from './path-element.ts';
import { atomOf, isAtomic, itemElementAt, knownMemberType } from './typed.ts';

/** The paths that an applied object says: its leaves, its list items, and its empty or unnamed members. Throws UntypedObject. */
export function fieldSetOf(value: Json, schema: Schema): FieldSet {
  return ownedIn(value, schema).below;
}

interface Owned {
  /** Whether the value is owned itself. */
  readonly self: boolean;
  readonly below: FieldSet;
}

const nothing: Owned = { self: false, below: emptyFieldSet };
const whole: Owned = { self: true, below: emptyFieldSet };

function ownedIn(value: Json, schema: Schema): Owned {
  const atom = atomOf(schema, value);
  if (atom.kind === 'scalar' || isAtomic(atom)) return whole;
  if (atom.kind === 'list') {
    return Array.isArray(value) ? { self: false, below: ownedItems(value, atom) } : nothing;
  }
  return isObject(value) ? { self: false, below: ownedMembers(value, atom) } : nothing;
}

function ownedMembers(object: JsonObject, atom: MapSchema | ObjectSchema): FieldSet {
  return fieldSetOfNodes(
    memberNames(object).map((name) => {
      const member = object[name] ?? null;
      const type = knownMemberType(atom, name);
      const { self, below } = ownedIn(member, type.schema);
      const isMember = self || !type.isNamed || isEmptyMember(member);
      return { element: fieldElement(name), isMember, children: below };
    }),
  );
}

function isEmptyMember(member: Json): boolean {
  return member === null || (isObject(member) && memberNames(member).length === 0);
}

/** Items that stand more than once are owned as a whole. */
function ownedItems(list: readonly Json[], atom: ListSchema): FieldSet {
  const nodes = new Map<string, FieldNode>();
  for (const [index, item] of list.entries()) {
    const element = itemElementAt(atom, item, index);
    const children = nodes.has(element.text) ? emptyFieldSet : ownedIn(item, atom.item).below;
    nodes.set(element.text, { element, isMember: true, children });
  }
  return fieldSetOfNodes([...nodes.values()]);
}

/** A set together with the named fields on the way to its paths, so that they are removed with what is in them. */
export function withNamedFields(set: FieldSet, schema: Schema): FieldSet {
  return mapNodes(set, schema, (node, type) => {
    if (isEmptySet(node.children)) return node;
    const children = withNamedFields(node.children, type.schema);
    const isMember = node.isMember || type.isNamed;
    return isMember === node.isMember && children === node.children ? node : { ...node, isMember, children };
  });
}

/** A set read by the present schema: what has become atomic since it was written is owned as a whole. */
export function reconciled(set: FieldSet, schema: Schema): FieldSet {
  return mapNodes(set, schema, (node, type) => {
    if (isEmptySet(node.children) || type.schema.kind === 'any') return node;
    if (isAtomic(atomOf(type.schema, undefined))) return { ...node, isMember: true, children: emptyFieldSet };
    const children = reconciled(node.children, type.schema);
    return children === node.children ? node : { ...node, children };
  });
}

interface StepType {
  readonly schema: Schema;
  readonly isNamed: boolean;
}

function mapNodes(
  set: FieldSet,
  schema: Schema,
  change: (node: FieldNode, type: StepType) => FieldNode,
): FieldSet {
  const nodes = set.nodes.map((node) => change(node, stepType(schema, node.element)));
  return nodes.every((node, index) => node === set.nodes[index]) ? set : { nodes };
}

function stepType(schema: Schema, element: PathElement): StepType {
  const atom = atomOf(schema, undefined);
  if (element.kind === 'field' && (atom.kind === 'object' || atom.kind === 'map')) {
    return knownMemberType(atom, element.name);
  }
  const item: Schema = element.kind === 'key' && atom.kind === 'list' ? atom.item : { kind: 'any' };
  return { schema: item, isNamed: false };
}
