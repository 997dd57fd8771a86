import { mutants } from './mutant-table.ts';
import type { Mutant } from './mutant.ts';
import { sourcesOf } from './patching.ts';
import { runSeeds } from './workers.ts';

/** What became of a mutant. */
export interface Caught {
  readonly name: string;
  /** Seeds until it was caught; undefined when none of them caught it. */
  readonly seeds: number | undefined;
  /** The invariant that it broke, or how it ended otherwise. */
  readonly invariant: string;
  readonly equivalent: string | undefined;
}

/** How mutants are hunted. */
export interface HuntOptions {
  /** Most seeds for each. */
  readonly seeds: number;
  readonly workers: number;
  /** Only those whose name contains this. */
  readonly only?: string;
  readonly signal?: AbortSignal;
  readonly caught: (one: Caught) => void;
}

/** Puts one mutant after the other into worlds until one of them is wrong. Throws when a source has not the text to patch. */
export async function huntMutants(options: HuntOptions): Promise<readonly Caught[]> {
  const chosen = mutants.filter(({ name }) => name.includes(options.only ?? ''));
  for (const mutant of chosen) sourcesOf(mutant);
  const all: Caught[] = [];
  const waiting = [...chosen];
  const hunter = async () => {
    for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
      if (options.signal?.aborted === true) return;
      const one = await hunt(mutant, options);
      all.push(one);
      options.caught(one);
    }
  };
  await Promise.all(Array.from({ length: options.workers }, hunter));
  return all;
}

async function hunt({ name, equivalent }: Mutant, { seeds, signal }: HuntOptions): Promise<Caught> {
  const outcome = await runSeeds({
    from: 1,
    to: seeds + 1,
    workers: 1,
    mutant: name,
    ...(signal ? { signal } : {}),
  }).catch((error: unknown) => String(error));
  if (typeof outcome === 'string')
    return { name, seeds: 1, invariant: `the thread ended: ${outcome}`, equivalent };
  return { name, seeds: outcome?.seed, invariant: outcome?.violation?.invariant ?? '', equivalent };
}

/** Whether a mutant ended as it has to: caught, or, when nothing can tell it apart, not. */
export function isAsExpected({ seeds, equivalent }: Caught): boolean {
  return (seeds === undefined) === (equivalent !== undefined);
}
