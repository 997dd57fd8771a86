import { CelFault } from '@meridian/cel';
import type { Json } from '../../../json.ts';
import { Composed } from './composed.ts';

/** What an expression came to, as JSON. Throws CelFault when JSON cannot carry it. */
export function jsonOf(value: unknown): Json {
  switch (typeof value) {
    case 'bigint':
      return Number(value);
    case 'boolean':
    case 'number':
    case 'string':
      return value;
    case 'object':
      return value === null ? null : jsonOfObject(value);
    default:
      throw new CelFault(`unsupported value of type ${typeof value}`);
  }
}

function jsonOfObject(value: object): Json {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(jsonOf);
  if (value instanceof Composed || value instanceof Map) return fromMembers([...membersOf(value)]);
  return fromMembers(Object.entries(value));
}

function membersOf(value: Composed | Map<unknown, unknown>): Iterable<[unknown, unknown]> {
  return value instanceof Composed ? value.fields : value;
}

function fromMembers(members: readonly (readonly [unknown, unknown])[]): Json {
  return Object.fromEntries(
    members.map(([name, member]) => {
      if (typeof name === 'string') return [name, jsonOf(member)];
      throw new CelFault(`map key "${String(name)}" is not a string`);
    }),
  );
}
