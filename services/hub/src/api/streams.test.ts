import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { ApplicationView, ClusterView, FleetView, RolloutView } from '@meridian/fleet';
import { systemClock } from '@meridian/runtime';
import { describe, expect, it } from 'vitest';
import { fleetChanges } from './fleet-changes.ts';
import type { FleetItem } from './fleet-changes.ts';
import type { FleetReader } from './ports.ts';
import { eventStreams } from './server-sent-events.ts';

/** A clock whose waits end when the test says so. */
function manualClock() {
  const waits = new Set<() => void>();
  const clock = {
    ...systemClock,
    wait: (_ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        if (signal.aborted) return resolve();
        waits.add(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      }),
  };
  return {
    clock,
    tick: async () => {
      for (const wake of waits) wake();
      waits.clear();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

const response = () => new ServerResponse(new IncomingMessage(new Socket()));

describe('a stream', () => {
  it('ends at the next keep-alive after its token was revoked', async () => {
    const { clock, tick } = manualClock();
    const streams = eventStreams(clock);
    let allowed = true;
    const { signal } = streams.open(response(), () => allowed);
    await tick();
    expect([signal.aborted, streams.count()]).toEqual([false, 1]);
    allowed = false;
    await tick();
    expect([signal.aborted, streams.count()]).toEqual([true, 0]);
  });

  it('is dropped when its reader does not read, so that it holds a few megabytes at most', () => {
    const streams = eventStreams(manualClock().clock);
    const held = response();
    const listener = streams.open(held, () => true);
    const data = 'x'.repeat(1024 * 1024);
    for (let count = 0; count < 100; count += 1) listener.send({ event: 'e', data });
    expect([listener.signal.aborted, streams.count()]).toEqual([true, 0]);
    expect(held.writableLength).toBeLessThan(8 * 1024 * 1024);
  });

  it('cannot be opened while the hub stops', () => {
    const streams = eventStreams(manualClock().clock);
    const { signal } = streams.open(response(), () => true);
    streams.close();
    expect(signal.aborted).toBe(true);
    expect(() => streams.open(response(), () => true)).toThrow('this hub stops');
  });
});

describe('changes of the fleet', () => {
  function fleet() {
    let changed: () => void = () => undefined;
    const state = { source: 1, ageMs: 0, applications: ['web'], phase: 'progressing' };
    const reader: FleetReader = {
      fleet: () => ({ source: { fetchedAtMs: state.source, ageMs: state.ageMs } }) as FleetView,
      clusters: () => [
        { name: 'east', status: { ageMs: state.ageMs, stale: state.ageMs > 15 } } as unknown as ClusterView,
      ],
      applications: () => state.applications.map((name) => ({ name }) as ApplicationView),
      application: () => undefined,
      rollouts: () => [{ id: 'web-1', application: 'web', phase: state.phase } as RolloutView],
      drift: () => [],
      onChange: (listener) => (changed = listener),
    };
    return { reader, state, ring: () => changed() };
  }

  it('tell what differs and nothing else, and what is gone', async () => {
    const { clock, tick } = manualClock();
    const { reader, state, ring } = fleet();
    const changes = fleetChanges(reader, clock);
    const told: FleetItem[] = [];
    const stopping = new AbortController();
    const running = changes.run(stopping.signal);
    changes.listen((item) => told.push(item), stopping.signal);
    expect(changes.snapshot().map(({ event, name }) => `${event} ${name}`)).toEqual([
      'fleet fleet',
      'cluster east',
      'application web',
      'rollout web-1',
    ]);

    // Only ages differ.
    state.source = 2;
    state.ageMs = 10;
    ring();
    await tick();
    await tick();
    expect(told).toEqual([]);

    // Time alone makes a status stale; nobody has to ring for that.
    state.ageMs = 20;
    await tick();
    await tick();
    expect(told.map(({ event }) => event)).toEqual(['cluster']);

    state.phase = 'completed';
    state.applications = [];
    ring();
    await tick();
    await tick();
    expect(told.slice(1).map(({ event, data }) => [event, data])).toEqual([
      ['rollout', expect.objectContaining({ phase: 'completed' })],
      ['gone', { kind: 'application', name: 'web' }],
    ]);
    stopping.abort();
    await running;
  });

  it('cost nothing while nobody listens', async () => {
    const { clock, tick } = manualClock();
    const { reader, ring } = fleet();
    let made = 0;
    const counted = { ...reader, fleet: () => ((made += 1), reader.fleet()) };
    const stopping = new AbortController();
    const running = fleetChanges(counted, clock).run(stopping.signal);
    for (let count = 0; count < 5; count += 1) {
      ring();
      await tick();
    }
    expect(made).toBe(0);
    stopping.abort();
    await running;
  });
});
