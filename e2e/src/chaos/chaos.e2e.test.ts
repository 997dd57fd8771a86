import { expect, test } from 'vitest';
import { allFaults } from './faults/plan.ts';
import { runChaos } from './run-chaos.ts';

/** Short ones, one for each of hub, NATS, Redis, agent, network and people. */
const kinds = [
  'leader killed',
  'nats killed',
  'redis emptied',
  'agents killed',
  'leader cut from Redis',
  'operators during a failover',
];
const seed = 7;

test('a fleet that is struck by faults while commits are made breaks no promise, by the word of its own raw stream', async () => {
  const faults = allFaults.filter(({ kind }) => kinds.includes(kind));
  expect(faults.length).toBe(kinds.length);
  const report = await runChaos({
    ...{ seed, faults, hubs: 3, clusters: 4, natsServers: 1, most: kinds.length, durationMs: 600_000 },
    signal: new AbortController().signal,
    progress: () => undefined,
  });
  expect(report.violations).toEqual([]);
  expect(report.struck.map(({ kind }) => kind).sort()).toEqual([...kinds].sort());
  expect(report.assignments).toBeGreaterThan(20);
}, 900_000);
