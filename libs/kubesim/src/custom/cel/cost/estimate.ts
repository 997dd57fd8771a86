import type { ASTNode } from '@marcbachmann/cel-js';
import { anySize, union } from './range.ts';
import type { Range } from './range.ts';

/** What the members of a list or map may measure. */
export interface Members {
  readonly isList: boolean;
  readonly key: Range;
  readonly value: Range;
}

/** What kind of values an expression comes to, as far as costs differ; `scalar` is what has a size of one. */
export type Kind = 'text' | 'bytes' | 'list' | 'map' | 'object' | 'dyn' | 'scalar' | 'other';

/** The type of an expression; `name` tells types of Kubernetes apart. */
export interface Shape {
  readonly kind: Kind;
  readonly name: string;
  readonly member: Shape | undefined;
}

/** What is known about an expression. */
export interface Estimate {
  readonly node: ASTNode;
  readonly cost: Range;
  readonly size: Range | undefined;
  readonly members: Members | undefined;
  /** Where its value stands in the schema: a variable, then fields, `@items`, `@keys` and `@values`; empty when nowhere. */
  readonly path: readonly string[];
  readonly shape: Shape;
}

/** The size of an expression's value. */
export function sizeOf({ size }: Estimate): Range {
  return size ?? anySize;
}

/** What holds the members of both, when both are known. */
export function eitherMembers(a: Members | undefined, b: Members | undefined): Members | undefined {
  if (a === undefined || b === undefined) return undefined;
  return { isList: a.isList, key: union(a.key, b.key), value: union(a.value, b.value) };
}

const scalarNames: ReadonlySet<string> = new Set([
  'bool',
  'double',
  'int',
  'uint',
  'google.protobuf.Timestamp',
  'google.protobuf.Duration',
]);

const dyn: Shape = { kind: 'dyn', name: 'dyn', member: undefined };

/** The type that the checker found for an expression; undefined when it did not look, as inside of `has`. */
export function checkedShape(node: ASTNode): Shape | undefined {
  return 'checkedType' in node ? shapeOf(node.checkedType) : undefined;
}

function shapeOf(type: unknown): Shape {
  if (typeof type !== 'object' || type === null) return dyn;
  const name = 'name' in type && typeof type.name === 'string' ? type.name : '';
  const member = 'valueType' in type && type.valueType !== undefined ? shapeOf(type.valueType) : undefined;
  return { kind: kindOf('kind' in type ? type.kind : '', name, member), name, member };
}

const kinds: Readonly<Record<string, Kind>> = {
  list: 'list',
  map: 'map',
  dyn: 'dyn',
  message: 'object',
};
const primitives: Readonly<Record<string, Kind>> = { string: 'text', bytes: 'bytes' };

function kindOf(kind: unknown, name: string, member: Shape | undefined): Kind {
  if (scalarNames.has(name)) return 'scalar';
  if (kind === 'optional') return member?.kind === 'scalar' ? 'scalar' : 'other';
  if (kind === 'primitive') return primitives[name] ?? 'other';
  return typeof kind === 'string' ? (kinds[kind] ?? 'other') : 'other';
}
