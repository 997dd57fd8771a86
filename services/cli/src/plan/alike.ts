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

/** Changes of different clusters with texts of one shape. */
interface Shape {
  readonly groups: Group[];
  readonly clusters: Set<string>;
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
  const shapes = new Map<string, Shape>();
  const apart: Shape[] = [];
  for (const change of changes) {
    const group = { ...change, variables: variablesOf(change.clusters, labelsOf) };
    const text = canonicalJson(shaped(change.items, group.variables, marked));
    const known = shapes.get(text) ?? { groups: [], clusters: new Set() };
    // Two objects of one cluster are never told as one.
    if (change.clusters.some((name) => known.clusters.has(name))) {
      apart.push({ groups: [group], clusters: new Set() });
      continue;
    }
    known.groups.push(group);
    for (const name of change.clusters) known.clusters.add(name);
    shapes.set(text, known);
  }
  return [...shapes.values(), ...apart].map(merged).sort((a, b) => b.clusters.length - a.clusters.length);
}

function merged({ groups }: Shape): AlikeChanges {
  const [first] = groups;
  if (!first) throw new Error('a shape has no changes');
  if (groups.length === 1) return { clusters: first.clusters, items: first.items, varies: [] };
  const differing = [...first.variables.keys()].filter((name) =>
    groups.some(({ variables }) => variables.get(name) !== first.variables.get(name)),
  );
  const used = new Set<string>();
  const shown: Filling = {
    text: (text) => text,
    variable: (name, value) => {
      if (!differing.includes(name)) return value;
      used.add(name);
      return `{${name}}`;
    },
  };
  return {
    clusters: groups.flatMap(({ clusters }) => clusters).sort(),
    items: shaped(first.items, first.variables, shown),
    varies: differing.filter((name) => used.has(name)),
  };
}

/** How a text is put together again: from what stands between the values of variables, and from those. */
interface Filling {
  readonly text: (text: string) => string;
  readonly variable: (name: string, value: string) => string;
}

/** No name of a variable has this character, and in what stands between them it is written twice: no text looks like a variable. */
const mark = '\u0001';
const marked: Filling = {
  text: (text) => text.replaceAll(mark, mark + mark),
  variable: (name) => mark + name + mark,
};

/** What is the same in all of some clusters. */
function variablesOf(clusters: readonly string[], labelsOf: LabelsOf): Variables {
  const [first = '', ...others] = clusters;
  const labels = Object.entries(labelsOf.get(first) ?? {}).filter(([key, value]) =>
    others.every((name) => labelsOf.get(name)?.[key] === value),
  );
  const own: [string, string][] = others.length === 0 ? [['cluster.name', first]] : [];
  return new Map([...own, ...labels.sort()].filter(([, value]) => value.length >= shortest));
}

function shaped(
  items: readonly ObjectChange[],
  variables: Variables,
  filling: Filling,
): readonly ObjectChange[] {
  const fill = filler(variables, filling);
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

/** Finds the values of variables where they stand as words of their own, the longest first. */
function filler(variables: Variables, filling: Filling): (text: string) => string {
  const names = new Map([...variables].toReversed().map(([name, value]) => [value, name]));
  if (names.size === 0) return filling.text;
  const values = [...names.keys()].sort((a, b) => b.length - a.length).map(escaped);
  const pattern = new RegExp(`(?<![A-Za-z0-9])(${values.join('|')})(?![A-Za-z0-9])`);
  return (text) =>
    text
      .split(pattern)
      .map((part, at) => (at % 2 === 0 ? filling.text(part) : filling.variable(names.get(part) ?? '', part)))
      .join('');
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
