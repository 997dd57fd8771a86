import type { FleetEvent } from '@meridian/fleet';
import type { AttachedSession } from '@meridian/link';
import { FaultError, systemClock } from '@meridian/runtime';
import { createTelemetry } from '@meridian/telemetry';
import { describe, expect, it, vi } from 'vitest';
import { reportReceiver } from './report-receiver.ts';
import { statusWriter } from './status-writer.ts';
import type { StatusStore } from './status-writer.ts';

const clock = { ...systemClock, wait: async () => undefined };
const session = {
  cluster: 'east',
  session: 's1',
  identity: { startsAtMs: 5, expiresAtMs: 9 },
  peer: '127.0.0.1:1',
  hello: {
    cluster: 'east',
    session: 's1',
    version: '1',
    startedAtMs: 1,
    clusterUid: 'u',
    kubernetesVersion: 'v',
  },
} as AttachedSession;
const heartbeat = { observedAtMs: 5, sourceConnected: true, sourceReadAtMs: 4 };
const origin = { sequence: 2, traceparent: '' };
const statusOf = (application: string, generation = 1) =>
  ({ cluster: 'east', application, generation }) as never;

/** A store whose writes end when the test says so. */
function slowStore() {
  const writes: { key: string; value: unknown; end: (error?: Error) => void }[] = [];
  const write = (key: { cluster: string; application?: string }, value: unknown) =>
    new Promise<void>((resolve, reject) => {
      writes.push({
        key: `${key.cluster}/${key.application ?? ''}`,
        value,
        end: (error) => (error ? reject(error) : resolve()),
      });
    });
  const store: StatusStore = { put: write, clear: (key) => write(key, undefined) };
  return { store, writes };
}

function receiver(
  known: string[] = [],
  publish: (event: FleetEvent) => Promise<void> = async () => undefined,
  check: (value: unknown) => Promise<void> = async () => undefined,
) {
  const stored = new Map<string, unknown>();
  const published: FleetEvent[] = [];
  const name = (key: { cluster: string; application?: string }) => `${key.cluster}/${key.application ?? ''}`;
  const { log, tracer, registry } = createTelemetry({
    service: 'hub',
    instance: 'h',
    logLevel: 'error',
    destination: { write: () => undefined },
  });
  const made = reportReceiver({
    statusBoard: {
      put: async (key, value) => (await check(value), void stored.set(name(key), value)),
      clear: async (key) => void stored.set(name(key), 'cleared'),
    },
    events: { publish: async (event) => (await publish(event), void published.push(event)) },
    knownApplications: () => known,
    clock,
    random: () => 0,
    log,
    tracer,
    registry,
  });
  return { ...made, stored, published, registry };
}

describe('a status that the store refuses', () => {
  const statusWith = (objects: number) =>
    ({
      ...{ cluster: 'east', application: 'web', message: '', drift: [] },
      objects: Array.from({ length: objects }, (_, index) => ({
        key: { group: '', kind: 'Pod', namespace: '', name: `p${index}` },
        health: 'Degraded',
        reason: '',
      })),
    }) as never;
  const refusing = (limit: number) => {
    const puts: { objects: unknown[]; message: string }[] = [];
    const made = receiver([], undefined, async (value) => {
      const status = value as { objects?: unknown[]; message: string };
      if (status.objects && status.objects.length > limit)
        throw new FaultError('invalid', 'large', { retry: 'never' });
      if (status.objects) puts.push({ objects: status.objects, message: status.message });
    });
    return { ...made, puts };
  };

  it('is stored in the first size that the store takes', async () => {
    const { onApplication, puts } = refusing(100);
    await onApplication(session, statusWith(300), origin);
    expect(puts).toHaveLength(1);
    expect(puts[0]?.objects).toHaveLength(75);
    expect(puts[0]?.message).toContain('75 of 300 objects');
  });

  it('does not end the stream when no size is taken, and other faults still do', async () => {
    const { onApplication, onSnapshot, puts, stored } = refusing(-1);
    await onApplication(session, statusWith(3), origin);
    await onSnapshot(session, { applications: [statusWith(3)], heartbeat }, origin);
    expect(puts).toEqual([]);
    expect(stored.has('east/')).toBe(true);
    const denied = receiver([], undefined, () =>
      Promise.reject(new FaultError('denied', 'no', { retry: 'never' })),
    );
    await expect(denied.onApplication(session, statusWith(3), origin)).rejects.toMatchObject({
      code: 'denied',
    });
  });
});

