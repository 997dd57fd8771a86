import { diceOf } from '../dice.ts';
import { objectPath } from '../objects.ts';
import type { Sample } from '../objects.ts';
import { richObjects } from '../rich-objects.ts';
import type { ContractCase, Session } from '../session.ts';
import { mutateAtRandom } from './mutations.ts';

const createsPerKind = 8;
const updatesPerKind = 4;

function creating(sample: Sample, seed: number): ContractCase {
  return {
    title: `random: ${sample.kind} created with mistakes, seed ${String(seed)}`,
    async run(session: Session) {
      const object = sample.make(session.namespace);
      mutateAtRandom(object, diceOf(seed));
      await session.ask('POST', sample.path, object);
    },
  };
}

function updating(sample: Sample, seed: number): ContractCase {
  return {
    title: `random: ${sample.kind} replaced with mistakes, seed ${String(seed)}`,
    async run(session: Session) {
      const made = await session.prepare('POST', sample.path, sample.make(session.namespace));
      mutateAtRandom(made.body, diceOf(seed));
      await session.ask('PUT', objectPath(sample, made.body), made.body);
    },
  };
}

/** Rich objects of the kinds that make no pods, with one to three random mistakes, one case per seed. */
export const generatedObjectCases: readonly ContractCase[] = richObjects.flatMap((sample, index) => [
  {
    title: `random: ${sample.kind} without mistakes`,
    run: async (session: Session) => void (await session.ask('POST', sample.path, sample.make(session.namespace))),
  },
  ...Array.from({ length: createsPerKind }, (_, number) => creating(sample, 30_000 + index * 100 + number)),
  ...Array.from({ length: updatesPerKind }, (_, number) => updating(sample, 40_000 + index * 100 + number)),
]);
