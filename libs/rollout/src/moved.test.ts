import type { RolloutStrategy } from '@meridian/fleet';
import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import type { ReleaseMade } from './events.ts';
import type { RolloutState } from './state.ts';

const strategy: RolloutStrategy = { name: 'all', stages: [], progressDeadlineMs: 60_000, failureBudget: 0 };
const policy = { namespace: 'ml', prune: true, selfHeal: true, createNamespace: true, deletionBudget: 0 };

const made = (
  objects: { readonly [cluster: string]: number },
  more: Pick<ReleaseMade, 'removals' | 'moved'>,
): ReleaseMade => {
  const bundles = Object.fromEntries(
    Object.entries(objects).map(([name, count]) => [name, { digest: `${name}-${count}`, objects: count }]),
  );
  const release = { digest: JSON.stringify(objects), application: 'app', revision: '1', bundles };
  return { kind: 'releaseMade', release, strategy, policy, labels: {}, ...more };
};

const next = (state: RolloutState | undefined, event: ReleaseMade): RolloutState => {
  const decision = decide(state, event, 0);
  if (!decision.next) throw new Error('no rollout');
  return decision.next;
};

const first = next(undefined, made({ east: 3 }, { removals: {} }));

describe('objects that other applications take over', () => {
  it('are not lost: a release that only moves needs no approval, and may delete nothing', () => {
    const state = next(first, made({ east: 1 }, { removals: { east: 2 }, moved: { east: 2 } }));
    expect([state.phase, state.target.removals]).toEqual(['progressing', {}]);
    expect(state.placed['east']?.allowedDeletions).toBe(0);
  });

  it('do not count beside what is deleted', () => {
    const state = next(first, made({ east: 1 }, { removals: { east: 2 }, moved: { east: 1 } }));
    expect([state.phase, state.target.removals]).toEqual(['waiting', { east: 1 }]);
    expect(state.reason).toContain('it deletes up to 1 of 3 objects in east (budget 0)');
  });

  it('do not count when the application is withdrawn or emptied, and what is left of it does', () => {
    const withdrawn = (moved: number) => next(first, made({}, { removals: {}, moved: { east: moved } }));
    expect(withdrawn(3).phase).toBe('completed');
    expect([withdrawn(2).phase, withdrawn(2).target.removals]).toEqual(['waiting', { east: 1 }]);
    const emptied = (moved: number) =>
      next(first, made({ east: 0 }, { removals: { east: 3 }, moved: { east: moved } }));
    expect([emptied(3).phase, emptied(2).phase]).toEqual(['progressing', 'waiting']);
  });

  it('still count as held until the agent says otherwise', () => {
    const state = next(first, made({ east: 1 }, { removals: { east: 2 }, moved: { east: 2 } }));
    expect(state.placed['east']?.held).toBe(3);
  });
});
