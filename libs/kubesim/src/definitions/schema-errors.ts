import { forbidden, GoText, invalid, notSupported } from '../errors/field-error.ts';
import type { FieldError } from '../errors/field-error.ts';
import { isObject, itemsAt, objectAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { goFieldsOf, goSchema } from './go-form.ts';
import { mergeErrors } from './list-errors.ts';
import { mostInside, product, totalErrors } from './rule-budget.ts';
import type { ExpressionCost } from './rule-budget.ts';
import { ruleErrors, ruleTextErrors } from './rule-errors.ts';
import { itemSchema, propertiesOf, schemasOf } from './schema-walk.ts';

/** Where in a schema the check is. */
interface Place {
  readonly path: string;
  readonly isRoot: boolean;
  /** Inside of `apiVersion`, `kind` or `metadata` of an object of the API. */
  readonly insideMeta: boolean;
  /** Why defaults may not stand here. */
  readonly noDefaults?: string;
  /** The outermost schema whose values cannot be told from each other over time, so that rules may not look back. */
  readonly uncorrelatable?: string;
  /** Whether rules are compiled: not inside of junctors, and only when the schema is structural. */
  readonly compiles: boolean;
  /** How many values of the schema one object can hold; undefined when nothing limits them. */
  readonly mostValues: bigint | undefined;
  /** Whether each rule is held to what it may cost. */
  readonly holdsToBudget: boolean;
}

/** Findings about a schema; those about rules come after all others. */
interface Found {
  readonly schema: readonly FieldError[];
  readonly rules: readonly FieldError[];
  readonly costs: readonly ExpressionCost[];
}

/** What is done with the rules of a schema. */
export interface RuleUse {
  /** Whether they are compiled, which needs a structural schema. */
  readonly compiles: boolean;
  /** Whether each is held to what it may cost, as it is when it is new; all together always are. */
  readonly holdsToBudget: boolean;
}

/** What a schema of a definition may not say, structural or not. */
export function schemaErrors(schema: JsonObject, path: string, use: RuleUse): FieldError[] {
  const found = check(schema, { path, isRoot: true, insideMeta: false, mostValues: 1n, ...use });
  return [...found.schema, ...found.rules, ...totalErrors(found.costs, path)];
}

function check(schema: JsonObject, place: Place): Found {
  const inside = insideOf(schema, place).map(([one, at]) => check(one, at));
  const errors = [
    ...memberErrors(schema, place),
    ...inside.flatMap((found) => found.schema),
    ...extensionErrors(schema, place.path),
    ...mergeErrors(schema, place.path),
    ...ruleTextErrors(schema, place.path),
  ];
  const compiles = place.compiles && errors.length === 0;
  const isResource = place.isRoot || schema['x-kubernetes-embedded-resource'] === true;
  const { uncorrelatable } = place;
  const own = compiles
    ? ruleErrors(schema, { ...place, isResource, uncorrelatable })
    : { errors: [], costs: [] };
  return {
    schema: errors,
    rules: [...inside.flatMap((found) => found.rules), ...own.errors],
    costs: [...inside.flatMap((found) => found.costs), ...own.costs],
  };
}

/** The schemas inside of a schema, each with its place, in the order in which they are checked. */
function insideOf(schema: JsonObject, place: Place): readonly (readonly [JsonObject, Place])[] {
  const { path } = place;
  const mostValues = product(place.mostValues, mostInside(schema));
  const child = { ...place, isRoot: false, mostValues };
  const additional = objectAt(schema, 'additionalProperties');
  const limits = { ...child, compiles: false };
  const not = objectAt(schema, 'not');
  return [
    ...(additional === undefined ? [] : [[additional, ofAdditional(child)] as const]),
    ...propertiesOf(schema).map(
      ([name, one]) => [one, { ...ofProperty(schema, name, place), mostValues }] as const,
    ),
    ...(not === undefined ? [] : [[not, { ...limits, path: `${path}.not` }] as const]),
    ...(['allOf', 'oneOf', 'anyOf'] as const)
      .flatMap((name) => schemasOf(schema, name, path))
      .map(([one, at]) => [one, { ...limits, path: at }] as const),
    ...named(schema, 'definitions', limits),
    ...ofItems(schema, child),
    ...named(schema, 'dependencies', limits),
  ];
}

function ofAdditional(child: Place): Place {
  const path = `${child.path}.additionalProperties`;
  if (!child.insideMeta) return { ...child, path };
  return { ...child, path, noDefaults: 'inside additionalProperties applying to object metadata' };
}

function ofProperty(schema: JsonObject, name: string, place: Place): Place {
  const isResource = place.isRoot || schema['x-kubernetes-embedded-resource'] === true;
  const isMeta = isResource && ['metadata', 'kind', 'apiVersion'].includes(name);
  return {
    ...place,
    isRoot: false,
    path: `${place.path}.properties[${name}]`,
    insideMeta: place.insideMeta || isMeta,
    ...(isMeta && place.isRoot ? { noDefaults: `in top-level ${name}` } : {}),
  };
}

/** Only the items of a list by keys can be found again in an older list. */
function ofItems(schema: JsonObject, child: Place): readonly (readonly [JsonObject, Place])[] {
  const uncorrelatable = schema['x-kubernetes-list-type'] === 'map' ? child.uncorrelatable : child.path;
  const place: Place = {
    ...child,
    ...(uncorrelatable === undefined ? {} : { uncorrelatable: child.uncorrelatable ?? uncorrelatable }),
  };
  const items = itemSchema(schema);
  if (items !== undefined) return [[items, { ...place, path: `${child.path}.items` }]];
  return schemasOf(schema, 'items', child.path).map(([one, path]) => [one, { ...place, path }]);
}

function named(schema: JsonObject, name: string, place: Place): readonly (readonly [JsonObject, Place])[] {
  return Object.entries(objectAt(schema, name) ?? {}).flatMap(([key, one]) =>
    isObject(one) ? [[one, { ...place, path: `${place.path}.${name}[${key}]` }] as const] : [],
  );
}

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

const unsupported = [
  ['id', 'id is not supported'],
  ['additionalItems', 'additionalItems is not supported'],
  ['patternProperties', 'patternProperties is not supported'],
  ['definitions', 'definitions is not supported'],
  ['dependencies', 'dependencies is not supported'],
  ['$ref', '$ref is not supported'],
] as const;

function memberErrors(schema: JsonObject, { path, insideMeta, noDefaults }: Place): FieldError[] {
  const type = textAt(schema, 'type') ?? '';
  const hasListOfItems = itemsAt(schema, 'items').length > 0;
  const forbiddenHere = (holds: boolean, name: string, words: string) =>
    holds ? [forbidden(`${path}.${name}`, words)] : [];
  return [
    ...(type === '' || types.includes(type) ? [] : [notSupported(`${path}.type`, type, types)]),
    ...(noDefaults === undefined || schema['default'] === undefined
      ? []
      : [forbidden(`${path}.default`, `must not be set ${noDefaults}`)]),
    ...unsupported.flatMap(([name, words]) => forbiddenHere(schema[name] !== undefined, name, words)),
    ...forbiddenHere(type === 'null', 'type', 'type cannot be set to null, use nullable as an alternative'),
    ...forbiddenHere(hasListOfItems, 'items', 'items must be a schema object and not an array'),
    ...forbiddenHere(
      insideMeta && schema['x-kubernetes-embedded-resource'] === true,
      'x-kubernetes-embedded-resource',
      'must not be used inside of resource meta',
    ),
    ...forbiddenHere(schema['uniqueItems'] === true, 'uniqueItems', uniqueWords),
    ...forbiddenHere(isBothMapAndStruct(schema), 'additionalProperties', bothWords),
  ];
}

const uniqueWords = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
const bothWords = 'additionalProperties and properties are mutual exclusive';

function isBothMapAndStruct(schema: JsonObject): boolean {
  const { additionalProperties: additional } = schema;
  if (additional === undefined || additional === true) return false;
  return propertiesOf(schema).length > 0;
}

function extensionErrors(schema: JsonObject, path: string): FieldError[] {
  const name = 'x-kubernetes-preserve-unknown-fields';
  return schema[name] === false ? [invalid(`${path}.${name}`, false, 'must be true or undefined')] : [];
}

const atRoot = [
  'Description',
  'Type',
  'Format',
  'Title',
  'Maximum',
  'ExclusiveMaximum',
  'Minimum',
  'ExclusiveMinimum',
  'MaxLength',
  'MinLength',
  'Pattern',
  'MaxItems',
  'MinItems',
  'UniqueItems',
  'MultipleOf',
  'Required',
  'Items',
  'Properties',
  'ExternalDocs',
  'Example',
  'XPreserveUnknownFields',
  'XValidations',
];

/** What the outermost schema may not say: nothing that would be lost for a status that is written on its own. */
export function rootErrors(schema: JsonObject, path: string, hasStatus: boolean): FieldError[] {
  const errors = hasStatus ? statusErrors(schema, path) : [];
  return schema['nullable'] === true
    ? [...errors, forbidden(`${path}.nullable`, 'nullable cannot be true at the root')]
    : errors;
}

function statusErrors(schema: JsonObject, path: string): FieldError[] {
  const type = textAt(schema, 'type') ?? '';
  for (const name of goFieldsOf(schema)) {
    if (name === 'Type' && type !== 'object') {
      const words =
        'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
      return [invalid(`${path}.type`, type, words)];
    }
    if (atRoot.includes(name)) continue;
    const words = `only [${atRoot.join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`;
    return [invalid(path, new GoText(goSchema(schema)), words)];
  }
  return [];
}
