import type { Folded, ObjectChange } from '@meridian/diff';
import type { Cluster } from '@meridian/fleet';
import { canonicalJson, isJsonObject, type Json } from '@meridian/manifests';

/** The labels of clusters by their names. */
export type LabelsOf = ReadonlyMap<string, Cluster['labels']>;

/** Changes of several clusters; `varies` are the variables in their texts, such as `region` for `{region}`. */
export interface AlikeChanges extends Folded<ObjectChange> {
  readonly varies: readonly string[];
}

/** What a text may vary by: cluster.name or a label, and its value. */
type Variables = ReadonlyMap<string, string>;

interface Group extends Folded<ObjectChange> {
  readonly variables: Variables;
}

/** A shorter value is in many texts by chance. */
const shortest = 2;

/**
 * Folds changes further that differ only by the name or a label of their clusters, such as those of objects whose names begin
 * with the region: their texts have `{cluster.name}` or `{LABEL}` where it stands, as search orders of overlays have it.
 */
export function foldAlike(
  changes: readonly Folded<ObjectChange>[],
  labelsOf: LabelsOf,
): readonly AlikeChanges[] {
  const shapes = new Map<string, Group[]>();
  for (const change of changes) {
    const group = { ...change, variables: variablesOf(change.clusters, labelsOf) };
    const shape = canonicalJson(shaped(change.items, group.variables));
    const known = shapes.get(shape) ?? [];
    // Two objects of one cluster are never told as one.
    const isApart = known.every(({ clusters }) => !clusters.some((name) => change.clusters.includes(name)));
    if (isApart) shapes.set(shape, [...known, group]);
    else shapes.set(`${shape} ${change.clusters.join(' ')}`, [group]);
  }
  return [...shapes.values()].map(merged).sort((a, b) => b.clusters.length - a.clusters.length);
}

function merged(groups: readonly Group[]): AlikeChanges {
  const [first] = groups;
  if (!first) throw new Error('a shape has no changes');
  if (groups.length === 1) return { clusters: first.clusters, items: first.items, varies: [] };
  const differing = [...first.variables].filter(([name, value]) =>
    groups.some(({ variables }) => variables.get(name) !== value),
  );
  const items = shaped(first.items, new Map(differing));
  const text = canonicalJson(items);
  return {
    clusters: groups.flatMap(({ clusters }) => clusters).sort(),
    items,
    varies: differing.map(([name]) => name).filter((name) => text.includes(`{${name}}`)),
  };
}

/** What is the same in all of some clusters. */
function variablesOf(clusters: readonly string[], labelsOf: LabelsOf): Variables {
  const [first = '', ...others] = clusters;
  const labels = Object.entries(labelsOf.get(first) ?? {}).filter(([key, value]) =>
    others.every((name) => labelsOf.get(name)?.[key] === value),
  );
  const own: [string, string][] = others.length === 0 ? [['cluster.name', first]] : [];
  return new Map([...own, ...labels.sort()].filter(([, value]) => value.length >= shortest));
}

function shaped(items: readonly ObjectChange[], variables: Variables): readonly ObjectChange[] {
  const fill = filler(variables);
  return items.map((item) => ({
    ...item,
    key: { ...item.key, namespace: fill(item.key.namespace), name: fill(item.key.name) },
    ...(item.replaces === undefined ? {} : { replaces: fill(item.replaces) }),
    fields: item.fields.map(({ path, before, after }) => ({
      path: fill(path),
      ...(before === undefined ? {} : { before: filled(before, fill) }),
      ...(after === undefined ? {} : { after: filled(after, fill) }),
    })),
  }));
}

/** Puts the names of variables where their values stand as words of their own, the longest first. */
function filler(variables: Variables): (text: string) => string {
  const names = new Map([...variables].toReversed().map(([name, value]) => [value, name]));
  if (names.size === 0) return (text) => text;
  const values = [...names.keys()].sort((a, b) => b.length - a.length).map(escaped);
  const pattern = new RegExp(`(?<![A-Za-z0-9])(?:${values.join('|')})(?![A-Za-z0-9])`, 'g');
  return (text) => text.replace(pattern, (value) => `{${names.get(value) ?? value}}`);
}

function filled(value: Json, fill: (text: string) => string): Json {
  if (typeof value === 'string') return fill(value);
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => filled(item, fill));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filled(each, fill)]));
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
