import { FaultError, systemClock } from '@meridian/runtime';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SourceRevision } from '../sources/source.ts';
import { stayReady } from './standby.ts';

/** A replica that stays ready, and a branch in the hands of the test. */
function standBy(fail?: (revision: string) => FaultError | undefined, ready = Promise.resolve()) {
  const stop = new AbortController();
  const resolved: string[] = [];
  const warnings: string[] = [];
  let current: SourceRevision | undefined;
  let confirmed: (found: SourceRevision) => void = () => undefined;
  const running = stayReady(
    {
      source: { current: () => current, onConfirmed: (tell) => void (confirmed = tell) },
      releases: {
        at: async (revision) => {
          resolved.push(revision);
          const error = fail?.(revision);
          if (error !== undefined) throw error;
          return {} as never;
        },
      },
      ready,
      clock: systemClock,
      log: { warn: (_fields, message) => void warnings.push(message) },
    },
    stop.signal,
  );
  const confirm = (revision: string) => {
    current = { revision, askedAtMs: 0 };
    confirmed(current);
  };
  return { confirm, resolved, warnings, stop: () => stop.abort(), running };
}

describe('a replica that stays ready', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('resolves the first revision that it sees at once: it may be about to lead', async () => {
    const replica = standBy();
    replica.confirm('first');
    await vi.advanceTimersByTimeAsync(0);
    expect(replica.resolved).toEqual(['first']);
    replica.stop();
    await replica.running;
  });

  it('waits with it until it is known what was rolled out, but not for long', async () => {
    const known = Promise.withResolvers<void>();
    const replica = standBy(undefined, known.promise);
    const other = standBy(undefined, new Promise<void>(() => undefined));
    for (const { confirm } of [replica, other]) confirm('first');
    await vi.advanceTimersByTimeAsync(500);
    expect(replica.resolved).toEqual([]);
    known.resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(replica.resolved).toEqual(['first']);
    expect(other.resolved).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(other.resolved).toEqual(['first']);
    for (const { stop } of [replica, other]) stop();
    await Promise.all([replica.running, other.running]);
  });

  it('resolves a later one once the branch rests, and none that was followed by another at once', async () => {
    const replica = standBy();
    replica.confirm('first');
    await vi.advanceTimersByTimeAsync(0);
    replica.confirm('one');
    await vi.advanceTimersByTimeAsync(900);
    replica.confirm('two');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(replica.resolved).toEqual(['first']);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(new Set(replica.resolved)).toEqual(new Set(['first', 'two']));
    replica.stop();
    await replica.running;
  });

  it('resolves what there is within seconds when the branch never rests', async () => {
    const replica = standBy();
    replica.confirm('first');
    for (let commit = 0; commit < 8; commit += 1) {
      replica.confirm(`commit ${commit}`);
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(replica.resolved.length).toBeGreaterThan(1);
    replica.stop();
    await replica.running;
  });

  it('goes on after a revision that cannot be read', async () => {
    const unreadable = new FaultError('exhausted', 'too large', { retry: 'never' });
    const replica = standBy((revision) => (revision === 'broken' ? unreadable : undefined));
    replica.confirm('broken');
    await vi.advanceTimersByTimeAsync(3_000);
    replica.confirm('mended');
    await vi.advanceTimersByTimeAsync(3_000);
    expect(replica.resolved.at(-1)).toBe('mended');
    expect(replica.warnings).toContain('a revision cannot be read');
    replica.stop();
    await replica.running;
  });
});
