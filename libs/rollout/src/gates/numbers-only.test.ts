import type { MetricGate } from '@meridian/fleet';
import { expect, test } from 'vitest';
import { decide } from '../decide.ts';
import type { RolloutEvent } from '../events.ts';
import type { RolloutState } from '../state.ts';
import { hasNewNumbersOnly } from './numbers-only.ts';

const gate: MetricGate = {
  ...{ kind: 'metric', name: 'errors', source: 'prometheus', query: 'errors', intervalMs: 60_000, max: 1 },
  ...{ aggregate: 'every', forMs: 600_000, failAfterMs: 600_000, firstInstall: 'hold' },
};
const names = ['a', 'b'];

function run(state: RolloutState | undefined, event: RolloutEvent, nowMs: number): RolloutState {
  const { next } = decide(state, event, nowMs);
  if (!next) throw new Error('no rollout');
  return next;
}

/** A rollout whose clusters are healthy and wait at the gate after their stage. */
function atGate(aggregate: MetricGate['aggregate'] = 'every'): RolloutState {
  const bundles = Object.fromEntries(names.map((name) => [name, { digest: name, objects: 1 }]));
  const stage = { name: 'all', clusters: { matchLabels: {} }, maxConcurrent: 2, soakMs: 0 };
  const made: RolloutEvent = {
    kind: 'releaseMade',
    release: { application: 'web', digest: 'R1', revision: 'c0ffee', bundles },
    strategy: {
      ...{ name: 'gated', progressDeadlineMs: 60_000, failureBudget: 0 },
      stages: [{ ...stage, after: [{ ...gate, aggregate }] }],
    },
    policy: { namespace: 'ml', prune: true, selfHeal: true, createNamespace: true, deletionBudget: 0 },
    labels: Object.fromEntries(names.map((name) => [name, {}])),
    removals: {},
  };
  return names.reduce((state, cluster) => said(state, cluster, undefined, 1), run(undefined, made, 0));
}

/** The state after a report with a number, or with none. */
function said(
  state: RolloutState,
  cluster: string,
  value: number | 'nothing' | undefined,
  nowMs: number,
): RolloutState {
  const check = { id: 'errors-1-1-R1', observedAtMs: nowMs, message: '' };
  const number = typeof value === 'number' ? { value } : {};
  const phase = typeof value === 'number' ? ('measured' as const) : ('pending' as const);
  const well = { sync: 'Synced', health: 'Healthy', message: '', observedAtMs: nowMs, stale: false } as const;
  const checks = value === undefined ? {} : { checks: [{ ...check, ...number, phase }] };
  return run(
    state,
    { kind: 'statusObserved', cluster, release: 'R1', generation: 1, ...well, ...checks },
    nowMs,
  );
}

const good = said(said(atGate(), 'a', 0.5, 1_000), 'b', 0.5, 1_000);
const bad = said(said(atGate(), 'a', 7, 1_000), 'b', 0.5, 1_000);

test('a number that is as good as the one before says nothing new', () => {
  const next = said(good, 'a', 0.6, 61_000);
  expect(next).not.toBe(good);
  expect(hasNewNumbersOnly(good, next)).toBe(true);
  expect(hasNewNumbersOnly(good, said(next, 'b', 0.7, 61_000))).toBe(true);
});

test('neither does one that is as bad, though the sentence quotes it', () => {
  const next = said(bad, 'a', 7.5, 61_000);
  expect(next.reason).toContain('is 7.5 in a');
  expect(hasNewNumbersOnly(bad, next)).toBe(true);
});

test('a number that is good where it was bad, or bad where it was good, is news also while it changes nothing', () => {
  expect(hasNewNumbersOnly(good, said(good, 'a', 7, 61_000))).toBe(false);
  expect(hasNewNumbersOnly(bad, said(bad, 'b', 7, 61_000))).toBe(false);
  expect(hasNewNumbersOnly(bad, said(bad, 'a', 0.5, 61_000))).toBe(false);
});

test('no number, the first one, and one of which the ledger has only an old one are news', () => {
  expect(hasNewNumbersOnly(good, said(good, 'a', 'nothing', 61_000))).toBe(false);
  const first = said(atGate(), 'a', 0.5, 1_000);
  expect(hasNewNumbersOnly(first, said(first, 'b', 0.5, 1_000))).toBe(false);
  const next = said(good, 'a', 0.5, 61_000);
  expect(hasNewNumbersOnly(good, said(next, 'a', 0.5, 121_000))).toBe(false);
});

test('every number is news where one is made of all, for the next leader may not hear it again', () => {
  const sum = said(said(atGate('sum'), 'a', 0.2, 1_000), 'b', 0.2, 1_000);
  expect(hasNewNumbersOnly(sum, said(sum, 'a', 0.3, 61_000))).toBe(false);
});

test('whatever else changes is news', () => {
  const next = said(good, 'a', 0.6, 61_000);
  const hold = { scope: 'fleet', name: '', author: 'lena', reason: 'x', sinceMs: 0 } as const;
  expect(hasNewNumbersOnly(good, run(next, { kind: 'holdsChanged', holds: [hold] }, 61_000))).toBe(false);
  const who = { release: 'R1', author: 'lena', reason: 'x' };
  expect(hasNewNumbersOnly(good, run(next, { kind: 'pauseRequested', ...who }, 61_000))).toBe(false);
  expect(hasNewNumbersOnly(good, run(next, { kind: 'abortRequested', ...who }, 61_000))).toBe(false);
});

test('a leader that goes on from what was written passes the gate no sooner, and no later for numbers that it hears again', () => {
  let [known, stored, written] = [good, good, 0];
  for (let nowMs = 61_000; nowMs <= 541_000; nowMs += 60_000)
    for (const name of names) {
      known = said(known, name, 0.6, nowMs);
      if (hasNewNumbersOnly(stored, known)) continue;
      stored = known;
      written += 1;
    }
  // Of 18 measures.
  expect(written).toBe(6);
  const heard = names.reduce((state, name) => said(state, name, 0.6, 541_000), stored);
  expect(heard.stages[0]?.after?.[0]?.goodSinceMs).toBe(known.stages[0]?.after?.[0]?.goodSinceMs);
  expect(run(heard, { kind: 'tick' }, 600_999).phase).toBe('progressing');
  expect(run(heard, { kind: 'tick' }, 601_000).phase).toBe('completed');
});
