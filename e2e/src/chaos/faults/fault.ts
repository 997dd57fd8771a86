import { systemClock } from '@meridian/runtime';
import type { LedgerFact } from '../audit/facts.ts';
import type { Random } from '../../simulation/random.ts';
import type { Author } from '../rig/author.ts';
import type { Rig, RigAgent, RigHub } from '../rig/rig.ts';
import type { Witness } from '../witness/witness.ts';

/** What a fault acts on. */
export interface Scene {
  readonly rig: Rig;
  readonly witness: Witness;
  readonly author: Author;
  readonly random: Random;
  /** Notes that the run itself takes the ledger away or puts an older one back. */
  readonly noteLoss: () => void;
  /** Notes a command that a hub has acknowledged and that is recorded whatever was so before: a hold. */
  readonly noteAcknowledged: (reason: string) => void;
  /** Notes a broken promise that the fault itself has seen. */
  readonly noteMishap: (invariant: string, message: string) => void;
  readonly signal: AbortSignal;
}

/** How long something took until it was well again, beside what is promised. */
export interface Measure {
  readonly what: string;
  readonly ms: number;
  readonly goalMs: number;
}

/** One kind of fault. `strike` makes it, measures, and returns when it is over. */
export interface Fault {
  readonly kind: string;
  /** Its row in the table of faults that the design names, F1 to F23. */
  readonly row: string;
  /** Within what time every cluster has a new commit, once the fault is over. */
  readonly convergeGoalMs: number;
  /** Why it cannot be made here; absent when it always can. */
  readonly whyNot?: (rig: Rig) => string | undefined;
  readonly strike: (scene: Scene) => Promise<Measure[]>;
}

/** What a cluster is promised after a cut. */
export const convergeGoalMs = 35_000;
/** No wait is longer; what takes that long is a violation of its own. */
export const longestWaitMs = 120_000;

/** Waits until a probe gives true; gives how long that took, a little more than `mostMs` when it never does. */
export async function timed(
  { signal }: Pick<Scene, 'signal'>,
  probe: () => boolean | Promise<boolean>,
  sinceMs = performance.now(),
  mostMs = longestWaitMs,
): Promise<number> {
  for (;;) {
    const isWell = await Promise.resolve(probe()).catch(() => false);
    const ms = performance.now() - sinceMs;
    signal.throwIfAborted();
    if (isWell || ms > mostMs) return ms;
    await systemClock.wait(25, signal);
  }
}

/** Waits some whole milliseconds between `low` and `high`. */
export function pause({ random, signal }: Scene, low: number, high: number): Promise<void> {
  return systemClock.wait(random.whole(low, high), signal);
}

/** How long it takes from now until the ledger gets a message that `accept` takes. */
export async function nextWrite(
  scene: Scene,
  goalMs: number,
  accept: (fact: LedgerFact) => boolean = () => true,
): Promise<Measure> {
  const sinceMs = Date.now();
  const from = scene.witness.ledger.length;
  const ms = await timed(scene, () =>
    scene.witness.ledger
      .slice(from)
      .some((fact) => fact.body.kind !== 'seal' && fact.atMs > sinceMs && accept(fact)),
  );
  return { what: 'ledger written again', ms, goalMs };
}

/** The hub that leads now, or any while nobody does. */
export function leader({ rig, witness, random }: Scene): RigHub {
  return rig.hubs.find(({ name }) => name === witness.leader()) ?? random.pick(rig.hubs);
}

/** Any of the agents. */
export function anyAgent({ rig, random }: Scene): RigAgent {
  return random.pick(rig.agents);
}
