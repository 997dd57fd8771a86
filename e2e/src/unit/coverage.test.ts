import { expect, test } from 'vitest';
import { counted, shownCoverage } from '../kustomize/coverage.ts';

test('a field counts once for each tree that uses it, and what people name themselves does not count', () => {
  const tree = (text: string) => ({
    root: 'a',
    reorder: 'none' as const,
    files: { 'a/kustomization.yaml': text },
  });
  const one = counted(
    new Map(),
    tree(
      'commonLabels: { app: x }\npatches:\n- { path: b }\n- { path: c }\ntransformers:\n- |\n  kind: PrefixTransformer\n',
    ),
  );
  expect([...one.keys()].sort()).toEqual([
    'PrefixTransformer',
    'commonLabels',
    'patches',
    'patches[].path',
    'transformers',
  ]);
  const two = counted(one, tree('patches: [{ path: b, target: { kind: X } }]\n'));
  expect(shownCoverage(two).split('\n').slice(0, 2)).toEqual(['      2 patches', '      2 patches[].path']);
});
