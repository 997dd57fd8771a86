import { isObject } from '../json.ts';
import type { Json } from '../json.ts';
import { memberNames } from './members.ts';

/** A value as Go's `%v` prints it: `map[image:y name:x]`, `[a b]`, `<nil>`. */
export function goPrint(value: Json | undefined): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goPrint).join(' ')}]`;
  if (!isObject(value)) return String(value);
  const members = memberNames(value).sort(byCodePoints);
  return `map[${members.map((name) => `${name}:${goPrint(value[name])}`).join(' ')}]`;
}

/** The order in which Go sorts strings: by bytes of UTF-8, which is by code points. */
export function byCodePoints(a: string, b: string): number {
  const left = a[Symbol.iterator]();
  const right = b[Symbol.iterator]();
  for (;;) {
    const x = left.next();
    const y = right.next();
    if (x.done === true || y.done === true) return (x.done === true ? 0 : 1) - (y.done === true ? 0 : 1);
    const difference = (x.value.codePointAt(0) ?? 0) - (y.value.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
}
