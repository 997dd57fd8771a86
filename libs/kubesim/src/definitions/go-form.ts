import { goJson } from '../errors/field-error.ts';
import { isObject } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';

/** How a field of an internal Go type is written: its zero value, and what stands in it otherwise. */
type Form =
  'text' | 'flag' | 'pointer' | 'schema' | 'schemas' | 'named' | 'or-bool' | 'or-list' | 'or-texts' | 'rules';

/** Fields in the order of the Go type: its name there, its name in JSON, its form. */
type Fields = readonly (readonly [go: string, json: string, form: Form])[];

const schemaFields: Fields = [
  ['ID', 'id', 'text'],
  ['Schema', '$schema', 'text'],
  ['Ref', '$ref', 'pointer'],
  ['Description', 'description', 'text'],
  ['Type', 'type', 'text'],
  ['Nullable', 'nullable', 'flag'],
  ['Format', 'format', 'text'],
  ['Title', 'title', 'text'],
  ['Default', 'default', 'pointer'],
  ['Maximum', 'maximum', 'pointer'],
  ['ExclusiveMaximum', 'exclusiveMaximum', 'flag'],
  ['Minimum', 'minimum', 'pointer'],
  ['ExclusiveMinimum', 'exclusiveMinimum', 'flag'],
  ['MaxLength', 'maxLength', 'pointer'],
  ['MinLength', 'minLength', 'pointer'],
  ['Pattern', 'pattern', 'text'],
  ['MaxItems', 'maxItems', 'pointer'],
  ['MinItems', 'minItems', 'pointer'],
  ['UniqueItems', 'uniqueItems', 'flag'],
  ['MultipleOf', 'multipleOf', 'pointer'],
  ['Enum', 'enum', 'pointer'],
  ['MaxProperties', 'maxProperties', 'pointer'],
  ['MinProperties', 'minProperties', 'pointer'],
  ['Required', 'required', 'pointer'],
  ['Items', 'items', 'or-list'],
  ['AllOf', 'allOf', 'schemas'],
  ['OneOf', 'oneOf', 'schemas'],
  ['AnyOf', 'anyOf', 'schemas'],
  ['Not', 'not', 'schema'],
  ['Properties', 'properties', 'named'],
  ['AdditionalProperties', 'additionalProperties', 'or-bool'],
  ['PatternProperties', 'patternProperties', 'named'],
  ['Dependencies', 'dependencies', 'or-texts'],
  ['AdditionalItems', 'additionalItems', 'or-bool'],
  ['Definitions', 'definitions', 'named'],
  ['ExternalDocs', 'externalDocs', 'pointer'],
  ['Example', 'example', 'pointer'],
  ['XPreserveUnknownFields', 'x-kubernetes-preserve-unknown-fields', 'pointer'],
  ['XEmbeddedResource', 'x-kubernetes-embedded-resource', 'flag'],
  ['XIntOrString', 'x-kubernetes-int-or-string', 'flag'],
  ['XListMapKeys', 'x-kubernetes-list-map-keys', 'pointer'],
  ['XListType', 'x-kubernetes-list-type', 'pointer'],
  ['XMapType', 'x-kubernetes-map-type', 'pointer'],
  ['XValidations', 'x-kubernetes-validations', 'rules'],
];

const ruleFields: Fields = [
  ['Rule', 'rule', 'text'],
  ['Message', 'message', 'text'],
  ['MessageExpression', 'messageExpression', 'text'],
  ['Reason', 'reason', 'pointer'],
  ['FieldPath', 'fieldPath', 'text'],
  ['OptionalOldSelf', 'optionalOldSelf', 'pointer'],
];

const columnFields: Fields = [
  ['Name', 'name', 'text'],
  ['Type', 'type', 'text'],
  ['Format', 'format', 'text'],
  ['Description', 'description', 'text'],
  ['Priority', 'priority', 'pointer'],
  ['JSONPath', 'jsonPath', 'text'],
];

/** A schema as Go writes the internal type, which has no names for JSON: what findings about a whole schema show. */
export function goSchema(schema: JsonObject): string {
  return structOf(schema, schemaFields);
}

/** The names of the fields of a schema that are set, as the internal type has them, in its order. */
export function goFieldsOf(schema: JsonObject): readonly string[] {
  return schemaFields.filter(([, json]) => schema[json] !== undefined).map(([go]) => go);
}

