import { describe, expect, test } from 'vitest';
import { counted, type Coverage } from './coverage.ts';
import { isDifference } from './compare.ts';
import { runCampaign } from './campaign.ts';
import { oraclesOf, shown, tallied } from './fuzz.ts';

// A short run of the fuzzer on composed trees; `npm run fuzz -- kustomize` runs as long as one likes.
const builds = 100;

describe.each(['5.5', '5.8'] as const)('the engine beside kustomize %s', (profile) => {
  const oracles = oraclesOf([profile]);
  if (oracles.size === 0)
    process.stderr.write(`kustomize-${profile} is absent (it is built where there is Go): not compared\n`);

  test.skipIf(oracles.size === 0)(
    `gives the same bytes for ${builds} composed trees, or refuses them too`,
    async () => {
      const differences: string[] = [];
      let coverage: Coverage = new Map();
      const counts = await runCampaign({
        seed: 11,
        from: 0,
        builds,
        oracles,
        cases: [],
        workers: 2,
        signal: AbortSignal.timeout(240_000),
        onSame: (tree) => {
          coverage = counted(coverage, tree);
        },
        onDifference: (difference) => differences.push(shown(difference)),
      });
      expect(differences.join('\n'), tallied(counts)).toBe('');
      expect([...counts.keys()].some(isDifference)).toBe(false);
      expect(counts.get('same')).toBeGreaterThan(builds / 2);
      // Of the 33 fields of a kustomization, those on top.
      expect([...coverage.keys()].filter((field) => /^[a-z]+$/i.test(field)).length).toBeGreaterThan(20);
    },
  );
});
