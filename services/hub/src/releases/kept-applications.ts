import type { Application, Cluster } from '@meridian/fleet';
import type { Reads, Rendering, RevisionFiles } from '@meridian/rendering';

/** An application and the clusters that it is placed in. */
export interface PlacedIn {
  readonly application: Application;
  readonly clusters: readonly Cluster[];
}

interface Kept extends PlacedIn {
  /** What stood for its whole directory. */
  readonly inside: string;
  /** What its renderings looked at elsewhere. */
  readonly outside: Reads;
  readonly renderings: ReadonlyMap<Cluster, Rendering>;
}

/**
 * The last renderings of whole applications. Most commits touch few of them, and that nothing of one was touched is told by
 * the id of its directory, without a look at its files or its clusters.
 */
export class KeptApplications {
  readonly #kept = new Map<string, Kept>();

  /** What the application was rendered to, when all of it is the same in this revision. */
  find({ application, clusters }: PlacedIn, files: RevisionFiles): Kept['renderings'] | undefined {
    const kept = this.#kept.get(application.name);
    if (!kept || kept.application !== application || !isSameList(kept.clusters, clusters)) return undefined;
    if (kept.inside !== files.identityBelow(application.path) || !files.matches(kept.outside))
      return undefined;
    return kept.renderings;
  }

  /** Keeps what an application was rendered to, with everything that each of its renderings looked at. */
  keep(
    placed: PlacedIn,
    files: RevisionFiles,
    { renderings, reads }: Pick<Kept, 'renderings'> & { readonly reads: readonly Reads[] },
  ): void {
    const { name, path } = placed.application;
    const outside = new Map<string, string>();
    for (const each of reads)
      for (const [at, identity] of each)
        if (at !== path && !at.startsWith(`${path}/`)) outside.set(at, identity);
    this.#kept.set(name, { ...placed, inside: files.identityBelow(path), outside, renderings });
  }

  /** Whether anything of an application is kept, be it of now or not. */
  has(name: string): boolean {
    return this.#kept.has(name);
  }

  /** Forgets all other applications. */
  retain(names: ReadonlySet<string>): void {
    for (const name of this.#kept.keys()) if (!names.has(name)) this.#kept.delete(name);
  }
}

function isSameList<T>(one: readonly T[], other: readonly T[]): boolean {
  return one.length === other.length && one.every((each, index) => each === other[index]);
}