describe('what an agent says', () => {
  it('is stored with its session and sequence, and a snapshot clears what it does not name', async () => {
    const { onSnapshot, stored, registry } = receiver(['web', 'old']);
    await onSnapshot(session, { applications: [statusOf('web')], heartbeat }, origin);
    expect(stored.get('east/web')).toMatchObject({ application: 'web', session: 's1', sequence: 2 });
    expect(stored.get('east/old')).toBe('cleared');
    expect(stored.get('east/')).toEqual({
      ...session.hello,
      ...heartbeat,
      certificate: { startsAtMs: 5, endsAtMs: 9 },
      sequence: 2,
    });
    expect(await registry.metrics()).toContain('meridian_hub_reports_total{kind="snapshot"} 1');
  });

  it('is stored by application and by heartbeat', async () => {
    const { onApplication, onHeartbeat, stored } = receiver();
    await onApplication(session, statusOf('web', 7), {
      sequence: 3,
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    });
    await onHeartbeat(session, heartbeat, { sequence: 4, traceparent: '' });
    expect(stored.get('east/web')).toMatchObject({ generation: 7, sequence: 3 });
    expect(stored.get('east/')).toMatchObject({ observedAtMs: 5, sequence: 4 });
  });

  it('is an event once, however often it is repeated after a broken stream; one that was not stored is tried again', async () => {
    let broken = true;
    const { onEvent, published } = receiver([], async () => {
      if (broken) throw new FaultError('unavailable', 'no', { retry: 'later' });
    });
    const event: FleetEvent = { atMs: 1, level: 'info', type: 'drift.healed', cluster: 'east', message: 'x' };
    await expect(onEvent(session, event, origin)).rejects.toThrow('no');
    broken = false;
    await onEvent(session, event, origin);
    await onEvent({ ...session, session: 's2' }, event, origin);
    expect(published).toEqual([event]);
  });

  it('is followed by an event when it attaches and when it is gone, but not when a newer session replaced it', async () => {
    const { onHello, onGone, published } = receiver();
    await onHello(session);
    onGone(session, { reason: 'no heartbeat', replaced: false });
    onGone(session, { reason: 'replaced', replaced: true });
    await vi.waitFor(() =>
      expect(published.map(({ type }) => type)).toEqual(['agent.attached', 'agent.lost']),
    );
  });
});

describe('the status writer', () => {
  it('has one write per key under way, and of those that wait only the newest', async () => {
    const { store, writes } = slowStore();
    const writer = statusWriter(store, clock, () => 0);
    const all = [1, 2, 3, 4].map((value) => writer.write('s', { cluster: 'c', application: 'a' }, value));
    expect(writes.map(({ value }) => value)).toEqual([1]);
    writes[0]!.end();
    await all[0];
    await vi.waitFor(() => expect(writes.map(({ value }) => value)).toEqual([1, 4]));
    writes[1]!.end();
    await Promise.all(all);
  });

  it('writes at most 64 keys at once', async () => {
    const { store, writes } = slowStore();
    const writer = statusWriter(store, clock, () => 0);
    const all = Array.from({ length: 200 }, (_, index) =>
      writer.write('s', { cluster: 'c', application: `a${index}` }, index),
    );
    expect(writes).toHaveLength(64);
    while (writes.some(({ end }) => end)) {
      const before = writes.length;
      for (const write of writes) write.end();
      await new Promise((resolve) => setImmediate(resolve));
      if (writes.length === before) break;
    }
    await Promise.all(all);
    expect(writes).toHaveLength(200);
  });

  it('tries again while the store is away, and not when it says never', async () => {
    let tries = 0;
    const away: StatusStore = {
      put: async () => {
        tries += 1;
        if (tries < 3) throw new FaultError('unavailable', 'away', { retry: 'later' });
      },
      clear: async () => undefined,
    };
    await statusWriter(away, clock, () => 0).write('s', { cluster: 'c' }, 1);
    expect(tries).toBe(3);
    const never: StatusStore = {
      put: () => Promise.reject(new FaultError('invalid', 'too large', { retry: 'never' })),
      clear: async () => undefined,
    };
    await expect(statusWriter(never, clock, () => 0).write('s', { cluster: 'c' }, 1)).rejects.toThrow(
      'too large',
    );
  });

  it('ends the running write of a session that is replaced, so that it cannot follow a newer one', async () => {
    let tries = 0;
    const away: StatusStore = {
      put: (_key, _value, signal) => {
        tries += 1;
        return new Promise((_, reject) =>
          signal?.addEventListener('abort', () =>
            reject(new FaultError('timeout', 'cut', { retry: 'later' })),
          ),
        );
      },
      clear: async () => undefined,
    };
    const writer = statusWriter(away, clock, () => 0);
    const first = writer.write('old', { cluster: 'c' }, 1);
    first.catch(() => undefined);
    writer.forget('old');
    await expect(first).rejects.toThrow('cut');
    expect(tries).toBe(1);
  });

  it('forgets what an ended session still wanted to write', async () => {
    const { store, writes } = slowStore();
    const writer = statusWriter(store, clock, () => 0);
    const first = writer.write('old', { cluster: 'c' }, 1);
    const second = writer.write('old', { cluster: 'c' }, 2);
    second.catch(() => undefined);
    writer.forget('old');
    await expect(second).rejects.toThrow('the session ended');
    writes[0]!.end();
    await first;
    expect(writes).toHaveLength(1);
  });
});
