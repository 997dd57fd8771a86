import { expect, test } from 'vitest';
import { focuses } from './focuses.ts';
import { runSeeds } from './workers.ts';

/** `npm run simulate` lives through as many as it is told to. */
const seeds = 500;
const seedsOfFocus = 60;

/** The first fleet that breaks an invariant, as a person can replay it. */
async function firstWrong(count: number, focus?: string): Promise<string | undefined> {
  const wrong = await runSeeds({ from: 1, to: count + 1, workers: 2, ...(focus ? { focus } : {}) });
  if (!wrong?.violation) return undefined;
  const { invariant, message } = wrong.violation;
  return `${invariant}: ${message}; npm run simulate -- --seed ${wrong.seed}${focus ? ` --focus '${focus}'` : ''}`;
}

test(`${seeds} fleets with faults keep every invariant and come right in the end`, async () => {
  expect(await firstWrong(seeds)).toBeUndefined();
});

test.each(focuses)('so do fleets that are mostly about $name', async ({ name }) => {
  expect(await firstWrong(seedsOfFocus, name)).toBeUndefined();
});
