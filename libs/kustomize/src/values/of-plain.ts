import { goJson } from './json.ts';
import type { Plain } from './plain.ts';
import { scalarOf, type Value } from './value.ts';

/** A value that went through JSON and is YAML again: floats have the text that Go's encoder gives them. */
export function valueOfPlain(plain: Plain): Value {
  if (typeof plain === 'bigint') return scalarOf('!!int', String(plain));
  if (typeof plain === 'number')
    return scalarOf(Number.isInteger(plain) ? '!!int' : '!!float', goJson(plain));
  if (typeof plain !== 'object' || plain === null) return plain;
  if (isList(plain)) return plain.map(valueOfPlain);
  return Object.fromEntries(Object.entries(plain).map(([key, value]) => [key, valueOfPlain(value)]));
}

function isList(plain: Plain): plain is readonly Plain[] {
  return Array.isArray(plain);
}
