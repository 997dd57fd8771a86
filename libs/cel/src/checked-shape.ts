import type { ASTNode } from '@marcbachmann/cel-js';

/** What kind of values an expression comes to, as far as costs differ; `scalar` is what has a size of one. */
export type Kind = 'text' | 'bytes' | 'list' | 'map' | 'object' | 'dyn' | 'scalar' | 'other';

/** The type of an expression; `name` tells types of Kubernetes apart. */
export interface Shape {
  readonly kind: Kind;
  readonly name: string;
  readonly member: Shape | undefined;
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
