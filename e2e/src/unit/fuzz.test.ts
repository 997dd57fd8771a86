import { describe, expect, test } from 'vitest';
import { treeOfNumber } from '../kustomize/campaign.ts';
import { ourBuild } from '../kustomize/compare.ts';
import type { MadeTree } from '../kustomize/made-tree.ts';
import { shrink } from '../kustomize/shrink.ts';

describe('trees of the fuzzer', () => {
  test('are the same for a seed and a number, and others for other numbers', () => {
    expect(treeOfNumber({ seed: 1, cases: [] }, 7, '5.5')).toEqual(
      treeOfNumber({ seed: 1, cases: [] }, 7, '5.5'),
    );
    expect(treeOfNumber({ seed: 1, cases: [] }, 7, '5.5')).not.toEqual(
      treeOfNumber({ seed: 1, cases: [] }, 8, '5.5'),
    );
    expect(treeOfNumber({ seed: 1, cases: [] }, 7, '5.5')).not.toEqual(
      treeOfNumber({ seed: 2, cases: [] }, 7, '5.5'),
    );
  });

  test('are often accepted, so that their texts are compared and not only that both refuse', () => {
    const outcomes = Array.from({ length: 20 }, (_, number) =>
      ourBuild(treeOfNumber({ seed: 3, cases: [] }, number, '5.5'), '5.5'),
    );
    expect(outcomes.filter((outcome) => 'text' in outcome).length).toBeGreaterThan(10);
  });

  test('shrink to the lines that matter', async () => {
    const tree: MadeTree = {
      root: 'a',
      reorder: 'none',
      files: {
        'a/one.yaml': 'x: 1\nkept:\n  deep:\n    here: 2\n  other: 3\nlast: 4\n',
        'a/two.yaml': 'y: 1\n',
      },
    };
    const small = await shrink(tree, ({ files }) =>
      Promise.resolve(Object.values(files).join('').includes('here')),
    );
    expect(small.files).toEqual({ 'a/one.yaml': 'kept:\n  deep:\n    here: 2' });
  });
});
