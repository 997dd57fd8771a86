import type { RolloutState } from '@meridian/rollout';
import { describe, expect, it } from 'vitest';
import { emptyBook } from './ledger-book.ts';
import { keptRelease, readyVerb } from './ready-verb.ts';
import type { Rollbackable } from './ready-verb.ts';

const kept = (digest: string, more: { leftAtMs?: number } = {}) => ({
  digest,
  revision: digest,
  number: 1,
  completedAtMs: 0,
  ...more,
});

function at(
  digest: string,
  list: RolloutState['kept'],
  { phase = 'completed', back }: { readonly phase?: RolloutState['phase']; readonly back?: object } = {},
): Rollbackable {
  const target = { release: { digest }, ...(back ? { back } : {}) };
  return { application: 'app', kept: list, target, phase };
}

describe('where a rollback goes', () => {
  it('is the newest release that completed before the present one', () => {
    expect(keptRelease(at('c', [kept('b'), kept('a')]), undefined).digest).toBe('b');
    expect(keptRelease(at('b', [kept('b'), kept('a')]), undefined).digest).toBe('a');
  });

  it('is never by itself what the fleet was taken back from, however often a person asks', () => {
    const list = [kept('b', { leftAtMs: 1 }), kept('a')];
    expect(() => keptRelease(at('a', list, { phase: 'rolledBack', back: {} }), undefined)).toThrow(
      'a release before the present one of app is not among the 2 that completed and are kept',
    );
    expect(keptRelease(at('c', [kept('c'), ...list]), undefined).digest).toBe('a');
  });

  it('is any that is kept when a person names it', () => {
    expect(keptRelease(at('a', [kept('b', { leftAtMs: 1 }), kept('a')]), 'b').digest).toBe('b');
    expect(() => keptRelease(at('a', [kept('a')]), 'x')).toThrow('release x of app is not among the 1');
  });

  it('is where a rollback went that was given up', () => {
    const list = [kept('b', { leftAtMs: 1 }), kept('a')];
    expect(keptRelease(at('a', list, { phase: 'aborted', back: {} }), undefined).digest).toBe('a');
  });
});

describe('who wrote what a person approves', () => {
  const release = { application: 'app', digest: 'sha256:aa', revision: 'c0ffee', bundles: {} };
  const asked = {
    ...{
      application: 'app',
      release: release.digest,
      author: 'omar',
      reason: 'good',
      roles: [],
      identities: [],
    },
  };
  const approved = async (target: object, means = release.digest) => {
    const state = { application: 'app', target: { release, ...target } } as unknown as RolloutState;
    const book = { ...emptyBook(), rollouts: new Map([['app', { state, traceparent: undefined }]]) };
    const never = () => Promise.reject(new Error('nobody asked for that'));
    const desk = { made: never, past: never, authors: () => Promise.resolve(['anna@example.com']) };
    const verb = { ...asked, verb: 'approve', release: means } as const;
    const { event } = await readyVerb({ book, desk }, verb, new AbortController().signal);
    return event;
  };

  it('is asked of git once more where the rollout does not know it', async () => {
    expect(await approved({})).toMatchObject({ kind: 'gateApproved', authors: ['anna@example.com'] });
  });

  it('stays what it was where it is known, and is nobody for a release that was', async () => {
    expect(await approved({ authors: ['ben'] })).not.toHaveProperty('authors');
    expect(await approved({}, 'sha256:bb')).not.toHaveProperty('authors');
  });
});