/** A rule as Go writes the internal type. */
export function goRule(rule: JsonObject): string {
  return structOf(rule, ruleFields);
}

/** The items of a schema as Go writes the internal type. */
export function goItems(items: Json): string {
  return written(items, 'or-list');
}

/** The versions of an internal spec as Go writes them; `null` and `[]` differ there. */
export function goVersions(versions: readonly JsonObject[]): string {
  return `[${versions.map(goVersion).join(',')}]`;
}

function goVersion(version: JsonObject): string {
  const { name, served, storage, deprecated, deprecationWarning } = version;
  const members = {
    Name: goJson(name ?? ''),
    Served: goJson(served ?? false),
    Storage: goJson(storage ?? false),
    Deprecated: goJson(deprecated ?? false),
    DeprecationWarning: goJson(deprecationWarning ?? null),
    Schema: goValidation(version['schema']),
    Subresources: goSubresources(version['subresources']),
    AdditionalPrinterColumns: listOf(version['additionalPrinterColumns'], goColumn),
    SelectableFields: listOf(
      version['selectableFields'],
      (field) => `{"JSONPath":${goJson(field['jsonPath'] ?? '')}}`,
    ),
  };
  return braced(Object.entries(members));
}

function goColumn(column: JsonObject): string {
  return structOf({ ...column, priority: column['priority'] ?? 0 }, columnFields);
}

function goValidation(validation: Json | undefined): string {
  if (!isObject(validation)) return 'null';
  return braced([['OpenAPIV3Schema', written(validation['openAPIV3Schema'], 'schema')]]);
}

function goSubresources(subresources: Json | undefined): string {
  if (!isObject(subresources)) return 'null';
  const { status, scale } = subresources;
  return braced([
    ['Status', isObject(status) ? '{}' : 'null'],
    ['Scale', isObject(scale) ? goScale(scale) : 'null'],
  ]);
}

function goScale({ specReplicasPath, statusReplicasPath, labelSelectorPath }: JsonObject): string {
  return braced([
    ['SpecReplicasPath', goJson(specReplicasPath ?? '')],
    ['StatusReplicasPath', goJson(statusReplicasPath ?? '')],
    ['LabelSelectorPath', goJson(labelSelectorPath ?? null)],
  ]);
}

function structOf(object: JsonObject, fields: Fields): string {
  return braced(fields.map(([go, json, form]) => [go, written(object[json], form)]));
}

const writers: Readonly<Record<Form, (value: Json | undefined) => string>> = {
  text: (value) => goJson(value ?? ''),
  flag: (value) => goJson(value ?? false),
  pointer: (value) => goJson(value ?? null),
  schema: (value) => (isObject(value) ? goSchema(value) : 'null'),
  schemas: (value) => listOf(value, goSchema),
  rules: (value) => listOf(value, goRule),
  named: (value) => mapOf(value, (member) => written(member, 'schema')),
  'or-bool': (value) =>
    value === undefined
      ? 'null'
      : braced([
          ['Allows', goJson(value !== false)],
          ['Schema', written(value, 'schema')],
        ]),
  'or-list': (value) =>
    value === undefined
      ? 'null'
      : braced([
          ['Schema', written(value, 'schema')],
          ['JSONSchemas', written(value, 'schemas')],
        ]),
  'or-texts': (value) =>
    mapOf(value, (member) =>
      braced([
        ['Schema', written(member, 'schema')],
        ['Property', goJson(Array.isArray(member) ? member : null)],
      ]),
    ),
};

function written(value: Json | undefined, form: Form): string {
  return writers[form](value);
}

function listOf(value: Json | undefined, item: (item: JsonObject) => string): string {
  return Array.isArray(value)
    ? `[${value
        .filter((one) => isObject(one))
        .map(item)
        .join(',')}]`
    : 'null';
}

function mapOf(value: Json | undefined, member: (member: Json | undefined) => string): string {
  if (!isObject(value)) return 'null';
  const sorted = Object.keys(value).sort();
  return braced(sorted.map((name) => [name, member(value[name])]));
}

function braced(members: readonly (readonly [string, string])[]): string {
  return `{${members.map(([name, text]) => `${goJson(name)}:${text}`).join(',')}}`;
}
