import { isObject, jsonEqual } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import { memberSchema } from '../custom-schema.ts';
import type { CustomSchema } from '../custom-schema.ts';

/**
 * A value with the one that stood in its place before an update. What did not change is not held to rules that it broke
 * before (ratcheting), and rules that compare look at the old value.
 */
export class Correlation {
  readonly value: Json;
  readonly old: Json;
  readonly #schema: CustomSchema;
  #isUnchanged: boolean | undefined;

  constructor(value: Json, old: Json, schema: CustomSchema) {
    this.value = value;
    this.old = old;
    this.#schema = schema;
  }

  /** A member of the object, undefined when it was not there or the schema does not know it. */
  key(name: string): Correlation | undefined {
    const { value, old } = this;
    const schema = memberSchema(this.#schema, name);
    if (schema === undefined || !isObject(value) || !isObject(old)) return undefined;
    if (!hasMember(value, name) || !hasMember(old, name)) return undefined;
    return new Correlation(value[name] ?? null, old[name] ?? null, schema);
  }

  /** An item of the list; only those of list maps can be told apart. */
  index(index: number): Correlation | undefined {
    const { value, old } = this;
    const { items } = this.#schema;
    if (items === undefined || !Array.isArray(value) || !Array.isArray(old)) return undefined;
    const item = value[index];
    const before = item === undefined ? undefined : oldItem(this.#schema, old, item);
    return item === undefined || before === undefined ? undefined : new Correlation(item, before, items);
  }

  /** Whether the value is what it was; items of list maps may have changed places. */
  isUnchanged(): boolean {
    this.#isUnchanged ??= this.#compare();
    return this.#isUnchanged;
  }

  #compare(): boolean {
    const { value, old } = this;
    if (Array.isArray(value)) return Array.isArray(old) && this.#compareItems(value, old);
    if (isObject(value)) return isObject(old) && this.#compareMembers(value, old);
    return jsonEqual(value, old);
  }

  #compareItems(value: readonly Json[], old: readonly Json[]): boolean {
    if (value.length !== old.length) return false;
    if (!isListMap(this.#schema)) return jsonEqual([...value], [...old]);
    return value.every((_, index) => this.index(index)?.isUnchanged() === true);
  }

  #compareMembers(value: JsonObject, old: JsonObject): boolean {
    const names = Object.keys(value);
    if (names.length !== Object.keys(old).length) return false;
    return names.every((name) => this.key(name)?.isUnchanged() === true);
  }
}

/** The item of an old list that an item stands for, by the keys of a list map; undefined when none does. */
export function oldItem(schema: CustomSchema, old: readonly Json[], item: Json): Json | undefined {
  const key = isListMap(schema) ? keyOf(schema, item) : undefined;
  if (key === undefined) return undefined;
  return old.find((candidate) => keyOf(schema, candidate) === key);
}

function isListMap({ listType, mapKeys }: CustomSchema): boolean {
  return listType === 'map' && mapKeys.length > 0;
}

function keyOf({ mapKeys }: CustomSchema, item: Json): string | undefined {
  if (!isObject(item)) return undefined;
  const keys = mapKeys.map((name) => (hasMember(item, name) ? item[name] : undefined));
  const areScalars = keys.every((key) => key !== undefined && key !== null && typeof key !== 'object');
  return areScalars ? JSON.stringify(keys) : undefined;
}

function hasMember(object: JsonObject, name: string): boolean {
  return Object.hasOwn(object, name) && object[name] !== undefined;
}
