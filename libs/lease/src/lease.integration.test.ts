import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '@meridian/runtime';
import { startRedis, startTcpProxy, tempDir } from '@meridian/testkit';
import type { RedisServer, TempDir } from '@meridian/testkit';
import { elect, holdLease, openLease } from './index.ts';
import type { Lease } from './index.ts';

let dir: TempDir;
let redis: RedisServer;
let admin: Redis;
let leases: Lease[];

beforeEach(async () => {
  dir = await tempDir('lease');
  redis = await startRedis({ dir: dir.path });
  admin = new Redis(redis.url);
  admin.on('error', () => undefined);
  leases = [];
});
afterEach(async () => {
  for (const lease of leases) await lease.close();
  admin.disconnect();
  await redis.stop();
  await dir[Symbol.asyncDispose]();
});

const soon = () => AbortSignal.timeout(15_000);

async function open(holder: string, options: { url?: string } = {}): Promise<Lease> {
  const lease = openLease({
    redisUrl: options.url ?? redis.url,
    key: 'main',
    holder,
    ttlMs: 1_500,
    renewMs: 200,
    clock: systemClock,
  });
  leases.push(lease);
  return lease;
}

test('only one holder has the lock, and releasing hands it over with a greater term', async () => {
  const [one, two] = [await open('hub-1'), await open('hub-2')];
  expect(await one.acquire(soon())).toEqual({ term: 1 });
  expect(await two.acquire(soon())).toBeUndefined();
  expect(await one.renew()).toBe('held');
  expect(await two.renew()).toBe('lost');
  await two.release();
  expect(await one.renew()).toBe('held');
  await one.release();
  expect(await two.acquire(soon())).toEqual({ term: 2 });
});

test('the first try of a replica that has just started waits for its connection, and no longer than for an answer', async () => {
  const lease = await open('hub-1');
  expect(await lease.acquire(soon())).toEqual({ term: 1 });
  await using silent = await startTcpProxy({ port: redis.port });
  silent.fault('up', { kind: 'drop' });
  const cutOff = await open('hub-2', { url: `redis://127.0.0.1:${silent.port}` });
  const startedMs = systemClock.monotonicMs();
  await expect(cutOff.acquire(soon())).rejects.toMatchObject({ name: 'FaultError' });
  expect(systemClock.monotonicMs() - startedMs).toBeLessThan(2_500);
});

test('a lock that is not renewed goes to the next candidate with a greater term, and the old holder sees it', async () => {
  const [one, two] = [await open('hub-1'), await open('hub-2')];
  await one.acquire(soon());
  expect(one.deadlineMs()).toBeGreaterThan(systemClock.monotonicMs());
  await expect.poll(() => two.acquire(soon()), { timeout: 10_000 }).toEqual({ term: 2 });
  // The holder counts from before it asked, so it gives up before Redis does.
  expect(one.deadlineMs()).toBeLessThan(systemClock.monotonicMs());
  expect(await one.renew()).toBe('lost');
  expect(one.deadlineMs()).toBe(0);
});

test('renewals keep the lock past its ttl, also when Redis forgot the scripts', async () => {
  const [one, two] = [await open('hub-1'), await open('hub-2')];
  await one.acquire(soon());
  const firstDeadlineMs = one.deadlineMs();
  while (systemClock.monotonicMs() <= firstDeadlineMs) {
    await admin.script('FLUSH');
    expect(await one.renew()).toBe('held');
  }
  expect(await two.acquire(soon())).toBeUndefined();
});

test('a Redis that was emptied counts from 1 again, which is why the ledger has the last word', async () => {
  const lease = await open('hub-1');
  for (let term = 1; term <= 3; term++) {
    expect(await lease.acquire(soon())).toEqual({ term });
    await lease.release();
  }
  await lease.acquire(soon());
  await admin.flushall();
  expect(await lease.renew()).toBe('lost');
  expect(await lease.acquire(soon())).toEqual({ term: 1 });
});

