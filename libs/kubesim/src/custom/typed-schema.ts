import type { Json } from '../json.ts';
import type { FieldSchema, ObjectSchema, ScalarType, Schema } from '../schema/schema.ts';
import type { CustomSchema } from './custom-schema.ts';

/** What objects of a custom kind have beside what its schema says. */
export interface ResourceTypes {
  /** The name of the kind, for messages. */
  readonly kind: string;
  /** The type of `metadata`. */
  readonly metadata: Schema;
}

const any: Schema = { kind: 'any' };
const text: Schema = { kind: 'scalar', type: 'string' };
const textField: FieldSchema = { schema: text, nullable: false, patch: { strategies: [] } };

/** The type by which objects of a custom kind are merged and owned (kube-openapi's conversion to structured-merge-diff). */
export function typedSchema(schema: CustomSchema, types: ResourceTypes): Schema {
  return objectOf({ ...schema, isResource: true }, types, schema.keepsUnknown);
}

/** What keeps unknown fields makes everything inside of it keep them. */
function typeOf(schema: CustomSchema, types: ResourceTypes, inherited: boolean): Schema {
  const keepsUnknown = inherited || schema.keepsUnknown;
  switch (schema.type) {
    case 'object':
      return objectOf(schema, types, keepsUnknown);
    case 'array':
      return listOf(schema, types, keepsUnknown);
    case '':
      return any;
    default:
      return scalarOf(schema);
  }
}

function objectOf(schema: CustomSchema, types: ResourceTypes, keepsUnknown: boolean): Schema {
  const atomic = schema.mapType === 'atomic';
  const { additional } = schema;
  const others = typeof additional === 'object' ? typeOf(additional, types, keepsUnknown) : undefined;
  const fields = fieldsOf(schema, types, keepsUnknown);
  const isFree = keepsUnknown || fields.size === 0 || additional === true;
  if (fields.size === 0) return { kind: 'map', value: others ?? any, atomic };
  const object: ObjectSchema = {
    kind: 'object',
    typeName: types.kind,
    fields,
    atomic,
    keepsUnknown: others === undefined && isFree,
  };
  return others === undefined ? object : { ...object, others };
}

function fieldsOf(
  schema: CustomSchema,
  types: ResourceTypes,
  keepsUnknown: boolean,
): ReadonlyMap<string, FieldSchema> {
  const fields = new Map<string, FieldSchema>();
  for (const [name, property] of schema.properties) {
    fields.set(name, {
      schema: typeOf(property, types, keepsUnknown),
      ...defaultOf(property.default),
      nullable: property.nullable,
      patch: { strategies: [] },
    });
  }
  if (!schema.isResource) return fields;
  fields.set('apiVersion', textField).set('kind', textField);
  return fields.set('metadata', { schema: types.metadata, nullable: false, patch: { strategies: [] } });
}

function defaultOf(value: Json | undefined): { readonly default?: Json } {
  return value === undefined ? {} : { default: value };
}

function listOf(schema: CustomSchema, types: ResourceTypes, keepsUnknown: boolean): Schema {
  const { listType, mapKeys, items } = schema;
  return {
    kind: 'list',
    item: items === undefined ? any : typeOf(items, types, keepsUnknown),
    listType: listType === 'set' || listType === 'map' ? listType : 'atomic',
    mapKeys: listType === 'map' ? mapKeys : [],
  };
}

const scalars: Readonly<Record<string, ScalarType>> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
};

/** Text with a format may be anything that is a scalar, but for bytes. */
function scalarOf({ type, limits }: CustomSchema): Schema {
  const isPlain = type !== 'string' || limits.format === '' || limits.format === 'byte';
  const scalar = isPlain ? scalars[type] : 'int-or-string';
  return scalar === undefined ? any : { kind: 'scalar', type: scalar };
}
