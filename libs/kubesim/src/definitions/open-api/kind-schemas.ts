import { draftOf, isObject, itemsAt, jsonEqual, objectAt, textAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { nameOf, schemaAt } from '../internal-spec.ts';
import { forVersion2 } from './version-2.ts';

/** Which OpenAPI a document is in: the older one knows no alternatives and no nulls. */
export type OpenApiVersion = 'v2' | 'v3';

/** A custom kind in one version, as OpenAPI names it. */
export interface DescribedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly hasStatus: boolean;
  readonly hasScale: boolean;
  /** What the version says of itself. */
  readonly given: JsonObject;
}

/** Reads what is described of a version of a definition. */
export function describedKind({ spec }: KubeObject, given: JsonObject): DescribedKind {
  const text = (...path: readonly string[]) => textAt(spec, ...path) ?? '';
  return {
    group: text('group'),
    version: nameOf(given),
    kind: text('names', 'kind'),
    listKind: text('names', 'listKind'),
    plural: text('names', 'plural'),
    namespaced: text('scope') === 'Namespaced',
    hasStatus: objectAt(given, 'subresources', 'status') !== undefined,
    hasScale: objectAt(given, 'subresources', 'scale') !== undefined,
    given,
  };
}

/** The name of a kind among the schemas: `com.example.v1.Gadget`. */
export function modelName({ group, version }: DescribedKind, kind: string): string {
  return [...group.split('.').toReversed(), version, kind].join('.');
}

const prefixes: Readonly<Record<OpenApiVersion, string>> = {
  v2: '#/definitions/',
  v3: '#/components/schemas/',
};

/** A reference to a schema. */
export function referTo(name: string, openApi: OpenApiVersion): JsonObject {
  return { $ref: `${prefixes[openApi]}${name}` };
}

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const conventions = 'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md';

/** The schemas of a kind and of its list, by name. */
export function kindSchemas(described: DescribedKind, openApi: OpenApiVersion): JsonObject {
  const { kind, listKind } = described;
  return {
    [modelName(described, kind)]: { ...ownSchema(described, openApi), ...extensions(described, kind) },
    [modelName(described, listKind)]: {
      ...listSchema(described, openApi),
      ...extensions(described, listKind),
    },
  };
}

function extensions({ group, version, given }: DescribedKind, kind: string): JsonObject {
  const fields = itemsAt(given, 'selectableFields').map((field) => ({
    fieldPath: (textAt(field, 'jsonPath') ?? '').replace(/^\./, ''),
  }));
  return {
    'x-kubernetes-group-version-kind': [{ group, kind, version }],
    ...(fields.length === 0 ? {} : { 'x-kubernetes-selectable-fields': fields }),
  };
}

function listSchema(described: DescribedKind, openApi: OpenApiVersion): JsonObject {
  const { kind, listKind, plural } = described;
  return {
    description: `${listKind} is a list of ${kind}`,
    type: 'object',
    required: ['items'],
    properties: {
      ...typeMeta,
      items: {
        description: `List of ${plural}. More info: ${conventions}`,
        type: 'array',
        items: referTo(modelName(described, kind), openApi),
      },
      metadata: metadataOf(
        'ListMeta',
        `Standard list metadata. More info: ${conventions}#types-kinds`,
        openApi,
      ),
    },
  };
}

function ownSchema({ given }: DescribedKind, openApi: OpenApiVersion): JsonObject {
  const schema = schemaAt(given, 'schema') ?? { type: 'object' };
  const keepsUnknown = schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (openApi === 'v2' && keepsUnknown) return { type: 'object' };
  const read = openApi === 'v2' ? forVersion2(unfolded(schema)) : unfolded(schema);
  const shown = withResources(read, openApi);
  return {
    ...shown,
    properties: { ...objectAt(shown, 'properties'), ...typeMeta, metadata: objectMeta(openApi) },
  };
}

const typeMeta = {
  apiVersion: {
    description: `APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: ${conventions}#resources`,
    type: 'string',
  },
  kind: {
    description: `Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: ${conventions}#types-kinds`,
    type: 'string',
  },
};

const embeddedTypeMeta = {
  apiVersion: {
    description: `apiVersion defines the versioned schema of this representation of an object. More info: ${conventions}#resources`,
    type: 'string',
  },
  kind: {
    description: `kind is a string value representing the type of this object. In CamelCase. More info: ${conventions}#types-kinds`,
    type: 'string',
  },
};

function objectMeta(openApi: OpenApiVersion): JsonObject {
  return metadataOf('ObjectMeta', `Standard object's metadata. More info: ${conventions}#metadata`, openApi);
}

/** Only the older OpenAPI lets words stand beside a reference. */
function metadataOf(type: string, description: string, openApi: OpenApiVersion): JsonObject {
  const reference = referTo(`${meta}.${type}`, openApi);
  return openApi === 'v2' ? { description, ...reference } : { description, allOf: [reference] };
}

const eitherType = [{ type: 'integer' }, { type: 'string' }];

/** Says in plain OpenAPI what "a number or text" is. */
function unfolded(schema: JsonObject): JsonObject {
  const copy = insideOf(schema, unfolded);
  if (schema['x-kubernetes-int-or-string'] !== true) return copy;
  const { anyOf } = schema;
  const allOf = itemsAt(schema, 'allOf');
  if (jsonEqual(anyOf, eitherType) || jsonEqual(objectAt(allOf[0])?.['anyOf'], eitherType)) return copy;
  if (anyOf === undefined) return { ...copy, anyOf: draftOf(eitherType) };
  return { ...copy, allOf: [{ anyOf: draftOf(eitherType) }, ...allOf] };
}

/** Adds what every object of the API has to those inside of a schema. */
function withResources(schema: JsonObject, openApi: OpenApiVersion): JsonObject {
  const copy = insideOf(schema, (inside) => withResources(inside, openApi));
  const keepsUnknown = schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (schema['x-kubernetes-embedded-resource'] !== true) return copy;
  if (openApi === 'v2' && keepsUnknown) return copy;
  const required = itemsAt(schema, 'required');
  const added = ['kind', 'apiVersion'].filter((name) => !required.includes(name));
  const properties = { ...objectAt(copy, 'properties'), ...embeddedTypeMeta, metadata: objectMeta(openApi) };
  return { ...copy, properties, required: [...required, ...added] };
}

/** A copy of a schema with the schemas of its values changed: not those inside of junctors. */
export function insideOf(schema: JsonObject, change: (inside: JsonObject) => JsonObject): JsonObject {
  const changed = (inside: Json | undefined) => (isObject(inside) ? change(inside) : inside);
  const { items, properties, additionalProperties } = schema;
  return {
    ...schema,
    ...(items === undefined ? {} : { items: changed(items) }),
    ...(additionalProperties === undefined ? {} : { additionalProperties: changed(additionalProperties) }),
    ...(isObject(properties)
      ? {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, property]) => [name, changed(property)]),
          ),
        }
      : {}),
  };
}
