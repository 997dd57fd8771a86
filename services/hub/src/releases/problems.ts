import type { LocatedError, Problem } from '@meridian/fleet';

/** How many clusters a merged problem names. */
const namedClusters = 3;

/** Render errors of one application as problems: the same mistake in several clusters is one problem that names them. */
export function mergedProblems(
  application: string,
  revision: string,
  errors: readonly LocatedError[],
): Problem[] {
  const groups = new Map<string, LocatedError[]>();
  for (const error of errors) {
    const key = JSON.stringify([error.file, error.line, error.field, error.message]);
    groups.set(key, [...(groups.get(key) ?? []), error]);
  }
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (!first) return [];
    const names = others.flatMap(({ cluster }) => cluster ?? []);
    const listed = names.slice(0, namedClusters).join(', ');
    const more = names.length > namedClusters ? ` and ${names.length - namedClusters} more` : '';
    const message = names.length > 0 ? `${first.message} (also in ${listed}${more})` : first.message;
    return [{ ...first, message, application, revision }];
  });
}

/** Applications of a revision that are still being rendered, as problems: until then they stay as they are. */
export function pendingProblems(
  pending: readonly string[],
  { revision, fleetPath }: Pick<KnownConfiguration, 'revision' | 'fleetPath'>,
): Problem[] {
  return pending.map((application) => ({
    application,
    revision,
    file: fleetPath,
    message: `${application} is still being rendered at revision ${revision.slice(0, 7)}; until that is done it stays at its last good release`,
  }));
}

/** Warnings of one application that are kept. */
const mostWarnings = 50;

/** Warnings of one application, each once with the clusters that have it; of many the first ones and a word of the others. */
export function mergedWarnings(
  application: string,
  revision: string,
  warnings: readonly LocatedError[],
): Problem[] {
  const merged = mergedProblems(application, revision, warnings);
  const [kept, rest] = [merged.slice(0, mostWarnings), merged.length - mostWarnings];
  const last = kept.at(-1);
  if (rest <= 0 || !last) return kept;
  return [...kept.slice(0, -1), { ...last, message: `${last.message} (and ${rest} more warnings)` }];
}

/** What is known of the fleet configuration at a revision. */
export interface KnownConfiguration {
  readonly revision: string;
  readonly fleetPath: string;
  /** Applications that the configuration names, frozen ones too. */
  readonly named: ReadonlySet<string>;
  /** Set when a mistake may hide documents: nothing can be called missing then. */
  readonly incomplete: boolean;
}

/**
 * Applications that run somewhere and are in no document any more. They stay as they are: a lost file must never delete
 * an application.
 */
export function vanishedProblems(
  known: KnownConfiguration,
  placements: ReadonlyMap<string, readonly string[]>,
): Problem[] {
  if (known.incomplete) return [];
  return [...placements].flatMap(([application, clusters]) => {
    if (known.named.has(application) || clusters.length === 0) return [];
    return [
      {
        application,
        revision: known.revision,
        file: known.fleetPath,
        message: `${application} is in no document any more; it stays at its last good release in ${clusters.join(', ')}`,
        fix: 'bring its document back; to remove it, first let its placement select no cluster and approve that',
      },
    ];
  });
}
