import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { focuses } from './focuses.ts';
import { runSeeds } from './workers.ts';

/** `npm run simulate` lives through as many as it is told to; this through others than these for whoever asks for it. */
const seeds = Number(process.env['MERIDIAN_SIMULATED_SEEDS'] ?? 20_000);
const seedsAtOnce = 1_000;
const seedsOfFocus = 60;
if (!Number.isSafeInteger(seeds) || seeds < 1)
  throw new TypeError('MERIDIAN_SIMULATED_SEEDS has to be a number of fleets, at least 1');

/** The first fleet of some seeds that breaks an invariant, as a person can replay it. */
async function firstWrong(from: number, to: number, focus?: string): Promise<string | undefined> {
  const workers = availableParallelism();
  const wrong = await runSeeds({ from, to: to + 1, workers, ...(focus ? { focus } : {}) });
  if (!wrong?.violation) return undefined;
  const { invariant, message } = wrong.violation;
  return `${invariant}: ${message}; npm run simulate -- --seed ${wrong.seed}${focus ? ` --focus '${focus}'` : ''}`;
}

/** In parts, so that it is seen how far they are and each part tells of its first. */
const parts = Array.from({ length: Math.ceil(seeds / seedsAtOnce) }, (_, at) => ({
  from: at * seedsAtOnce + 1,
  to: Math.min(seeds, (at + 1) * seedsAtOnce),
}));

test.each(parts)(
  'fleets $from to $to with faults keep every invariant and come right in the end',
  async ({ from, to }) => {
    expect(await firstWrong(from, to)).toBeUndefined();
  },
);

test.each(focuses)('so do fleets that are mostly about $name', async ({ name }) => {
  expect(await firstWrong(1, seedsOfFocus, name)).toBeUndefined();
});
