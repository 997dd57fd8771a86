import type { Hold, RolloutStrategy } from '@meridian/fleet';
import { describe, expect, it } from 'vitest';
import { decodeState } from './codec.ts';
import { decide } from './decide.ts';
import recorded from './recorded-state-v1.json' with { type: 'json' };
import type { Decision, StatusObserved } from './events.ts';
import type { RolloutState } from './state.ts';
import { approvalNeeded, rolloutView } from './view.ts';

const strategy: RolloutStrategy = {
  name: 'two',
  stages: [{ name: 'canary', clusters: { matchLabels: { tier: 'canary' } }, maxConcurrent: 2, soakMs: 0 }],
  progressDeadlineMs: 60_000,
  failureBudget: 0,
};
const labels = { a: { tier: 'canary' }, b: { tier: 'canary' }, c: { tier: 'prod' } };
const policy = { namespace: 'ml', prune: true, selfHeal: true, createNamespace: true, deletionBudget: 0 };

function made(
  state: RolloutState | undefined,
  digest: string,
  content: string,
  {
    nowMs = 0,
    windows = [],
    holds = [],
  }: { nowMs?: number; windows?: RolloutStrategy['windows']; holds?: readonly Hold[] } = {},
): RolloutState {
  const bundles = Object.fromEntries(
    Object.keys(labels).map((name) => [name, { digest: `${name}-${content}`, objects: 2 }]),
  );
  const release = { digest, application: 'app', revision: '1', bundles };
  const planned = { ...strategy, windows };
  const event = {
    kind: 'releaseMade',
    release,
    strategy: planned,
    policy,
    labels,
    removals: {},
    holds,
  } as const;
  const { next } = decide(state, event, nowMs);
  if (!next) throw new Error('no rollout');
  return next;
}

const reported = (state: RolloutState, cluster: string, more: Partial<StatusObserved> = {}, nowMs = 0) => {
  const { release = '', generation = 0 } = state.placed[cluster] ?? {};
  const well = { sync: 'Synced', health: 'Healthy', message: '', observedAtMs: nowMs, stale: false } as const;
  const event = { kind: 'statusObserved', cluster, release, generation, ...well, ...more } as const;
  return decide(state, event, nowMs);
};
const after = (decision: Decision): RolloutState => {
  if (!decision.next) throw new Error('no rollout');
  return decision.next;
};
const refusing = (count: number) => ({ sync: 'OutOfSync', refusedDeletions: count }) as const;
const approve = (state: RolloutState, deletions: { readonly [cluster: string]: number }, nowMs = 0) => {
  const { digest: release } = state.target.release;
  return decide(
    state,
    { kind: 'deletionsApproved', release, author: 'lena', reason: 'seen', deletions },
    nowMs,
  );
};
const assigned = ({ effects }: Decision) =>
  effects.flatMap((effect) =>
    effect.kind === 'assign' ? [`${effect.cluster} g${effect.generation} <=${effect.allowedDeletions}`] : [],
  );

