import { expect, test } from 'vitest';
import { changes } from '../simulation/author.ts';
import { faults } from '../simulation/faults.ts';
import { focuses } from '../simulation/focuses.ts';
import { mutants } from '../simulation/mutant-table.ts';
import { verbs } from '../simulation/operators.ts';
import { patched, sourcesOf } from '../simulation/patching.ts';
import { createRandom } from '../simulation/random.ts';
import { Schedule } from '../simulation/schedule.ts';
import { runSeeds } from '../simulation/workers.ts';
import type { Outcome } from '../simulation/world.ts';

async function tracesOf(from: number, to: number): Promise<readonly string[]> {
  const outcomes: Outcome[] = [];
  await runSeeds({ from, to, workers: 1, progress: (more) => void outcomes.push(...more) });
  return outcomes.map(({ trace, events }) => `${trace} after ${events}`);
}

test('a seed gives the same world again, in another thread and after other worlds', async () => {
  const together = await tracesOf(11, 15);
  expect(together).toHaveLength(4);
  expect(new Set(together).size).toBe(4);
  expect(await tracesOf(14, 15)).toEqual(together.slice(3));
});

test('fifty fleets with faults keep every invariant and come right in the end', async () => {
  const wrong = await runSeeds({ from: 1, to: 51, workers: 2 });
  expect(wrong && `npm run simulate -- --seed ${wrong.seed}: ${wrong.violation?.message}`).toBeUndefined();
}, 300_000);

test('a defect in the fence is seen by the first worlds', async () => {
  const wrong = await runSeeds({ from: 1, to: 26, workers: 1, mutant: 'writes are not fenced' });
  expect(wrong?.violation?.invariant).toMatch(/^I[12] /);
});

test('every mutant still finds the text that it changes, and there are at least fifteen', () => {
  for (const mutant of mutants) expect(sourcesOf(mutant).size).toBeGreaterThan(0);
  expect(mutants.length).toBeGreaterThanOrEqual(15);
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
});

test('whatever a focus names is there', () => {
  const namesOf = (all: readonly { readonly name: string }[]) => all.map(({ name }) => name);
  for (const focus of focuses) {
    expect(namesOf(faults)).toEqual(expect.arrayContaining([...focus.faults]));
    expect(namesOf(changes)).toEqual(expect.arrayContaining([...focus.changes]));
    expect(namesOf(verbs)).toEqual(expect.arrayContaining([...focus.verbs]));
  }
  const named = mutants.flatMap(({ focus }) => focus ?? []);
  expect(namesOf(focuses)).toEqual(expect.arrayContaining(named));
});

test('a mutant whose text is gone, or is there twice, is refused by name of its file', () => {
  const patch = { file: 'some.ts', from: 'a', to: 'b' };
  expect(patched('xay', patch)).toBe('xby');
  expect(() => patched('xy', patch)).toThrow('some.ts has the text of a mutant 0 times');
  expect(() => patched('aa', patch)).toThrow('2 times');
});

test('what is planned happens in the order of time, and of planning at the same time', async () => {
  const random = createRandom(7);
  const schedule = new Schedule();
  const planned = Array.from({ length: 300 }, (_, order) => ({ atMs: random.whole(0, 40), order }));
  const seen: typeof planned = [];
  for (const one of planned) schedule.after(one.atMs, undefined, () => void seen.push(one));
  await schedule.run(() => false);
  expect(seen).toEqual(planned.toSorted((left, right) => left.atMs - right.atMs || left.order - right.order));
});
