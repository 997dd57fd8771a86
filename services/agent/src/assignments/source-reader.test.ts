import type { SignedEnvelope } from '@meridian/fleet';
import { FaultError } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import { describe, expect, it } from 'vitest';
import type { DesiredStatePort } from '../ports.ts';
import { silent, until } from '../testing/rig.ts';
import type { Acceptance } from './acceptance.ts';
import { createSourceReader } from './source-reader.ts';

const envelope: SignedEnvelope = { payloadType: '', payload: '', signatures: [] };

/** Time that passes as fast as it is waited for, one turn of the loop for each wait. */
function hastyClock(): Clock {
  let nowMs = 1;
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    wait: (ms) => new Promise((resolve) => setImmediate(() => resolve(void (nowMs += ms)))),
  };
}

function world(answers: readonly Acceptance['decision'][]) {
  const offered: string[] = [];
  const hinted: string[] = [];
  let ring: () => void = () => undefined;
  const left = [...answers];
  const state = { connected: true, index: ['web'] as readonly string[], broken: false };
  const source: DesiredStatePort = {
    readIndex: async () => state.index,
    readAssignment: async (application) => {
      if (state.broken) throw new FaultError('timeout', 'no answer', { retry: 'later' });
      return { envelope, headers: { traceparent: `trace of ${application}` } };
    },
    readBundle: async () => new Uint8Array(),
    connected: () => state.connected,
    async *hints(signal) {
      signal.addEventListener('abort', () => ring());
      while (!signal.aborted) {
        const next = hinted.shift();
        if (next !== undefined) yield next;
        else await new Promise<void>((resolve) => (ring = resolve));
      }
    },
  };
  const engine = {
    applications: () => ['old'],
    isComplete: () => true,
    offer: async ({ application }: { application: string }): Promise<Acceptance> => {
      offered.push(application);
      const decision = left.shift() ?? 'same';
      return decision === 'refuse' ? { decision, reason: '' } : { decision };
    },
  };
  const clock = hastyClock();
  let changes = 0;
  const reader = createSourceReader({
    engine,
    clock,
    random: () => 0.5,
    log: silent,
    changed: () => (changes += 1),
  });
  const stop = new AbortController();
  const running = reader.run(() => Promise.resolve(source), stop.signal);
  return {
    offered,
    state,
    reader,
    clock,
    changes: () => changes,
    hint: (application: string) => {
      hinted.push(application);
      ring();
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

describe('the source reader', () => {
  it('reads what the index lists and what is known, on connect and again every half minute', async () => {
    await using at = world([]);
    await until('everything was read twice', () => at.offered.length >= 4);
    expect(at.offered.slice(0, 4)).toEqual(['web', 'old', 'web', 'old']);
    expect(at.clock.nowMs()).toBeGreaterThanOrEqual(30_000);
  });

  it('looks again after a hint that came before its write', async () => {
    await using at = world(['same', 'same', 'same', 'same', 'accept']);
    await until('the first read is done', () => at.offered.length >= 2);
    at.hint('fresh');
    await until(
      'it looked until the assignment was there',
      () => at.offered.filter((name) => name === 'fresh').length >= 2,
    );
  });

  it('reads everything at once when the connection is back', async () => {
    await using at = world([]);
    await until('the first read is done', () => at.offered.length >= 2);
    at.state.connected = false;
    const before = at.offered.length;
    await until('it has seen that', () => !at.reader.connected());
    at.state.connected = true;
    await until('everything was read again', () => at.offered.length >= before + 2);
  });

  it('tells when the connection comes and goes, so that the hub need not wait for the next heartbeat', async () => {
    await using at = world([]);
    await until('it told of the connection and of the first read', () => at.changes() >= 2);
    at.state.connected = false;
    const before = at.changes();
    await until('it told that the connection is gone', () => at.changes() > before);
  });

  it('goes on after a fault', async () => {
    await using at = world([]);
    at.state.broken = true;
    await until('time passes', () => at.clock.nowMs() > 5_000);
    at.state.broken = false;
    await until('it was read', () => at.offered.includes('web'));
  });
});
