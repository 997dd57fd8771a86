import { describe, expect, test } from 'vitest';
import { treeOfNumber } from '../kustomize/campaign.ts';
import { ourBuild } from '../kustomize/compare.ts';
import type { MadeTree } from '../kustomize/made-tree.ts';
import { shrink } from '../kustomize/shrink.ts';

describe('trees of the fuzzer', () => {
  test('are the same for a seed and a number, and others for other numbers', () => {
    expect(treeOfNumber(1, 7, [])).toEqual(treeOfNumber(1, 7, []));
    expect(treeOfNumber(1, 7, [])).not.toEqual(treeOfNumber(1, 8, []));
    expect(treeOfNumber(1, 7, [])).not.toEqual(treeOfNumber(2, 7, []));
  });

  test('are often accepted, so that their texts are compared and not only that both refuse', () => {
    const outcomes = Array.from({ length: 100 }, (_, number) => ourBuild(treeOfNumber(3, number, []), '5.5'));
    expect(outcomes.filter((outcome) => 'text' in outcome).length).toBeGreaterThan(15);
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
