import { expect, test } from 'vitest';
import { runSeeds } from './workers.ts';

/** `npm run simulate` lives through as many as it is told to. */
const seeds = 500;

test(`${seeds} fleets with faults keep every invariant and come right in the end`, async () => {
  const wrong = await runSeeds({ from: 1, to: seeds + 1, workers: 2 });
  const { invariant, message } = wrong?.violation ?? {};
  expect(wrong && `${invariant}: ${message}; npm run simulate -- --seed ${wrong.seed}`).toBeUndefined();
});
