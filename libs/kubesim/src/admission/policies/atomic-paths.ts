import { isObject } from '../../json.ts';
import type { Json } from '../../json.ts';
import { atomOf, isAtomic } from '../../merge/typed.ts';
import type { Schema } from '../../schema/schema.ts';

/** Where a value holds lists, maps and objects that are owned as a whole, which apply configurations may not change. */
export function atomicPaths(value: Json, schema: Schema, path = ''): string[] {
  const atom = atomOf(schema, value);
  if (atom.kind === 'list' && Array.isArray(value)) {
    const inside = value.flatMap((item, index) => atomicPaths(item, atom.item, `${path}[${String(index)}]`));
    return isAtomic(atom) ? [path, ...inside] : inside;
  }
  if ((atom.kind !== 'object' && atom.kind !== 'map') || !isObject(value)) return [];
  const inside = Object.entries(value).flatMap(([name, member]) => {
    const field = atom.kind === 'object' ? atom.fields.get(name) : undefined;
    return field === undefined ? [] : atomicPaths(member ?? null, field.schema, `${path}.${name}`);
  });
  return isAtomic(atom) ? [path, ...inside] : inside;
}
