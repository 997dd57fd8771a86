import type { Mutant } from './mutant.ts';
import { sourcesOf } from './patching.ts';
import { runSeeds } from './workers.ts';

/** What became of a mutant. */
export interface Caught {
  readonly name: string;
  /** Names the world that shows it; undefined when none did. */
  readonly seed: number | undefined;
  /** The invariant that it broke, or why nothing is known of it. */
  readonly how: string;
  readonly equivalent: string | undefined;
}

/** How mutants are hunted. */
export interface HuntOptions {
  readonly mutants: readonly Mutant[];
  /** Most seeds for each. */
  readonly seeds: number;
  /** By the name of a mutant, the seed that showed it last: it is tried first, and is no proof of anything. */
  readonly known: { readonly [name: string]: number };
  /** How many are hunted at once. */
  readonly workers: number;
  readonly signal?: AbortSignal;
  readonly caught: (one: Caught) => void;
}

/** Nothing can show them, so that more seeds prove little. */
const mostOfEquivalent = 200;

/** Puts one mutant after the other into worlds until one of them is wrong. Throws when a source has not the text to patch. */
export async function huntMutants(options: HuntOptions): Promise<readonly Caught[]> {
  for (const mutant of options.mutants) sourcesOf(mutant);
  const all: Caught[] = [];
  const waiting = [...options.mutants];
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

async function hunt(mutant: Mutant, options: HuntOptions): Promise<Caught> {
  const { name, equivalent } = mutant;
  const most = equivalent === undefined ? options.seeds : Math.min(options.seeds, mostOfEquivalent);
  const first = options.known[name];
  try {
    const found =
      (first === undefined ? undefined : await shown(mutant, { from: first, to: first + 1 }, options)) ??
      (await shown(mutant, { from: 1, to: most + 1 }, options));
    return { name, equivalent, seed: found?.seed, how: found?.violation?.invariant ?? '' };
  } catch (error) {
    // A defect that keeps the product from being loaded shows nothing of what worlds see.
    return { name, equivalent, seed: undefined, how: `the thread ended: ${String(error)}` };
  }
}

/** The first world that is wrong with a mutant and is not without it: a defect that is there anyway catches nobody. */
async function shown(
  { name, focus }: Mutant,
  { from, to }: { readonly from: number; readonly to: number },
  { signal }: HuntOptions,
) {
  const common = { workers: 1, ...(signal ? { signal } : {}) };
  for (let next = from; next < to && signal?.aborted !== true;) {
    const wrong = await runSeeds({ ...common, from: next, to, mutant: name });
    if (!wrong) return undefined;
    next = wrong.seed + 1;
    const without = { ...common, from: wrong.seed, to: next };
    if (!(await runSeeds({ ...without, ...(focus === undefined ? {} : { focus }) }))) return wrong;
  }
  return undefined;
}

/** Whether a mutant ended as it has to: caught, or, when nothing can tell it apart, not. */
export function isAsExpected({ seed, how, equivalent }: Caught): boolean {
  return equivalent === undefined ? seed !== undefined : seed === undefined && how === '';
}
