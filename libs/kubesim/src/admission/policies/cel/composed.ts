import { Optional } from '@marcbachmann/cel-js';
import type { Environment } from '@marcbachmann/cel-js';
import { goQuote } from '@meridian/cel';

/** What an expression composed by a type: `Object.spec{replicas: 3}`, `JSONPatch{op: "add"}`. */
export class Composed {
  readonly type: string;
  readonly fields: ReadonlyMap<string, unknown>;

  constructor(type: string, fields: ReadonlyMap<string, unknown>) {
    this.type = type;
    this.fields = fields;
  }
}

/** The function that composes, in the text that `readLiterals` makes. */
export const composer = 'newObject';

/** Lets expressions compose objects as they run. Fields with a question mark are there when their optional value is. */
export function registerComposer(environment: Environment): void {
  environment.registerType('kubernetes.Composed', { ctor: Composed });
  environment.registerFunction(
    `${composer}(string, list<string>, list<dyn>): dyn`,
    (type: string, names: readonly string[], values: readonly unknown[]) =>
      new Composed(type, new Map(names.flatMap((name, index) => fieldOf(name, values[index])))),
  );
}

function fieldOf(name: string, value: unknown): [string, unknown][] {
  if (!name.startsWith('?')) return [[name, value]];
  if (!(value instanceof Optional)) return [[name.slice(1), value]];
  return value.hasValue() ? [[name.slice(1), value.value()]] : [];
}

/** The composed types of an expression that is only checked: each is another one, and any field may hold anything. */
export function declareTypes(environment: Environment, types: ReadonlySet<string>): void {
  for (const type of types) {
    environment.registerType(type, { ctor: class extends Composed {} });
    environment.registerFunction(
      `${checkedComposer(type)}(string, list<string>, list<dyn>): ${type}`,
      () => undefined,
    );
  }
}

/** What composes an object of a type where types are checked. */
export function checkedComposer(type: string): string {
  return `${composer}__${type.replaceAll('.', '__')}`;
}

/** Where the type of a composed object is not that of the field that it stands in: one line for each. */
export function typeMismatches(value: unknown, path: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => typeMismatches(item, path));
  if (value instanceof Map) return [...value.values()].flatMap((member) => typeMismatches(member, path));
  if (!(value instanceof Composed)) return [];
  const { type, fields } = value;
  const expected = `expected ${goQuote(path)}, which matches field name path from root Object type`;
  return [
    ...(type === path ? [] : [`unexpected type name ${goQuote(type)}, ${expected}`]),
    ...[...fields].flatMap(([name, member]) => typeMismatches(member, `${path}.${name}`)),
  ];
}
