import { expect, test } from 'vitest';
import type { Application } from '@meridian/fleet';
import {
  BuildCache,
  buildKustomization,
  resolveApplication,
  treeOf,
  type FileTree,
  type Profile,
} from '../index.ts';
import { roots, treesOf } from '../testing/histories.ts';

/** A tree that tells the identity of what is at a path, as a commit does by its blob ids. */
function identified(files: { readonly [path: string]: string }): FileTree {
  const tree = treeOf(files);
  return { ...tree, identity: (path) => files[path] ?? `names ${(tree.list(path) ?? []).join('/')}` };
}

const histories = 5;
const edits = 8;

interface History {
  readonly seed: number;
  readonly profile: Profile;
}

/** Builds everything after each edit with one cache and without any; gives how many builds are refused. */
function refusedIn({ seed, profile }: History): number {
  const options = { profile, reorder: 'legacy' } as const;
  const cache = new BuildCache();
  const trees = [...treesOf(seed, edits)];
  const builds = trees.flatMap((files, number) => roots.map((root) => ({ files, number, root })));
  return builds.filter(({ files, number, root }) => {
    const fresh = buildKustomization(treeOf(files), root, options);
    const kept = buildKustomization(identified(files), root, { ...options, cache });
    // As texts, since the order of fields counts.
    expect(JSON.stringify(kept), `seed ${seed}, tree ${number}, ${root}`).toBe(JSON.stringify(fresh));
    return 'errors' in fresh;
  }).length;
}

test.each(['5.5', '5.8'] as const)(
  'after any history of edits, a cache gives in %s what a fresh build gives',
  (profile) => {
    const seeds = Array.from({ length: histories }, (_, seed) => seed);
    const refused = seeds.reduce((count, seed) => count + refusedIn({ seed, profile }), 0);
    expect(refused).toBeLessThan((histories * (edits + 1) * roots.length) / 2);
  },
  60_000,
);

const application: Application = {
  name: 'app',
  path: 'app',
  labels: {},
  overlays: ['{cluster.name}'],
  placement: {},
  namespace: 'apps',
  rolloutStrategy: 'all',
  syncPolicy: { prune: true, selfHeal: true, createNamespace: true, deletionBudget: 0 },
};

/** What an application gives in a cluster that is named after an overlay, without what only the caller sees. */
function resolved(tree: FileTree, name: string, cache?: BuildCache): string {
  const request = { tree, application, cluster: { name, labels: {} }, ...(cache ? { cache } : {}) };
  const resolution = resolveApplication(request);
  if ('errors' in resolution) return JSON.stringify(resolution);
  const { bundle, digest, warnings, originOf, labelReads } = resolution;
  return JSON.stringify({ bundle, digest, warnings, labelReads, origins: bundle.objects.map(originOf) });
}

test('after any history of edits, a cache gives the bundles that fresh builds give', () => {
  const cache = new BuildCache();
  for (const [number, files] of [...treesOf(77, 3 * edits)].entries()) {
    const below = Object.fromEntries(Object.entries(files).map(([path, text]) => [`app/${path}`, text]));
    for (const root of roots)
      expect(resolved(identified(below), root, cache), `tree ${number}, ${root}`).toBe(
        resolved(treeOf(below), root),
      );
  }
}, 60_000);
