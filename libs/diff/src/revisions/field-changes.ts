import { canonicalJson, isJsonObject, type Json, type JsonObject } from '@meridian/manifests';

/** A field that two states of an object do not have in common; `before` or `after` is undefined where it is not there. */
export interface FieldChange {
  /** Readable path, such as `spec.template.spec.containers[name=web].image`. */
  readonly path: string;
  readonly before?: Json;
  readonly after?: Json;
}

/** A field change that still knows the steps of its path. */
export interface PlacedChange extends FieldChange {
  readonly steps: readonly string[];
}

/** Deeper than any object that can be rendered; below it two values are compared as a whole. */
const deepest = 100;

/**
 * The smallest fields in which two JSON values differ, in the order of the fields. Items of lists are matched by the
 * first of their usual keys that tells them apart (`name`, `mountPath` …), by position otherwise; a field that is only
 * on one side is one change with all that is in it.
 */
export function fieldChanges(before: Json, after: Json): readonly PlacedChange[] {
  const changes: PlacedChange[] = [];
  compare({ before, after, path: '', steps: [] }, changes);
  return changes;
}

interface Pair {
  readonly before: Json | undefined;
  readonly after: Json | undefined;
  readonly path: string;
  readonly steps: readonly string[];
}

function compare(pair: Pair, changes: PlacedChange[]): void {
  const { before, after, steps } = pair;
  if (before === after) return;
  const isBelow = steps.length < deepest;
  if (isBelow && isJsonObject(before) && isJsonObject(after)) compareMaps(before, after, pair, changes);
  else if (isBelow && isList(before) && isList(after)) compareLists(before, after, pair, changes);
  else if (!isSame(before, after)) changes.push(changeOf(pair));
}

/** Null is not the same as nothing. */
function isSame(before: Json | undefined, after: Json | undefined): boolean {
  return before !== undefined && after !== undefined && canonicalJson(before) === canonicalJson(after);
}

function changeOf({ before, after, path, steps }: Pair): PlacedChange {
  return {
    path,
    steps,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  };
}

function compareMaps(before: JsonObject, after: JsonObject, pair: Pair, changes: PlacedChange[]): void {
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)]))
    compare(
      {
        before: own(before, name),
        after: own(after, name),
        path: `${pair.path}${fieldStep(name, pair.path === '')}`,
        steps: [...pair.steps, name],
      },
      changes,
    );
}

function compareLists(
  before: readonly Json[],
  after: readonly Json[],
  pair: Pair,
  changes: PlacedChange[],
): void {
  const key = itemKeys.find((each) => tells(each, before) && tells(each, after));
  const old = byKey(before, key);
  const now = byKey(after, key);
  for (const step of new Set([...old.keys(), ...now.keys()]))
    compare(
      {
        before: old.get(step),
        after: now.get(step),
        path: `${pair.path}[${step}]`,
        steps: [...pair.steps, step],
      },
      changes,
    );
  if (key === undefined) return;
  const common = (from: ReadonlyMap<string, Json>, other: ReadonlyMap<string, Json>): string[] =>
    [...from.keys()].filter((step) => other.has(step));
  const [left, right] = [common(old, now), common(now, old)];
  if (left.every((step, index) => step === right[index])) return;
  // Containers start, and environment variables refer to each other, in the order of the list.
  changes.push({ path: `${pair.path}[order]`, steps: pair.steps, before: left, after: right });
}

/** Fields that name an item of a list in Kubernetes, the most telling first. */
const itemKeys = ['name', 'mountPath', 'containerPort', 'port', 'key', 'type', 'ip', 'host', 'path'];

function tells(key: string, items: readonly Json[]): boolean {
  const seen = new Set<Json>();
  return items.every((item) => {
    const value = isJsonObject(item) ? own(item, key) : undefined;
    if ((typeof value !== 'string' && typeof value !== 'number') || seen.has(value)) return false;
    seen.add(value);
    return true;
  });
}

function byKey(items: readonly Json[], key: string | undefined): ReadonlyMap<string, Json> {
  return new Map(items.map((item, index) => [stepOf(item, key) ?? String(index), item]));
}

function stepOf(item: Json, key: string | undefined): string | undefined {
  if (key === undefined || !isJsonObject(item)) return undefined;
  const value = item[key];
  return typeof value === 'string' || typeof value === 'number' ? `${key}=${value}` : undefined;
}

function fieldStep(name: string, isFirst: boolean): string {
  if (!/^[\w-]+$/.test(name)) return `[${name}]`;
  return isFirst ? name : `.${name}`;
}

function own(map: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
