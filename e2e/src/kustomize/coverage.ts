import { posix } from 'node:path';
import { load } from 'js-yaml';
import type { MadeTree } from './made-tree.ts';

/** How many trees use a field of a kustomization (`patches[].target.kind`) or a built-in plugin (`PrefixTransformer`). */
export type Coverage = ReadonlyMap<string, number>;

/** Mappings whose keys people make up: they are counted as one field. */
const free = /(?:^|\.)(?:commonLabels|commonAnnotations|pairs|labels|annotations)$/;
const kustomizations = new Set(['kustomization.yaml', 'kustomization.yml', 'Kustomization']);

/** Counts what a tree uses, each field once. */
export function counted(coverage: Coverage, { files }: MadeTree): Coverage {
  const used = new Set<string>();
  for (const [path, text] of Object.entries(files)) {
    for (const [, kind = ''] of text.matchAll(/\bkind"?: *"?(\w+(?:Transformer|Generator))\b/g))
      used.add(kind);
    if (kustomizations.has(posix.basename(path))) collect(readable(text), '', used);
  }
  const counts = new Map(coverage);
  for (const field of used) counts.set(field, (counts.get(field) ?? 0) + 1);
  return counts;
}

/** Counts as lines, the most used field first. */
export function shownCoverage(coverage: Coverage): string {
  const byCount = [...coverage].sort(([a, most], [b, more]) => more - most || (a < b ? -1 : 1));
  return byCount.map(([field, count]) => `${String(count).padStart(7)} ${field}\n`).join('');
}

/** What stands in a kustomization; nothing where this reader is stricter than kustomize's. */
function readable(text: string): unknown {
  try {
    return load(text);
  } catch {
    return undefined;
  }
}

function collect(value: unknown, path: string, used: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, `${path}[]`, used);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    const inner = path === '' ? key : `${path}.${key}`;
    used.add(inner);
    if (!free.test(inner)) collect(item, inner, used);
  }
}
