import { isDeepStrictEqual } from 'node:util';
import type { Environment } from '@marcbachmann/cel-js';
import { CelFault, parseDuration, spanOf } from '@meridian/cel';
import { isObject, memberOf } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import { readCustomSchema } from '../custom-schema.ts';
import type { CustomSchema } from '../custom-schema.ts';
import { escapeName } from './escape-name.ts';

/** How values of a schema look to rules: the type, and the value that stands for one of JSON. */
export interface CelType {
  readonly name: string;
  /** Throws CelFault when the value does not fit the schema. */
  readonly read: (value: Json) => unknown;
}

/** Makes the types of one environment known to it. */
export class CelTypes {
  readonly #environment: Environment;
  #count = 0;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** The type of a schema; undefined when rules cannot see its values, as those of any type. */
  of(schema: CustomSchema, isResource: boolean): CelType | undefined {
    if (schema.isIntOrString) return { name: 'dyn', read: readIntOrString };
    const whole = isResource ? withResourceFields(schema) : schema;
    if (whole.type === 'array') return this.#list(whole);
    if (whole.type === 'object') return this.#object(whole);
    return whole.type === 'string' ? textType(whole.limits.format) : scalars[whole.type];
  }

  #list({ items }: CustomSchema): CelType | undefined {
    const item = items === undefined ? undefined : this.of(items, items.isResource);
    if (item === undefined) return undefined;
    return {
      name: `list<${item.name}>`,
      read: (value) =>
        Array.isArray(value) ? value.map((member) => item.read(member)) : unfit('an array', value),
    };
  }

  #object(schema: CustomSchema): CelType | undefined {
    if (typeof schema.additional === 'object') return this.#map(schema.additional);
    const fields = new Map<string, { readonly json: string; readonly type: CelType }>();
    for (const [json, property] of schema.properties) {
      const type = this.of(property, property.isResource);
      const name = escapeName(json);
      if (type !== undefined && name !== undefined) fields.set(name, { json, type });
    }
    const name = this.#register(new Map([...fields].map(([field, { type }]) => [field, type.name])));
    const read = (object: JsonObject) => {
      const seen = new name.members();
      for (const [field, { json, type }] of fields) {
        const value = Object.hasOwn(object, json) ? (object[json] ?? null) : null;
        if (value !== null) seen.set(field, type.read(value));
      }
      return seen;
    };
    return { name: name.type, read: (value) => (isObject(value) ? read(value) : unfit('a map', value)) };
  }

  #map(values: CustomSchema): CelType | undefined {
    const type = this.of(values, values.isResource);
    if (type === undefined) return undefined;
    const read = (object: JsonObject) =>
      new Map(Object.entries(object).map(([name, value]) => [name, type.read(value ?? null)]));
    return {
      name: `map<string, ${type.name}>`,
      read: (value) => (isObject(value) ? read(value) : unfit('a map', value)),
    };
  }

  /** Objects of one schema are told from all others by their class. */
  #register(fields: ReadonlyMap<string, string>): {
    readonly type: string;
    readonly members: typeof Map<string, unknown>;
  } {
    const members = class extends Map<string, unknown> {};
    this.#count += 1;
    const type = `object.n${String(this.#count)}`;
    this.#environment.registerType(type, { ctor: members, fields: Object.fromEntries(fields) });
    this.#environment.registerOperator(`${type} == ${type}`, (a: unknown, b: unknown) =>
      isDeepStrictEqual(a, b),
    );
    // What is null is not seen as an object, but may be asked for.
    this.#environment.registerOperator(`${type} == null`, () => false);
    return { type, members };
  }
}

const resourceFields = readCustomSchema({
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: {
      type: 'object',
      properties: { name: { type: 'string' }, generateName: { type: 'string' } },
    },
  },
}).properties;

/** Rules of objects of the API see their kind and names, whatever the schema says. */
export function withResourceFields(schema: CustomSchema): CustomSchema {
  const metadata = schema.properties.get('metadata')?.properties;
  const saysNames = metadata?.has('name') === true && metadata.has('generateName');
  const properties = new Map([...schema.properties, ...resourceFields]);
  const own = schema.properties.get('metadata');
  if (saysNames && own !== undefined) properties.set('metadata', own);
  return { ...schema, properties };
}

const scalars: Readonly<Record<string, CelType>> = {
  boolean: { name: 'bool', read: (value) => (typeof value === 'boolean' ? value : unfit('bool', value)) },
  number: { name: 'double', read: (value) => (typeof value === 'number' ? value : unfit('float', value)) },
  integer: {
    name: 'int',
    read: (value) =>
      typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : unfit('int', value),
  },
};

function textType(format: string): CelType {
  const found = memberOf(texts, format);
  const convert = found?.convert ?? ((text: string) => text);
  return {
    name: found?.name ?? 'string',
    read: (value) => (typeof value === 'string' ? convert(value) : unfit('string', value)),
  };
}

const timestamp = { name: 'google.protobuf.Timestamp', convert: timeOf };

const texts: Readonly<
  Record<string, { readonly name: string; readonly convert: (text: string) => unknown }>
> = {
  byte: { name: 'bytes', convert: (text) => new Uint8Array(Buffer.from(text, 'base64')) },
  date: timestamp,
  'date-time': timestamp,
  duration: { name: 'google.protobuf.Duration', convert: durationOf },
};

function timeOf(text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new CelFault(`Invalid date-time formatted string ${text}`);
  return time;
}

function durationOf(text: string): unknown {
  const nanoseconds = parseDuration(text);
  if (nanoseconds === undefined) throw new CelFault(`Invalid duration ${text}`);
  return spanOf(nanoseconds);
}

function readIntOrString(value: Json): unknown {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  throw new CelFault('invalid data, expected XIntOrString value to be either a string or integer');
}

function unfit(expected: string, value: Json): never {
  throw new CelFault(`invalid data, expected ${expected}, got ${JSON.stringify(value)}`);
}
