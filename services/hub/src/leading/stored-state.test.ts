import { createHash } from 'node:crypto';
import { decide, encodeState } from '@meridian/rollout';
import type { ReleaseMade, RolloutState } from '@meridian/rollout';
import { describe, expect, it } from 'vitest';
import { packState, unpackState } from './stored-state.ts';

/** What one message of the ledger may have. */
const mostBytes = 1024 * 1024;
const deadlineMs = 60_000;

const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

function made(names: readonly string[], revision: string): ReleaseMade {
  const bundles = Object.fromEntries(
    names.map((name) => [name, { digest: digestOf(name + revision), objects: 20 }]),
  );
  return {
    kind: 'releaseMade',
    release: { digest: digestOf(revision), application: 'web', revision, bundles },
    strategy: {
      name: 'one-go',
      stages: [],
      progressDeadlineMs: deadlineMs,
      failureBudget: 0,
      onBreach: 'rollback',
    },
    policy: { namespace: 'web', prune: true, selfHeal: true, createNamespace: true, deletionBudget: '50%' },
    labels: {},
    removals: Object.fromEntries(names.map((name) => [name, 1])),
  };
}

/** A fleet that was taken back, and then failed there as well, each cluster with much to say. */
function failedTwice(names: readonly string[]): RolloutState {
  const reports = Object.fromEntries(names.map((name) => [name, `${name} ${'is broken '.repeat(100)}`]));
  let state = decide(undefined, made(names, '1'), 0).next;
  for (const cluster of names)
    state = decide(
      state,
      {
        kind: 'statusObserved',
        cluster,
        release: digestOf('1'),
        generation: 1,
        sync: 'Synced',
        health: 'Healthy',
        message: '',
        observedAtMs: 0,
        stale: false,
      },
      0,
    ).next;
  state = decide(state, made(names, '2'), 0).next;
  for (const nowMs of [deadlineMs, 2 * deadlineMs])
    state = decide(state, { kind: 'tick', reports }, nowMs).next;
  if (!state) throw new Error('there is no rollout');
  return state;
}

describe('a stored rollout', () => {
  it('is JSON that people can read while it is short', () => {
    const state = failedTwice(['east', 'west']);
    expect(packState(state)).toBe(encodeState(state));
    expect(unpackState(Buffer.from(packState(state)))).toEqual({ ok: true, state });
  });

  it('of a thousand clusters that fail twice fits into a message of the ledger four times, and comes back the same', () => {
    const names = Array.from({ length: 1_000 }, (_, at) => `prod-eu-central-1-cluster-${at}`);
    const state = failedTwice(names);
    expect(state.phase).toBe('rolledBack');
    expect(encodeState(state).length).toBeGreaterThan(mostBytes / 2);
    const packed = Buffer.from(packState(state));
    expect(packed.length).toBeLessThan(mostBytes / 4);
    expect(unpackState(packed)).toEqual({ ok: true, state });
    // People read it as well.
    expect(state.reason.length).toBeLessThan(2_000);
  });

  it('that is damaged is refused with the reason', () => {
    const packed = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3]);
    expect(unpackState(packed)).toMatchObject({
      ok: false,
      reason: expect.stringContaining('cannot be decompressed') as string,
    });
    expect(unpackState(Buffer.from('{'))).toEqual({ ok: false, reason: 'the stored rollout is not JSON' });
  });
});
