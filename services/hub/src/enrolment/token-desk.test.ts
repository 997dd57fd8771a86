import type { FleetEvent } from '@meridian/fleet';
import { createTelemetry } from '@meridian/telemetry';
import { describe, expect, it } from 'vitest';
import { createTokenDesk } from './token-desk.ts';

const startMs = 1_000_000;
const minuteMs = 60_000;

/** Two replicas with one book. */
function twoHubs() {
  const notes = new Map<string, { value: unknown; sequence: number }>();
  let sequence = 0;
  let nowMs = startMs;
  const told: FleetEvent[] = [];
  const book = {
    read: async (cluster: string) => notes.get(cluster) ?? { value: undefined, sequence: 0 },
    write: async (cluster: string, value: unknown, at: number) => {
      if ((notes.get(cluster)?.sequence ?? 0) !== at) return false;
      sequence += 1;
      notes.set(cluster, { value: JSON.parse(JSON.stringify(value)) as unknown, sequence });
      return true;
    },
  };
  const { log } = createTelemetry({ service: 'test', instance: 'test', logLevel: 'error' });
  const hub = () =>
    createTokenDesk({
      book,
      events: { publish: async (event) => void told.push(event) },
      clusters: () => ['east', 'west'],
      clock: { nowMs: () => nowMs, monotonicMs: () => nowMs, wait: async () => undefined },
      log,
    });
  return { one: hub(), other: hub(), notes, told, after: (ms: number) => (nowMs = startMs + ms) };
}

const request = Buffer.from('a request');
const make = (hub: ReturnType<typeof createTokenDesk>, cluster = 'east') =>
  hub.make({ cluster, forMs: 30 * minuteMs, author: 'lena' });

describe('tokens', () => {
  it('are good once, at any replica, and again for the very same request whose answer was lost', async () => {
    const { one, other } = twoHubs();
    const { token } = await make(one);
    const ask = { cluster: 'east', token, request };
    expect(await other.take(ask)).toEqual({ ok: true });
    expect(await one.take(ask)).toEqual({ ok: true });
    expect(await one.take({ ...ask, request: Buffer.from('another') })).toEqual({
      ok: false,
      reason: 'the token was used already',
    });
  });

  it('are taken by one of many requests at the same moment', async () => {
    const { one, other } = twoHubs();
    const { token } = await make(one);
    const takes = Array.from({ length: 20 }, (_, at) =>
      (at % 2 === 0 ? one : other).take({ cluster: 'east', token, request: Buffer.from(`${at}`) }),
    );
    const ended = await Promise.all(takes);
    expect(ended.filter(({ ok }) => ok)).toHaveLength(1);
  });

  it('are for their cluster only, and end', async () => {
    const { one, after } = twoHubs();
    const { token, expiresAtMs } = await make(one);
    await make(one, 'west');
    expect(expiresAtMs).toBe(startMs + 30 * minuteMs);
    expect(await one.take({ cluster: 'west', token, request })).toMatchObject({ ok: false });
    expect(await one.take({ cluster: 'north', token, request })).toMatchObject({ ok: false });
    after(30 * minuteMs);
    expect(await one.take({ cluster: 'east', token, request })).toEqual({
      ok: false,
      reason: 'the token has expired',
    });
  });

  it('replace an earlier one of the cluster', async () => {
    const { one } = twoHubs();
    const first = await make(one);
    const second = await make(one);
    expect(await one.take({ cluster: 'east', token: first.token, request })).toMatchObject({ ok: false });
    expect(await one.take({ cluster: 'east', token: second.token, request })).toEqual({ ok: true });
  });

  it('are kept as a hash, and told of with who made them', async () => {
    const { one, notes, told } = twoHubs();
    const { token } = await make(one);
    expect(token).toMatch(/^enrol_[\w-]{43}$/);
    expect(JSON.stringify([...notes, told])).not.toContain(token.slice(6));
    expect(told).toMatchObject([{ type: 'enrolment.allowed', cluster: 'east' }]);
    expect(told[0]?.message).toContain('lena made a token for the agent of east');
  });

  it('are not made for a cluster that the fleet does not have', async () => {
    const { one } = twoHubs();
    await expect(make(one, 'north')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('are refused when what is kept cannot be read', async () => {
    const { one, notes } = twoHubs();
    const { token } = await make(one);
    for (const value of [undefined, null, 'x', { hash: 'zz', expiresAtMs: Infinity, author: '' }]) {
      notes.set('east', { value, sequence: 5 });
      expect(await one.take({ cluster: 'east', token, request })).toMatchObject({ ok: false });
    }
  });
});
