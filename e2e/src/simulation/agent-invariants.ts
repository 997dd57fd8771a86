import type { AgentWitness } from './agent.ts';
import type { SimulatedCluster } from './cluster.ts';
import type { Assignment } from '@meridian/fleet';
import { keyOfAssignment } from './history.ts';
import type { History } from './history.ts';

/** What agents hold, across their restarts, and what may become of it. */
export class AgentInvariants implements AgentWitness {
  readonly #history: History;
  readonly #broken: (invariant: string, message: string) => void;
  readonly #held = new Map<string, Assignment>();
  readonly #removed = new Map<string, number>();

  constructor(history: History, broken: (invariant: string, message: string) => void) {
    this.#history = history;
    this.#broken = broken;
  }

  accepted({ name, disk, secrets }: SimulatedCluster, assignment: Assignment): void {
    const { application, generation } = assignment;
    const key = `${name}/${application}`;
    const before = this.#held.get(key);
    const what = `${application} in ${name}, generation ${generation} of term ${assignment.term},`;
    if (!this.#history.everStored.has(keyOfAssignment(assignment)))
      this.#broken('I4 applied what is in the ledger', `${what} was never in the ledger`);
    const back = before && goesBack(assignment, before);
    if (back !== undefined) this.#broken('I3 agents never go back', `${what} ${back}`);
    const isKept = [disk, secrets].some((place) => place.get(application)?.mark.generation === generation);
    if (!isKept) this.#broken('kept before applied', `${what} is nowhere kept`);
    const isOther = before?.generation !== generation || before.release !== assignment.release;
    if (isOther) this.#removed.set(key, 0);
    this.#held.set(key, assignment);
  }

  applied({ name }: SimulatedCluster, application: string, id: string): void {
    const held = this.#held.get(`${name}/${application}`);
    const bundle = held?.bundle === undefined ? undefined : this.#history.repo.bundles.get(held.bundle);
    if (!bundle?.keys.includes(id))
      this.#broken('I4 applied what is in the ledger', `${id} in ${name} is in no bundle that is held`);
  }

  removed(cluster: SimulatedCluster, application: string, id: string): void {
    const key = `${cluster.name}/${application}`;
    const held = this.#held.get(key);
    const what = `${id} in ${cluster.name}`;
    if (!held) return this.#broken('I7 deleted what may go', `${what} went although nothing is held`);
    const bundle = held.bundle === undefined ? undefined : this.#history.repo.bundles.get(held.bundle);
    if (bundle?.keys.includes(id))
      this.#broken('I7 deleted what may go', `${what} went and its bundle has it`);
    const isOwn = [cluster.disk, cluster.secrets].some((place) =>
      place.get(application)?.inventory.some((entry) => id.includes(entry.name)),
    );
    if (!isOwn) this.#broken('I7 deleted what may go', `${what} went and is in no inventory`);
    const removed = (this.#removed.get(key) ?? 0) + 1;
    this.#removed.set(key, removed);
    if (removed > held.allowedDeletions)
      this.#broken(
        'I7 deleted no more than allowed',
        `${what} is the ${removed}. of ${held.allowedDeletions} deletions at generation ${held.generation}`,
      );
  }
}

/** How an assignment stands before the one that was held; undefined when it does not. */
function goesBack({ generation, term, incarnation }: Assignment, before: Assignment): string | undefined {
  if (generation < before.generation || term < before.term)
    return `came after generation ${before.generation} of term ${before.term}`;
  const isOther = incarnation !== before.incarnation && term <= before.term;
  return isOther ? 'is of another ledger without a later term' : undefined;
}
