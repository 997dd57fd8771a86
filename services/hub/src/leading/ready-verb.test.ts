import type { RolloutState } from '@meridian/rollout';
import { describe, expect, it } from 'vitest';
import { keptRelease } from './ready-verb.ts';
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
