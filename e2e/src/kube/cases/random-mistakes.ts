import { diceOf } from '../dice.ts';
import { objectPath } from '../objects.ts';
import type { Sample } from '../objects.ts';
import type { ContractCase, Session } from '../session.ts';
import { mutateAtRandom } from './mutations.ts';

/** How many cases of each kind, and the seeds of the first of each; the next kind's are a hundred further on. */
export interface MistakeCounts {
  readonly creates: number;
  readonly createSeed: number;
  readonly updates: number;
  readonly updateSeed: number;
}

/** Rich objects of some kinds: as they are, and created and replaced with one to three random mistakes, one case per seed. */
export function casesWithMistakes(samples: readonly Sample[], counts: MistakeCounts): ContractCase[] {
  const { creates, createSeed, updates, updateSeed } = counts;
  return samples.flatMap((sample, index) => [
    {
      title: `random: ${sample.kind} without mistakes`,
      run: async (session: Session) =>
        void (await session.ask('POST', sample.path, sample.make(session.namespace))),
    },
    ...Array.from({ length: creates }, (_, number) => creating(sample, createSeed + index * 100 + number)),
    ...Array.from({ length: updates }, (_, number) => updating(sample, updateSeed + index * 100 + number)),
  ]);
}

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