describe('deletions that clusters refuse', () => {
  it('are in the view of the rollout, with the numbers and in words', () => {
    const state = after(reported(made(undefined, 'r1', 'x'), 'a', refusing(3)));
    expect(approvalNeeded(state)).toMatchObject({ release: 'r1', deletions: { a: 3 } });
    const view = rolloutView(state, 0);
    expect(view?.approvalNeeded).toEqual(approvalNeeded(state));
    expect(view?.reason).toContain('a refuses to delete 3 objects for release r1');
    expect(view?.stages[0]?.clusters[0]).toMatchObject({
      refusedDeletions: 3,
      message: expect.stringContaining('refuses to delete 3 objects until a person approves'),
    });
    expect(view?.stages[0]?.clusters[1]).not.toHaveProperty('refusedDeletions');
  });

  it('can be observed in a state that was recorded before there was word of them', () => {
    const decoded = decodeState(JSON.stringify(recorded));
    if (!decoded.ok) throw new Error(decoded.reason);
    expect(rolloutView(decoded.state, 0)).not.toHaveProperty('approvalNeeded');
    const state = after(reported(decoded.state, 'a', refusing(2), 1_790_000_000_000));
    expect(approvalNeeded(state)?.deletions).toEqual({ a: 2 });
    expect(assigned(approve(state, { a: 2 }, 1_790_000_001_000))).toEqual(['a g2 <=2']);
  });

  it('are not made by what a release that changes nothing knows of holds', () => {
    const hold = (author: string, more: Partial<Hold> = {}): Hold => ({
      ...{ scope: 'fleet', name: '', author, reason: 'incident', sinceMs: 0, ...more },
    });
    const held = (state: RolloutState, holds: readonly Hold[], nowMs: number) =>
      decide(state, { kind: 'holdsChanged', holds }, nowMs);
    let state = after(reported(made(undefined, 'r1', 'x'), 'a', refusing(3)));
    state = after(held(state, [hold('omar', { untilMs: 5_000 })], 1_000));
    state = after(approve(state, { a: 3 }, 2_000));
    state = made(state, 'r1', 'x', { nowMs: 6_000, holds: [hold('zoe')] });
    expect(state.placed['a']?.generation).toBe(1);
    const still = held(state, [hold('zoe')], 6_000);
    expect(assigned(still)).toEqual([]);
    expect(assigned(held(after(still), [], 7_000))).toEqual(['a g2 <=3']);
  });

  it('do not set a rollout in motion that halted over another cluster', () => {
    let state = made(undefined, 'r1', 'x');
    state = after(reported(state, 'a'));
    state = after(decide(state, { kind: 'tick' }, 60_000));
    expect(state.phase).toBe('halted');
    state = after(reported(state, 'a', refusing(1), 61_000));
    const approval = approve(state, { a: 1 }, 62_000);
    expect(assigned(approval)).toEqual(['a g2 <=1']);
    expect(approval.next).toMatchObject({ phase: 'halted', reason: state.reason });
  });

  it('hold the gate also after a retry of a rollout that halted over another cluster', () => {
    let state = made(undefined, 'r1', 'x');
    state = after(reported(state, 'a'));
    state = after(decide(state, { kind: 'tick' }, 60_000));
    state = after(reported(state, 'a', refusing(1), 61_000));
    state = after(reported(state, 'b', {}, 61_000));
    const retry = { kind: 'retryRequested', release: 'r1', author: 'lena', reason: 'b is back' } as const;
    state = after(decide(state, retry, 62_000));
    state = after(reported(state, 'b', {}, 63_000));
    expect(state).toMatchObject({ phase: 'progressing', stage: 0 });
    const approval = approve(state, { a: 1 }, 64_000);
    expect(assigned(approval)).toEqual(['a g2 <=1']);
    expect(assigned(reported(after(approval), 'a', {}, 65_000))).toEqual(['c g1 <=0']);
  });

  it('of an earlier rollout to the same release are not approved before the cluster has its turn', () => {
    let state = made(undefined, 'r1', 'x');
    for (const name of ['a', 'b', 'c']) state = after(reported(state, name));
    state = after(reported(state, 'c', refusing(2)));
    expect(approvalNeeded(state)?.deletions).toEqual({ c: 2 });
    state = made(made(state, 'r2', 'y', { nowMs: 1_000 }), 'r1', 'x', { nowMs: 2_000 });
    expect(approvalNeeded(state)).toBeNull();
    expect(approve(state, { c: 2 }, 3_000)).toMatchObject({ next: state, effects: [] });
  });

  it('are granted for one assignment only, and not for the one after it', () => {
    let state = after(reported(made(undefined, 'r1', 'x'), 'a', refusing(3)));
    state = after(approve(state, { a: 3 }));
    const again = reported(state, 'a', { generation: 40 });
    expect(assigned(again)).toEqual(['a g41 <=0']);
    expect(approvalNeeded(after(again))).toBeNull();
  });

  it('are forgotten of an agent that is ahead of the ledger by now, also while the rollout is halted', () => {
    let state = after(reported(made(undefined, 'r1', 'x'), 'a', refusing(3)));
    state = after(decide(state, { kind: 'tick' }, 60_000));
    expect(approvalNeeded(state)?.deletions).toEqual({ a: 3 });
    state = after(reported(state, 'a', { generation: 9 }, 61_000));
    expect(state.phase).toBe('halted');
    expect(approvalNeeded(state)).toBeNull();
  });

  it('wait with the leave that was given for as long as something stops the cluster, and say for what', () => {
    let state = after(reported(made(undefined, 'r1', 'x'), 'a', refusing(3)));
    const hold = { scope: 'cluster', name: 'a', author: 'omar', reason: 'disk', sinceMs: 0 } as const;
    const holds = [{ ...hold, untilMs: 90_000 }];
    state = after(decide(state, { kind: 'holdsChanged', holds }, 0));
    const approval = approve(state, { a: 3 });
    expect(assigned(approval)).toEqual([]);
    state = after(approval);
    expect(approve(state, { a: 3 })).toMatchObject({ next: state, effects: [], isSoAlready: true });
    expect(approvalNeeded(state)).toBeNull();
    const view = rolloutView(state, 0);
    const waits = '3 deletions in a approved by lena; waits: a held by omar until 1970-01-01T00:01Z (disk)';
    expect(view?.reason).toContain(waits);
    expect(view?.stages[0]?.clusters[0]?.message).toContain('until nothing stops what lena approved');
    expect(assigned(decide(state, { kind: 'tick' }, 89_999))).toEqual([]);
    const due = decide(state, { kind: 'tick' }, 90_000);
    expect(assigned(due)).toEqual(['a g2 <=3']);
    expect(rolloutView(after(due), 90_000)?.reason).not.toContain('waits: a');
  });

  it('wait for the windows of the cluster, also when the rollout is over', () => {
    const daily = { name: 'night', kind: 'allow', schedule: '0 22 * * *', durationMs: 3_600_000 } as const;
    const windows = [{ ...daily, timeZone: 'UTC', clusters: { matchLabels: { tier: 'prod' } } }];
    const atMs = 22 * 3_600_000;
    let state = made(undefined, 'r1', 'x', { nowMs: atMs, windows });
    for (const name of ['a', 'b', 'c']) state = after(reported(state, name, {}, atMs));
    expect(state.phase).toBe('completed');
    state = after(reported(state, 'c', refusing(2), atMs + 3_600_000));
    const approval = approve(state, { c: 2 }, atMs + 3_600_000);
    expect(assigned(approval)).toEqual([]);
    expect(approval.reason).toContain('waits: c waits for window night until');
    const holds = { kind: 'holdsChanged', holds: [] } as const;
    expect(assigned(decide(after(approval), holds, atMs + 86_400_000))).toEqual(['c g2 <=2']);
  });

  it('are counted only in whole numbers', () => {
    const state = made(undefined, 'r1', 'x');
    for (const refusedDeletions of [Number.NaN, 1.5, Infinity, -1])
      expect(approvalNeeded(after(reported(state, 'a', { sync: 'OutOfSync', refusedDeletions })))).toBeNull();
  });
});
