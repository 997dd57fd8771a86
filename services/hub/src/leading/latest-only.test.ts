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
