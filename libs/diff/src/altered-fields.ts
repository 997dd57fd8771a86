import type { FieldDrift } from '@meridian/fleet';
import { isJsonObject } from '@meridian/manifests';
import type { Json, KubeObject } from '@meridian/manifests';
import { shownDifference } from './drift.ts';
import type { FieldSet } from './field-set.ts';
import { itemTest, keysOf } from './list-items.ts';
import { canonical, readable } from './project.ts';
import { meansTheSame } from './same-meaning.ts';

/** Most fields that are named for one object. */
const mostNamed = 20;

/** A field that was sent and is stored with another meaning, or not at all. */
interface Altered {
  readonly path: string;
  readonly sent: Json;
  readonly stored: Json | undefined;
}

interface Pair {
  readonly sent: Json | undefined;
  readonly stored: Json | undefined;
  readonly set: FieldSet;
  readonly path: string;
  /** The last field name of the path. */
  readonly name: string;
}

/**
 * The fields of a set that an API server has stored with another meaning than they were sent with, at most 20: what mutating
 * admission, or a default in its place, has put there. Values of the kind Secret are masked. What was added beside what was
 * sent is none, and neither is another way to write the same.
 */
export function alteredFields(sent: KubeObject, stored: KubeObject, fields: FieldSet): readonly FieldDrift[] {
  const found: Altered[] = [];
  const whole = { sent: withoutStatus(sent), stored, set: fields, path: '', name: '' };
  for (const [element, set] of fields.children) compare(below(whole, element, set), found);
  return found
    .slice(0, mostNamed)
    .map(({ path, ...values }) =>
      shownDifference(path, { desired: canonical(values.sent), live: textOf(values.stored) }, sent.kind),
    );
}

/** Old versions of autoscalers have their status in annotations, which the API server leaves out of what is written. */
const statusAnnotation = 'autoscaling.alpha.kubernetes.io/';

function withoutStatus(object: KubeObject): KubeObject {
  const { annotations } = object.metadata;
  if (object.kind !== 'HorizontalPodAutoscaler' || !annotations) return object;
  const kept = Object.entries(annotations).filter(([name]) => !name.startsWith(statusAnnotation));
  return { ...object, metadata: { ...object.metadata, annotations: Object.fromEntries(kept) } };
}

const textOf = (value: Json | undefined): string | undefined =>
  value === undefined ? undefined : canonical(value);

function compare(pair: Pair, found: Altered[]): void {
  const { sent, stored, set, path, name } = pair;
  if (sent === undefined || sent === null || found.length >= mostNamed) return;
  // An item or map that is gone, or became something else, is one difference, not one for each field in it.
  if (set.children.size === 0 || !isAlike(sent, stored)) {
    if (!meansTheSame(sent, stored, name)) found.push({ path, sent, stored });
    return;
  }
  for (const [element, next] of set.children) compare(below(pair, element, next), found);
}

function isAlike(sent: Json, stored: Json | undefined): boolean {
  return Array.isArray(sent) ? Array.isArray(stored) : isJsonObject(sent) && isJsonObject(stored);
}

function below({ sent, stored, path, name }: Pair, element: string, set: FieldSet): Pair {
  return {
    sent: partOf(sent, element),
    stored: partOf(stored, element),
    set,
    path: path + readable(element, path === ''),
    name: element.startsWith('f:') ? element.slice(2) : name,
  };
}

function partOf(value: Json | undefined, element: string): Json | undefined {
  if (Array.isArray(value)) return itemOf(value, element);
  const name = element.slice(2);
  return element.startsWith('f:') && isJsonObject(value) && Object.hasOwn(value, name)
    ? value[name]
    : undefined;
}

function itemOf(list: readonly Json[], element: string): Json | undefined {
  if (element.startsWith('i:')) return list[Number(element.slice(2))];
  // Two items may differ in nothing but a key that one of them leaves to the server.
  const keys = Object.entries(keysOf(element));
  const isExact = (item: Json) => isJsonObject(item) && keys.every(([key, value]) => item[key] === value);
  const exact = keys.length === 0 ? undefined : list.find(isExact);
  return exact ?? list.find(itemTest(element));
}
