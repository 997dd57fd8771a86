import { createRandom } from '../../simulation/random.ts';
import type { Random } from '../../simulation/random.ts';
import { agentFaults } from './agent-faults.ts';
import type { Fault } from './fault.ts';
import { gitFaults } from './git-faults.ts';
import { hubFaults } from './hub-faults.ts';
import { networkFaults } from './network-faults.ts';
import { operatorFaults } from './operators.ts';
import { storeFaults } from './store-faults.ts';

/** Every kind of fault. To add one, add it to its list. */
export const allFaults: readonly Fault[] = [
  ...hubFaults,
  ...storeFaults,
  ...networkFaults,
  ...agentFaults,
  ...gitFaults,
  ...operatorFaults,
];

/** One fault to come, with the randomness by which it chooses whom it strikes and for how long. */
export interface Planned {
  readonly fault: Fault;
  readonly random: Random;
}

/** The faults of a seed, without end: each once, in random order, and then all of them again in another. */
export function* plannedFaults(seed: number, kinds: readonly Fault[] = allFaults): Generator<Planned, never> {
  const random = createRandom(seed);
  for (;;) {
    const left = [...kinds];
    while (left.length > 0) {
      const [fault] = left.splice(random.whole(0, left.length - 1), 1);
      if (fault) yield { fault, random: random.fork() };
    }
  }
}
