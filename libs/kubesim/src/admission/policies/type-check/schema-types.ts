import type { Environment } from '@marcbachmann/cel-js';
import type { ObjectSchema, ScalarType, Schema } from '../../../schema/schema.ts';
import { escapeName } from '../../../custom/cel/escape-name.ts';
import { Composed } from '../cel/composed.ts';

/** What scalars are to expressions. Amounts have no type at all: nothing that holds them can be looked at. */
const scalars: Readonly<Record<ScalarType, string | undefined>> = {
  string: 'string',
  bytes: 'bytes',
  time: 'google.protobuf.Timestamp',
  'micro-time': 'google.protobuf.Timestamp',
  duration: 'string',
  quantity: undefined,
  'int-or-string': 'dyn',
  int32: 'int',
  int64: 'int',
  uint: 'int',
  number: 'double',
  boolean: 'bool',
};

/** Makes the types of kinds known where expressions are checked by them. */
export class SchemaTypes {
  readonly #environment: Environment;
  /** Schemas may hold themselves. */
  readonly #known = new Map<ObjectSchema, string>();
  #count = 0;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** The type of a schema; undefined when expressions cannot see its values. */
  of(schema: Schema): string | undefined {
    switch (schema.kind) {
      case 'scalar':
        return scalars[schema.type];
      case 'list': {
        const item = this.of(schema.item);
        return item === undefined ? undefined : `list<${item}>`;
      }
      case 'map': {
        const value = this.of(schema.value);
        return value === undefined ? undefined : `map<string, ${value}>`;
      }
      case 'object':
        return this.#known.get(schema) ?? this.#object(schema);
      case 'any':
        return this.#register(this.#name(), {});
    }
  }

  #object(schema: ObjectSchema): string {
    const type = this.#name();
    this.#known.set(schema, type);
    const fields = [...schema.fields].flatMap(([json, field]): [string, string][] => {
      const name = escapeName(json);
      const found = this.of(field.schema);
      return name === undefined || found === undefined ? [] : [[name, found]];
    });
    return this.#register(type, Object.fromEntries(fields));
  }

  /** Names are used again in each environment: the library keeps them for the life of the process. */
  #name(): string {
    this.#count += 1;
    return `kind.n${String(this.#count)}`;
  }

  #register(type: string, fields: Readonly<Record<string, string>>): string {
    this.#environment.registerType(type, { ctor: class extends Composed {}, fields });
    return type;
  }
}
