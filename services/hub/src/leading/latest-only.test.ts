import type { RolloutEffect } from '@meridian/rollout';
import { expect, test } from 'vitest';
import { latestOnly } from './latest-only.ts';

const assign = (cluster: string, generation: number): RolloutEffect => ({
  kind: 'assign',
  application: 'web',
  cluster,
  release: 'sha256:aa',
  revision: 'c0ffee',
  generation,
  allowedDeletions: 0,
  policy: { namespace: 'ml', prune: true, selfHeal: true, createNamespace: true, deletionBudget: 0 },
});

test('of two assignments of a cluster in one write only the later one is made, and nothing else is left out', () => {
  const again: RolloutEffect = { kind: 'lookAgain', application: 'web' };
  const [early, other, late] = [assign('east', 2), assign('west', 2), assign('east', 4)];
  expect(latestOnly([early, other, again, late])).toEqual([other, again, late]);
});

test('what a cluster has is not told again when something else takes its place in the same write', () => {
  const told = (generation: number): RolloutEffect => ({
    ...{ kind: 'reissue', application: 'web', cluster: 'east', generation, allowedDeletions: 0 },
  });
  expect(latestOnly([told(3), assign('east', 4)])).toEqual([assign('east', 4)]);
  expect(latestOnly([assign('east', 2), told(3), assign('west', 1)])).toEqual([
    assign('east', 3),
    assign('west', 1),
  ]);
});
