import type { Profile } from '@meridian/kustomize';
import { isDifference, type Verdict } from './compare.ts';
import { runCampaign, type Counts, type Difference } from './campaign.ts';
import { counted, shownCoverage, type Coverage } from './coverage.ts';
import { givenCases } from './mutate-cases.ts';
import { oracleOf, type Oracle } from './oracle.ts';

/** What the command is told. */
export interface FuzzRequest {
  readonly builds: number;
  readonly seed: number;
  readonly from: number;
  readonly workers: number;
  readonly profiles: readonly Profile[];
  /** Whether to write how many trees that both build use each field. */
  readonly fields: boolean;
  readonly signal: AbortSignal;
  readonly write: (text: string) => void;
}

/** The kustomize of each profile, as far as they are on this machine. */
export function oraclesOf(profiles: readonly Profile[]): ReadonlyMap<Profile, Oracle> {
  return new Map(
    profiles.flatMap((profile) => {
      const oracle = oracleOf(profile);
      return oracle === undefined ? [] : [[profile, oracle]];
    }),
  );
}

/** Runs a campaign and writes what it finds. Gives the exit code: 1 for a difference, 2 where there is no kustomize. */
export async function fuzzKustomize({ profiles, write, fields, ...request }: FuzzRequest): Promise<number> {
  const oracles = oraclesOf(profiles);
  if (oracles.size < profiles.length) {
    write('kustomize is not there: `npm run parts` builds it from Go modules\n');
    return 2;
  }
  const cases = givenCases();
  const from = cases.length === 0 ? 'a grammar' : `a grammar and ${cases.length} given cases`;
  write(`trees from ${from}, seed ${request.seed}, numbers from ${request.from}\n`);
  let coverage: Coverage = new Map();
  const counts = await runCampaign({
    ...request,
    oracles,
    cases,
    onSame: (tree) => {
      if (fields) coverage = counted(coverage, tree);
    },
    onDifference: (difference) => write(shown(difference)),
    onProgress: (done, now) => {
      if (done % 500 === 0) write(`${done} built, next is --from ${request.from + done}: ${tallied(now)}\n`);
    },
  });
  write(`${shownCoverage(coverage)}${tallied(counts)}\n`);
  return [...counts.keys()].some(isDifference) ? 1 : 0;
}

/** Builds by verdict, in words. */
export function tallied(counts: Counts): string {
  return [...counts].map(([verdict, count]: readonly [Verdict, number]) => `${count} ${verdict}`).join(', ');
}

/** A difference with its tree and what both sides said, for people. */
export function shown({ number, profile, tree, comparison }: Difference): string {
  const files = Object.entries(tree.files).map(([path, text]) => `--- ${path}\n${text.trimEnd()}\n`);
  const said = (who: string, outcome: object): string => `=== ${who}\n${Object.values(outcome).join('\n')}\n`;
  return [
    `\ntree ${number}, kustomize ${profile}: ${comparison.verdict} (build ${tree.root} --reorder=${tree.reorder})\n`,
    ...files,
    said('meridian', comparison.ours),
    said('kustomize', comparison.theirs),
  ].join('');
}
