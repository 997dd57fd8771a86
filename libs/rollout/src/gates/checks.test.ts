import type { Gate } from '@meridian/fleet';
import { expect, test } from 'vitest';
import { decodeState, encodeState } from '../codec.ts';
import { decide } from '../decide.ts';
import type { RolloutEvent } from '../events.ts';
import type { RolloutState } from '../state.ts';
import { checksNeeded } from './checks.ts';

const drain: Gate = { name: 'drain', kind: 'job', spec: {}, timeoutMs: 60_000, firstInstall: 'hold' };
const strategy = {
  name: 'gated',
  stages: [{ name: 'all', clusters: { matchLabels: {} }, maxConcurrent: 1, soakMs: 0, before: [drain] }],
  progressDeadlineMs: 60_000,
  failureBudget: 0,
};
const policy = { namespace: 'ml', prune: true, selfHeal: true, createNamespace: true, deletionBudget: 0 };
const placed = { generation: 4, release: 'sha256:00', bundle: 'A', objects: 1, held: 1, allowedDeletions: 0 };

/** A rollout of a ledger that knows what the cluster has, waiting at the gate before its only stage. */
function atGate(digest: string): RolloutState {
  const bundles = { east: { digest: `${digest}-east`, objects: 1 } };
  const release = { application: 'web', digest, revision: 'c0ffee', bundles };
  const made: RolloutEvent = {
    ...{ kind: 'releaseMade', release, strategy, policy, labels: { east: {} }, removals: {} },
  };
  const first = decide(undefined, made, 0).next;
  if (!first) throw new Error('no rollout');
  return tick({ ...first, placed: { east: placed } });
}

function tick(state: RolloutState): RolloutState {
  const { next } = decide(state, { kind: 'tick' }, 1);
  if (!next) throw new Error('no rollout');
  return next;
}

function idOf(state: RolloutState): string {
  return checksNeeded(state).get('east')?.[0]?.id ?? '';
}

/** The gate after the agent has said how the Job of this name ended. */
function afterEnd(state: RolloutState, id: string) {
  const report = { id, phase: 'succeeded', observedAtMs: 1, message: '' } as const;
  const well = { sync: 'Synced', health: 'Healthy', message: '', observedAtMs: 1, stale: false } as const;
  const about = { cluster: 'east', release: placed.release, generation: placed.generation };
  const { next } = decide(state, { kind: 'statusObserved', ...about, ...well, checks: [report] }, 1);
  return next?.stages[0]?.before?.[0]?.phase;
}

test('the end of a Job of a lost life of the ledger answers for its own release only', () => {
  const before = atGate('sha256:1111111111');
  const now = atGate('sha256:2222222222');
  expect([before.target.number, now.target.number]).toEqual([1, 1]);
  expect(afterEnd(now, idOf(before))).toBe('open');
  expect(afterEnd(now, idOf(now))).toBe('passed');
});

test('a check of the longest gate is named like a label', () => {
  expect(idOf(atGate('sha256:0123456789abcdef'))).toMatch(/^drain-1-1-[0-9a-f]{8}$/);
  expect(`${'g'.repeat(40)}-123456-12345-01234567`.length).toBeLessThanOrEqual(63);
});

test('a Job that was begun before names had the release goes on by its name', () => {
  const { checkMark: _, ...target } = atGate('sha256:1111111111').target;
  const stored = decodeState(encodeState({ ...atGate('sha256:1111111111'), target }));
  if (!stored.ok) throw new Error(stored.reason);
  expect(idOf(stored.state)).toBe('drain-1-1');
  expect(afterEnd(stored.state, 'drain-1-1')).toBe('passed');
});
