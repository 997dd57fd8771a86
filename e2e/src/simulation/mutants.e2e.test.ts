import { expect, test } from 'vitest';
import { huntMutants, isAsExpected } from './hunt.ts';
import { readKnownSeeds } from './known-seeds.ts';
import { mutants } from './mutant-table.ts';

/** One for each part of the product that worlds are told of; `npm run mutants` hunts all of them. */
const some = [
  'a claim takes any answer for its own',
  'agents take a lower generation',
  'a report of another release counts',
  'a rollout that is paused goes on',
  'who promotes skips gates',
  'an agent takes NaN for zero',
  'a Job that failed is as good as one that completed',
  'what an application depends on need not have completed',
];

test.each(some)('a fleet shows it when %s', async (name) => {
  const chosen = mutants.filter((mutant) => mutant.name === name);
  const options = { mutants: chosen, seeds: 200, known: readKnownSeeds(), workers: 1 };
  const [caught] = await huntMutants({ ...options, caught: () => undefined });
  expect(caught).toMatchObject({ name, seed: expect.any(Number) as number });
});

test('a mutant whose thread ends is not taken for caught', async () => {
  const unknown = { name: 'no mutant of the table', patches: [] };
  const options = { mutants: [unknown], seeds: 1, known: {}, workers: 1 };
  const [caught] = await huntMutants({ ...options, caught: () => undefined });
  expect(caught).toMatchObject({
    seed: undefined,
    how: expect.stringMatching(/^the thread ended: /) as string,
  });
  expect(caught && isAsExpected(caught)).toBe(false);
});
