import type { Profile } from '@meridian/kustomize';
import { diceOf } from '../kube/dice.ts';
import { compare, hasVerdict, isDifference, type Comparison, type Verdict } from './compare.ts';
import { composeTree } from './grammar/tree.ts';
import type { MadeTree } from './made-tree.ts';
import { mutateCases, type GivenCase } from './mutate-cases.ts';
import type { Oracle } from './oracle.ts';
import { shrink } from './shrink.ts';

/** What a run of the fuzzer is told. Tree number N of a seed is the same in every run, so a run goes on where one ended. */
export interface CampaignOptions {
  readonly seed: number;
  readonly from: number;
  readonly builds: number;
  readonly oracles: ReadonlyMap<Profile, Oracle>;
  readonly cases: readonly GivenCase[];
  /** How many builds run at once. */
  readonly workers: number;
  readonly signal: AbortSignal;
  readonly onDifference: (difference: Difference) => void;
  readonly onProgress?: (done: number, counts: Counts) => void;
  /** Is told of each tree that both build alike. */
  readonly onSame?: (tree: MadeTree) => void;
}

/** Builds by verdict. */
export type Counts = ReadonlyMap<Verdict, number>;

/** A difference, made small. */
export interface Difference {
  readonly number: number;
  readonly profile: Profile;
  readonly tree: MadeTree;
  readonly comparison: Comparison;
}

/** The tree of a number for a profile: composed, or made of given cases when there are any. */
export function treeOfNumber(
  { seed, cases }: Pick<CampaignOptions, 'seed' | 'cases'>,
  number: number,
  profile: Profile,
): MadeTree {
  const dice = diceOf(Math.imul(seed, 0x9e3779b1) + number);
  return cases.length > 0 && dice.chance(0.4)
    ? mutateCases(dice, cases, profile)
    : composeTree(dice, profile);
}

/** Compares `builds` trees, the profiles in turn, and gives how often each verdict fell. */
export async function runCampaign(options: CampaignOptions): Promise<Counts> {
  const counts = new Map<Verdict, number>();
  const profiles = [...options.oracles];
  let next = options.from;
  let done = 0;
  const end = options.from + options.builds;
  const work = async (): Promise<void> => {
    while (next < end && !options.signal.aborted) {
      const number = next;
      next += 1;
      const entry = profiles[number % profiles.length];
      if (entry === undefined) return;
      const verdict = await compareNumber(options, number, ...entry);
      counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
      done += 1;
      options.onProgress?.(done, counts);
    }
  };
  await Promise.all(Array.from({ length: options.workers }, work));
  return counts;
}

async function compareNumber(
  { seed, cases, onDifference, onSame }: CampaignOptions,
  number: number,
  profile: Profile,
  oracle: Oracle,
): Promise<Verdict> {
  const made = treeOfNumber({ seed, cases }, number, profile);
  const { verdict } = await compare(made, profile, oracle);
  if (verdict === 'same') onSame?.(made);
  if (!isDifference(verdict)) return verdict;
  const tree = await shrink(made, (smaller) => hasVerdict(smaller, verdict, { profile, oracle }));
  onDifference({ number, profile, tree, comparison: await compare(tree, profile, oracle) });
  return verdict;
}