test('a poisoned lock or term does not stop elections for ever', async () => {
  const lease = await open('hub-1');
  await admin.set('meridian:{main}:lock', 'attacker');
  await admin.set('meridian:{main}:term', '9223372036854775807');
  expect(await lease.acquire(soon())).toEqual({ term: 1 });
  await lease.release();
  await admin.set('meridian:{main}:lock', 'attacker', 'PX', 86_400_000);
  await admin.del('meridian:{main}:term');
  await admin.lpush('meridian:{main}:term', 'x');
  expect(await lease.acquire(soon())).toEqual({ term: 1 });
  await admin.del('meridian:{main}:lock');
  await admin.lpush('meridian:{main}:lock', 'x');
  expect(await lease.renew()).toBe('lost');
});

test.each(['killed', 'paused', 'half open'])(
  'a Redis that is %s is unreachable in bounded time and found again',
  async (how) => {
    await using proxy = await startTcpProxy({ port: redis.port });
    const lease = await open('hub-1', { url: `redis://127.0.0.1:${proxy.port}` });
    await lease.acquire(soon());
    if (how === 'killed') await redis.kill();
    if (how === 'paused') redis.pause();
    if (how === 'half open') proxy.fault('down', { kind: 'drop' });
    expect(await lease.renew()).toBe('unreachable');
    await expect(lease.acquire(soon())).rejects.toMatchObject({ name: 'FaultError', retry: 'later' });
    if (how === 'killed') await redis.start();
    if (how === 'paused') redis.resume();
    proxy.heal();
    await expect.poll(() => lease.renew(), { timeout: 10_000, interval: 200 }).not.toBe('unreachable');
  },
);

test('holding tells of loss once and ends', async () => {
  const lease = await open('hub-1');
  await lease.acquire(soon());
  const seen: string[] = [];
  for await (const state of holdLease(lease, { clock: systemClock, signal: soon() })) {
    seen.push(state);
    if (seen.length === 2) await admin.del('meridian:{main}:lock');
  }
  expect(seen).toEqual(['held', 'held', 'lost']);
});

test('candidates lead one after the other, never two at once', async () => {
  const stop = new AbortController();
  const candidates = [await open('hub-1'), await open('hub-2'), await open('hub-3')];
  const terms: number[] = [];
  let leading = 0;
  let most = 0;
  const elections = candidates.map((lease) =>
    elect({
      lease,
      clock: systemClock,
      signal: stop.signal,
      async onLeading({ term }) {
        terms.push(term);
        most = Math.max(most, ++leading);
        const deadlineMs = lease.deadlineMs();
        await vi.waitFor(() => expect(lease.deadlineMs(), 'renewed').toBeGreaterThan(deadlineMs), 10_000);
        leading--;
        if (terms.length >= 5) stop.abort();
      },
    }),
  );
  await Promise.all(elections);
  expect(most).toBe(1);
  expect(terms).toEqual([...terms].sort((a, b) => a - b));
  expect(new Set(terms).size).toBe(terms.length);
});

test('an incumbent goes on when Redis is gone, and stops when it is back without the lock', async () => {
  const lease = await open('hub-1');
  const stop = new AbortController();
  const states: string[] = [];
  const election = elect({
    lease,
    clock: systemClock,
    signal: stop.signal,
    async onLeading({ signal, state }) {
      await redis.kill();
      await expect.poll(state, { timeout: 5_000 }).toBe('unreachable');
      states.push(`gone, aborted: ${signal.aborted}`);
      await redis.start();
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      states.push(`back: ${state()}`);
      stop.abort();
    },
  });
  await election;
  expect(states).toEqual(['gone, aborted: false', 'back: lost']);
});

test('a candidate leads without the lock only when it is told that nobody else does', async () => {
  const lease = await open('hub-1');
  await redis.kill();
  const stop = new AbortController();
  const answers = [false, false, true];
  const terms: number[] = [];
  await elect({
    lease,
    clock: systemClock,
    signal: stop.signal,
    mayLeadWithoutLock: async () => answers.shift() ?? false,
    async onLeading({ term }) {
      terms.push(term);
      stop.abort();
    },
  });
  expect(terms).toEqual([0]);
  expect(answers).toEqual([]);
});
