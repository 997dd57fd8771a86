import { selectorText } from '../api/selector-text.ts';
import { isObject, itemsAt, objectAt, textAt, textsAt, valueAt } from '../json.ts';
import type { Json } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { humanDuration } from './human-duration.ts';

/** What a column shows of an object. */
export type Cell = (object: KubeObject, nowMs: number) => Json;

/** What the columns of a kind show, by the name of the column. Name and age need no mention. */
export type Cells = Readonly<Record<string, Cell>>;

/** Text for what is not there. */
export const none = '<none>';

/** Text for what nobody has set. */
export const unset = '<unset>';

/** Text for what is not known, or not yet. */
export const unknown = '<unknown>';

/** A column of text at a path. */
export const text =
  (path: string, absent = ''): Cell =>
  (object) =>
    textAt(object, ...path.split('.')) ?? absent;

/** A column of text at a path, in which empty text counts as absent. */
export const filledText =
  (path: string, absent: string): Cell =>
  (object) =>
    filled(textAt(object, ...path.split('.')), absent);

/** A column of a number at a path. */
export const count =
  (path: string): Cell =>
  (object) =>
    numberOf(object, path);

/** A column that is true or false. */
export const flag =
  (path: string, absent = false): Cell =>
  (object) => {
    const found = at(object, path);
    return typeof found === 'boolean' ? found : absent;
  };

/** A column of how many items a list has. */
export const lengthOf =
  (path: string): Cell =>
  (object) =>
    itemsAt(object, ...path.split('.')).length;

/** How long ago an object was made. */
export const age: Cell = ({ metadata }, nowMs) => since(metadata.creationTimestamp, nowMs);

/** Text, or what stands for none when it is empty. */
export function filled(found: string | undefined, absent: string): string {
  return found === undefined || found === '' ? absent : found;
}

/** The number at a path, zero when there is none. */
export function numberOf(object: KubeObject, path: string): number {
  const found = at(object, path);
  return typeof found === 'number' ? found : 0;
}

/** The value at a path written with dots. */
export function at(object: KubeObject, path: string): Json | undefined {
  return valueAt(object, ...path.split('.'));
}

/** How long ago a time was, `<unknown>` for none. */
export function since(time: string | undefined, nowMs: number): string {
  return time === undefined ? unknown : humanDuration(nowMs - Date.parse(time));
}

/** The members of a list that are text. */
export function textsOf(items: readonly Json[]): string[] {
  return items.filter((item) => typeof item === 'string');
}

/** A few of many, and how many more there are. */
export function some(items: readonly string[], absent: string, most = 3): string {
  const more = items.length > most ? ` + ${String(items.length - most)} more...` : '';
  return filled(`${items.slice(0, most).join(',')}${more}`, absent);
}

/** Labels as text, `<none>` for none. */
export function labels(object: KubeObject, path: string): string {
  const pairs = Object.entries(textsAt(at(object, path)));
  const shown = pairs.map(([key, value]) => `${key}=${value}`);
  return filled(shown.sort().join(','), none);
}

/** A label selector as text, `<none>` when it selects nothing in particular. */
export function selector(object: KubeObject, path: string): string {
  const found = at(object, path);
  return filled(isObject(found) ? selectorText(found) : '', none);
}

/** One field of each container of the template of a pod. */
export function ofContainers(object: KubeObject, spec: string, field: string): string {
  const containers = itemsAt(objectAt(at(object, spec)), 'containers');
  return containers.map((container) => textAt(container, field) ?? '').join(',');
}

/** The first condition of a type. */
export function conditionOf(object: KubeObject, type: string): Json | undefined {
  return itemsAt(object, 'status', 'conditions').find((one) => textAt(one, 'type') === type);
}

/** Whether the first condition of a type is met. */
export function isMet(object: KubeObject, type: string): boolean {
  return textAt(conditionOf(object, type), 'status') === 'True';
}
