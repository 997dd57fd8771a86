import { isObject } from '../json.ts';
import type { Json } from '../json.ts';
import { memberNames } from './members.ts';

/** A value as Go's `%v` prints it: `map[image:y name:x]`, `[a b]`, `<nil>`. */
export function goPrint(value: Json | undefined): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goPrint).join(' ')}]`;
  if (!isObject(value)) return String(value);
  const members = memberNames(value).sort();
  return `map[${members.map((name) => `${name}:${goPrint(value[name])}`).join(' ')}]`;
}
