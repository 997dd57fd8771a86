import type { Declaration } from './declaration.ts';
import type { Application, Cluster, LocatedError } from './documents.ts';
import { matchesSelector } from './selector.ts';

/** A warning for each override of an application that selects none of the clusters that the application runs in; they may come later. */
export function idleOverrides(
  { name, overrides = [], placement }: Application,
  clusters: readonly Cluster[],
  { file, lineOf }: Declaration,
): LocatedError[] {
  const placed = clusters.filter(({ labels }) => matchesSelector(placement, labels));
  return overrides
    .filter((override) => !placed.some(({ labels }) => matchesSelector(override.clusters, labels)))
    .map(({ index }) => {
      const field = `spec.source.overrides[${index}].clusters`;
      return {
        ...{ file, line: lineOf(field), field },
        message: `the override selects no cluster that ${name} runs in`,
        fix: 'correct the labels, or leave it if such clusters are to come',
      };
    });
}
