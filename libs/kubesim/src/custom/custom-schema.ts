import { isObject, itemsAt, numberAt, objectAt, textAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';

/**
 * The schema of a value of a custom kind (`openAPIV3Schema` and what is inside of it), read once from its definition and
 * shared by everything that works by it: pruning, defaulting, validation, rules and apply.
 */
export interface CustomSchema {
  /** Empty when none is said. */
  readonly type: string;
  readonly nullable: boolean;
  readonly default?: Json;
  readonly properties: ReadonlyMap<string, CustomSchema>;
  /** `additionalProperties`: a schema, or whether there may be any. */
  readonly additional?: CustomSchema | boolean;
  readonly items?: CustomSchema;
  readonly isIntOrString: boolean;
  readonly keepsUnknown: boolean;
  /** Whether the value is an object of the API itself (`x-kubernetes-embedded-resource`). */
  readonly isResource: boolean;
  readonly listType?: string;
  readonly mapKeys: readonly string[];
  readonly mapType?: string;
  readonly rules: readonly ValidationRule[];
  readonly limits: ValueLimits;
}

/** What JSON Schema says of values. */
export interface ValueLimits {
  readonly format: string;
  readonly enum: readonly Json[];
  readonly required: readonly string[];
  readonly pattern: string;
  readonly maximum?: number;
  readonly exclusiveMaximum: boolean;
  readonly minimum?: number;
  readonly exclusiveMinimum: boolean;
  readonly multipleOf?: number;
  readonly maxLength?: number;
  readonly minLength?: number;
  readonly maxItems?: number;
  readonly minItems?: number;
  readonly maxProperties?: number;
  readonly minProperties?: number;
  readonly uniqueItems: boolean;
  readonly allOf: readonly CustomSchema[];
  readonly anyOf: readonly CustomSchema[];
  readonly oneOf: readonly CustomSchema[];
  readonly not?: CustomSchema;
}

/** One of the `x-kubernetes-validations`. */
export interface ValidationRule {
  readonly rule: string;
  readonly message: string;
  readonly messageExpression: string;
  readonly reason: string;
  readonly fieldPath: string;
  readonly optionalOldSelf: boolean;
}

/** Reads a schema; what is no object is a schema that says nothing. */
export function readCustomSchema(json: Json | undefined): CustomSchema {
  const given = isObject(json) ? json : {};
  return {
    type: textAt(given, 'type') ?? '',
    nullable: given['nullable'] === true,
    ...optional('default', given['default']),
    properties: propertiesOf(given),
    ...optional('additional', additionalOf(given['additionalProperties'])),
    ...optional('items', isObject(given['items']) ? readCustomSchema(given['items']) : undefined),
    isIntOrString: given['x-kubernetes-int-or-string'] === true,
    keepsUnknown: given['x-kubernetes-preserve-unknown-fields'] === true,
    isResource: given['x-kubernetes-embedded-resource'] === true,
    ...optional('listType', textAt(given, 'x-kubernetes-list-type')),
    mapKeys: textsOf(given, 'x-kubernetes-list-map-keys'),
    ...optional('mapType', textAt(given, 'x-kubernetes-map-type')),
    rules: itemsAt(given, 'x-kubernetes-validations').map(ruleOf),
    limits: limitsOf(given),
  };
}

function propertiesOf(given: JsonObject): ReadonlyMap<string, CustomSchema> {
  const entries = Object.entries(objectAt(given, 'properties') ?? {});
  return new Map(entries.map(([name, schema]) => [name, readCustomSchema(schema)]));
}

function additionalOf(given: Json | undefined): CustomSchema | boolean | undefined {
  if (typeof given === 'boolean') return given;
  return isObject(given) ? readCustomSchema(given) : undefined;
}

function ruleOf(given: Json): ValidationRule {
  return {
    rule: textAt(given, 'rule') ?? '',
    message: textAt(given, 'message') ?? '',
    messageExpression: textAt(given, 'messageExpression') ?? '',
    reason: textAt(given, 'reason') ?? '',
    fieldPath: textAt(given, 'fieldPath') ?? '',
    optionalOldSelf: isObject(given) && given['optionalOldSelf'] === true,
  };
}

const numbers = [
  'maximum',
  'minimum',
  'multipleOf',
  'maxLength',
  'minLength',
  'maxItems',
  'minItems',
  'maxProperties',
  'minProperties',
] as const;

function limitsOf(given: JsonObject): ValueLimits {
  return {
    format: textAt(given, 'format') ?? '',
    enum: itemsAt(given, 'enum'),
    required: textsOf(given, 'required'),
    pattern: textAt(given, 'pattern') ?? '',
    exclusiveMaximum: given['exclusiveMaximum'] === true,
    exclusiveMinimum: given['exclusiveMinimum'] === true,
    ...numbersOf(given),
    uniqueItems: given['uniqueItems'] === true,
    allOf: itemsAt(given, 'allOf').map(readCustomSchema),
    anyOf: itemsAt(given, 'anyOf').map(readCustomSchema),
    oneOf: itemsAt(given, 'oneOf').map(readCustomSchema),
    ...optional('not', isObject(given['not']) ? readCustomSchema(given['not']) : undefined),
  };
}

function numbersOf(given: JsonObject): { readonly [name in (typeof numbers)[number]]?: number } {
  const found = numbers.flatMap((name) => {
    const value = numberAt(given, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(found);
}

function textsOf(given: JsonObject, name: string): string[] {
  return itemsAt(given, name).filter((item) => typeof item === 'string');
}

function optional<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [key in Name]?: Value } {
  const member: { [key in Name]?: Value } = {};
  if (value !== undefined) member[name] = value;
  return member;
}

/** The schema of a member of an object that has one, by name or as an additional property. */
export function memberSchema(schema: CustomSchema | undefined, name: string): CustomSchema | undefined {
  const named = schema?.properties.get(name);
  if (named !== undefined) return named;
  return additionalSchema(schema);
}

/** The schema of the members of a map; undefined when it says none. */
export function additionalSchema(schema: CustomSchema | undefined): CustomSchema | undefined {
  return typeof schema?.additional === 'object' ? schema.additional : undefined;
}
