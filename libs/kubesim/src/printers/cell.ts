import { selectorText } from '../api/selector-text.ts';
import { isObject, itemsAt, objectAt, textAt, textsAt } from '../json.ts';
import type { Json } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { humanDuration } from './human-duration.ts';

/** What a column shows of an object. */
export type Cell = (object: KubeObject, nowMs: number) => Json;

/** Text for what is not there. */
export const none = '<none>';

/** A column of text at a path. */
export const text =
  (path: string, absent = ''): Cell =>
  (object) =>
    textAt(object, ...path.split('.')) ?? absent;

/** A column of a number at a path. */
export const count =
  (path: string): Cell =>
  (object) => {
    const found = at(object, path);
    return typeof found === 'number' ? found : 0;
  };

/** The number at a path, zero when there is none. */
export function numberOf(object: KubeObject, path: string): number {
  const found = at(object, path);
  return typeof found === 'number' ? found : 0;
}

/** The value at a path written with dots. */
export function at(object: KubeObject, path: string): Json | undefined {
  let current: Json | undefined = object;
  for (const name of path.split('.')) current = isObject(current) ? current[name] : undefined;
  return current;
}

/** How long ago a time was, `<unknown>` for none. */
export function since(time: string | undefined, nowMs: number): string {
  return time === undefined ? '<unknown>' : humanDuration(nowMs - Date.parse(time));
}

/** Labels as text, `<none>` for none. */
export function labels(object: KubeObject, path: string): string {
  const pairs = Object.entries(textsAt(at(object, path)));
  return pairs.length === 0
    ? none
    : pairs
        .map(([key, value]) => `${key}=${value}`)
        .sort()
        .join(',');
}

/** A label selector as text, `<none>` when it selects nothing in particular. */
export function selector(object: KubeObject, path: string): string {
  const found = at(object, path);
  const shown = isObject(found) ? selectorText(found) : '';
  return shown === '' ? none : shown;
}

/** One field of each container of the template of a pod. */
export function ofContainers(object: KubeObject, spec: string, field: string): string {
  const containers = itemsAt(objectAt(at(object, spec)), 'containers');
  return containers.map((container) => textAt(container, field) ?? '').join(',');
}

const shortModes: Readonly<Record<string, string>> = {
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOnce: 'RWO',
  ReadWriteOncePod: 'RWOP',
};

/** Access modes in short. */
export function accessModes(object: KubeObject, path: string): string {
  const modes = at(object, path);
  if (!Array.isArray(modes)) return '';
  return Object.keys(shortModes)
    .filter((mode) => modes.includes(mode))
    .sort((a, b) => order.indexOf(a) - order.indexOf(b))
    .map((mode) => shortModes[mode] ?? '')
    .join(',');
}

const order = ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'];
