import { foldClusters } from '@meridian/diff';
import type { LocatedError, Problem } from '@meridian/fleet';
import { canonicalJson } from '@meridian/manifests';
import type { PlannedProblem } from './fleet-plan.ts';

/** Collects what is wrong or worth a warning, cluster by cluster, and folds it. */
export class Findings {
  readonly #clusters = new Map<string, LocatedError[]>();

  /** Notes what was found in a cluster, or without one in the configuration. */
  add(cluster: string | undefined, errors: readonly LocatedError[]): void {
    if (errors.length === 0) return;
    const known = this.#clusters.get(cluster ?? '') ?? [];
    for (const error of errors) known.push(withoutCluster(error));
    this.#clusters.set(cluster ?? '', known);
  }

  /** Notes everything that was found elsewhere. */
  addAll(other: Findings): void {
    for (const [cluster, errors] of other.#clusters) this.add(cluster, errors);
  }

  /** Whether nothing was found. */
  get isEmpty(): boolean {
    return this.#clusters.size === 0;
  }

  /** Everything that was found, once, with the clusters that have it. */
  folded(): readonly { readonly clusters: readonly string[]; readonly items: readonly LocatedError[] }[] {
    const entries = [...this.#clusters].map(([cluster, items]) => ({ cluster, items }));
    return foldClusters(entries).map(({ clusters, items }) => ({
      clusters: clusters.filter((name) => name !== ''),
      items,
    }));
  }

  /** Everything that was found as problems; `before` says which of them are not new. */
  problems(before: Findings): readonly PlannedProblem[] {
    const known = new Set(before.folded().flatMap(({ items }) => items.map(meaning)));
    return this.folded().flatMap(({ clusters, items }) =>
      items.map((error) => ({ ...error, clusters, isNew: !known.has(meaning(error)) })),
    );
  }

  /** What was found here and not there, folded. */
  without(other: Findings): ReturnType<Findings['folded']> {
    const known = new Set(other.folded().flatMap(({ items }) => items.map(meaning)));
    return this.folded()
      .map(({ clusters, items }) => ({ clusters, items: items.filter((each) => !known.has(meaning(each))) }))
      .filter(({ items }) => items.length > 0);
  }
}

/** The problems of a fleet configuration that freeze an application, or those that name none. */
export function configurationFindings(
  problems: readonly Problem[],
  application: string | undefined,
): Findings {
  const findings = new Findings();
  const own = problems.filter((problem) => problem.application === application);
  findings.add(
    undefined,
    own.map(({ application: _, revision: __, ...error }) => error),
  );
  return findings;
}

function withoutCluster({ cluster: _, ...error }: LocatedError): LocatedError {
  return error;
}

/** A problem stays the same when lines are added above it. */
function meaning({ line: _, ...error }: LocatedError): string {
  return canonicalJson(error);
}
