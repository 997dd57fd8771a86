import { expect, it } from 'vitest';
import { runChaos } from './run-chaos.ts';

// Ten minutes for a run that takes a quarter of one: the machine may be busy.
it('agent processes that are killed again and again leave no orphan, run no hook twice and come to what git says', async () => {
  const report = await runChaos({
    kills: 8,
    seed: 11,
    every: 4,
    signal: new AbortController().signal,
    progress: () => undefined,
  });
  expect(report.mistakes).toEqual([]);
  expect(report).toMatchObject({ seed: 11, kills: 8, looks: 3 });
  expect(report.killsAtCalls).toBeGreaterThan(0);
  expect(report.hookRuns).toBeGreaterThan(0);
}, 600_000);
