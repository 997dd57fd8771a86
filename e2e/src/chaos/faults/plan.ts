import { createRandom } from '../../simulation/random.ts';
import type { Random } from '../../simulation/random.ts';
import { agentFaults } from './agent-faults.ts';
import type { Fault } from './fault.ts';
import { gitFaults } from './git-faults.ts';
import { hubFaults } from './hub-faults.ts';
import { metricFaults } from './metric-faults.ts';
import { natsServerFaults } from './nats-server-faults.ts';
import { networkFaults } from './network-faults.ts';
import { operatorFaults } from './operators.ts';
import { storeFaults } from './store-faults.ts';

/** Every kind of fault. To add one, add it to its list. */
export const allFaults: readonly Fault[] = [
  ...hubFaults,
  ...storeFaults,
  ...natsServerFaults,
  ...networkFaults,
  ...agentFaults,
  ...gitFaults,
  ...metricFaults,
  ...operatorFaults,
];

/**
 * The faults that a list with commas names, each by its row, such as `F7`, or by a part of its kind; all of them when it is empty.
 * Undefined when a name is of none.
 */
export function faultsNamed(
  names: string,
  kinds: readonly Fault[] = allFaults,
): readonly Fault[] | undefined {
  const wanted = names
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const isOf = (name: string, { kind, row }: Fault) => row === name || kind.includes(name);
  if (!wanted.every((name) => kinds.some((fault) => isOf(name, fault)))) return undefined;
  return wanted.length === 0 ? kinds : kinds.filter((fault) => wanted.some((name) => isOf(name, fault)));
}

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
