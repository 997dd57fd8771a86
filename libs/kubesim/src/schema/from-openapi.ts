import type { Json } from '../json.ts';
import type { FieldSchema, GoField, MixedSchema, ObjectSchema, Schema, ScalarType } from './schema.ts';

/** An OpenAPI v3 type of the API's own documents, as far as working by type needs it, with the Go facts beside it. */
export interface OpenApiType {
  readonly type?: string;
  readonly format?: string;
  readonly $ref?: string;
  readonly allOf?: readonly OpenApiType[];
  readonly items?: OpenApiType;
  readonly additionalProperties?: OpenApiType;
  readonly properties?: { readonly [field: string]: OpenApiType };
  readonly default?: Json;
  readonly go?: { readonly [field: string]: GoField };
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular';
  readonly 'x-kubernetes-patch-strategy'?: string;
  readonly 'x-kubernetes-patch-merge-key'?: string;
  readonly 'x-kubernetes-group-version-kind'?: readonly { group: string; version: string; kind: string }[];
}

/** Types that Go reads and writes by code of their own, so that their OpenAPI says less than they do. */
const leaves: Readonly<Record<string, ScalarType | 'any'>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': 'quantity',
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': 'int-or-string',
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': 'time',
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': 'micro-time',
  'io.k8s.apimachinery.pkg.apis.meta.v1.Duration': 'duration',
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': 'any',
  'io.k8s.apimachinery.pkg.apis.meta.v1.Patch': 'any',
  'io.k8s.apimachinery.pkg.runtime.RawExtension': 'any',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON': 'any',
};

const schemas = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';

/** Types that are a schema or something else. */
const mixed: Readonly<Record<string, MixedSchema['or']>> = {
  [`${schemas}OrArray`]: 'list',
  [`${schemas}OrBool`]: 'boolean',
  [`${schemas}OrStringArray`]: 'texts',
};

const formats: Readonly<Record<string, ScalarType>> = {
  byte: 'bytes',
  'date-time': 'time',
  'int-or-string': 'int-or-string',
  int32: 'int32',
  int64: 'int64',
};

const scalars: Readonly<Record<string, ScalarType>> = {
  string: 'string',
  integer: 'int64',
  number: 'number',
  boolean: 'boolean',
};

/** Reads types by name out of the components of the API's OpenAPI documents. Each is read once, when first asked for. */
export function openApiReader(
  components: Readonly<Record<string, OpenApiType>>,
): (name: string) => Schema | undefined {
  const read = new Map<string, Schema>();

  function named(name: string): Schema {
    const known = read.get(name);
    if (known !== undefined) return known;
    const schema = leafNamed(name) ?? structOf(name, components[name] ?? {});
    read.set(name, schema);
    return schema;
  }

  function leafNamed(name: string): Schema | undefined {
    const or = mixed[name];
    if (or !== undefined) return { kind: 'any', mixed: { object: named(schemas), or } };
    const leaf = leaves[name];
    return leaf === undefined ? undefined : leaf === 'any' ? any : scalar(leaf);
  }

  /** The object is known by its name before its fields are read, because a type may contain itself. */
  function structOf(name: string, component: OpenApiType): ObjectSchema {
    const fields = new Map<string, FieldSchema>();
    const schema: ObjectSchema = {
      kind: 'object',
      typeName: name.slice(name.lastIndexOf('.') + 1),
      fields,
      atomic: component['x-kubernetes-map-type'] === 'atomic',
      keepsUnknown: false,
    };
    read.set(name, schema);
    for (const [field, type] of Object.entries(component.properties ?? {})) {
      fields.set(field, fieldOf(type, component.go?.[field]));
    }
    return schema;
  }

  function fieldOf(type: OpenApiType, go: GoField | undefined): FieldSchema {
    const strategies = (type['x-kubernetes-patch-strategy'] ?? '').split(',').filter((word) => word !== '');
    const mergeKey = type['x-kubernetes-patch-merge-key'];
    return {
      schema: schemaOf(type),
      nullable: false,
      patch: mergeKey === undefined ? { strategies } : { strategies, mergeKey },
      ...(type.default === undefined ? {} : { default: type.default }),
      ...(go === undefined ? {} : { go }),
    };
  }

  function schemaOf(type: OpenApiType): Schema {
    const reference = type.$ref ?? type.allOf?.[0]?.$ref;
    if (reference !== undefined)
      return withMapType(type, named(reference.slice('#/components/schemas/'.length)));
    if (type.type === 'array') return listOf(type);
    if (type.type === 'object') return mapOf(type);
    return leafOf(type);
  }

  function mapOf(type: OpenApiType): Schema {
    const atomic = type['x-kubernetes-map-type'] === 'atomic';
    return { kind: 'map', value: schemaOf(type.additionalProperties ?? {}), atomic };
  }

  function listOf(type: OpenApiType): Schema {
    return {
      kind: 'list',
      item: schemaOf(type.items ?? {}),
      listType: type['x-kubernetes-list-type'] ?? 'atomic',
      mapKeys: type['x-kubernetes-list-map-keys'] ?? [],
    };
  }

  return (name) => (Object.hasOwn(components, name) ? named(name) : undefined);
}

function leafOf(type: OpenApiType): Schema {
  const leaf = formats[type.format ?? ''] ?? scalars[type.type ?? ''];
  return leaf === undefined ? any : scalar(leaf);
}

/** A field may say how its object is owned, other than the type says elsewhere. */
function withMapType(type: OpenApiType, schema: Schema): Schema {
  const said = type['x-kubernetes-map-type'];
  if (said === undefined || (schema.kind !== 'object' && schema.kind !== 'map')) return schema;
  return { ...schema, atomic: said === 'atomic' };
}

const any: Schema = { kind: 'any' };

const scalarSchemas = new Map<ScalarType, Schema>();

function scalar(type: ScalarType): Schema {
  const known = scalarSchemas.get(type) ?? { kind: 'scalar', type };
  scalarSchemas.set(type, known);
  return known;
}
