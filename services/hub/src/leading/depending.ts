import type { Dependency, Hold } from '@meridian/fleet';
import { dependencyHolds } from '@meridian/rollout';
import type { Depended, RolloutState } from '@meridian/rollout';
import type { RevisionReleases } from '../releases/releases.ts';
import type { LedgerBook } from './ledger-book.ts';
import type { StatusMemory } from './status-memory.ts';

/** What dependencies are judged by. */
export interface DependingPorts {
  readonly book: () => LedgerBook;
  readonly statuses: Pick<StatusMemory, 'observed'>;
}

/** What of a revision dependencies are judged by. */
export type RevisionSight = Pick<RevisionReleases, 'revision' | 'pending'> & {
  readonly released: readonly {
    readonly application: { readonly name: string; readonly dependsOn?: readonly Dependency[] };
    readonly release: RevisionReleases['released'][number]['release'];
  }[];
};

/** Whether what applications wait for is there: by git's newest revision, the rollouts, and what agents say. One serves one term. */
export class Dependencies {
  readonly #ports: DependingPorts;
  #revision: RevisionSight | undefined;
  /** Decided on, and not in the book yet. */
  readonly #ahead = new Map<string, RolloutState>();

  constructor(ports: DependingPorts) {
    this.#ports = ports;
  }

  /** From now on git says this. What rollouts make of it is noted as it is decided. */
  take(revision: RevisionSight): void {
    this.#revision = revision;
    this.#ahead.clear();
  }

  /** A rollout has been decided on; until all of them are written, this is what counts. */
  note(application: string, state: RolloutState): void {
    this.#ahead.set(application, state);
  }

  /** Everything that was decided is in the book. */
  written(): void {
    this.#ahead.clear();
  }

  /** What holds pushes of an application to some clusters since others are not healthy yet. */
  holds(
    dependsOn: readonly Dependency[] | undefined,
    clusters: readonly string[],
    nowMs: number,
  ): readonly Hold[] {
    if (!dependsOn || clusters.length === 0) return [];
    return dependencyHolds(
      dependsOn.map((one) => this.#depended(one, nowMs)),
      clusters,
    );
  }

  /** The same for a rollout as it stands: a way back, and one that is over, wait for nothing. */
  holdsOf({ phase, target, stages }: RolloutState, nowMs: number): readonly Hold[] {
    const mayPush = phase === 'progressing' || phase === 'waiting' || phase === 'halted';
    if (!mayPush || !target.dependsOn) return [];
    const waiting = stages.flatMap(({ clusters }) => clusters.filter((one) => one.phase === 'waiting'));
    return this.holds(
      target.dependsOn,
      waiting.map(({ name }) => name),
      nowMs,
    );
  }

  #depended(dependency: Dependency, nowMs: number): Depended {
    const { application } = dependency;
    const { book, statuses } = this.#ports;
    return {
      dependency,
      wanted: wantedOf(this.#revision, application),
      state: this.#ahead.get(application) ?? book().rollouts.get(application)?.state,
      report: (cluster) => statuses.observed(application, cluster, nowMs),
    };
  }
}

function wantedOf(revision: RevisionSight | undefined, application: string): Depended['wanted'] {
  if (!revision) return 'it is not known what git says before this hub has read it';
  const released = revision.released.find((one) => one.application.name === application);
  if (released) return released.release.bundles;
  const at = `revision ${revision.revision.slice(0, 7)}`;
  return revision.pending.includes(application)
    ? `it is still being rendered at ${at}`
    : `it cannot be released at ${at}; see "meridian app ${application}"`;
}

/**
 * Releases in the order in which they have to be decided on: what others wait for comes before them. Those of a circle, which
 * git refuses, stay as they are.
 */
export function dependenciesFirst<T extends RevisionSight['released'][number]>(released: readonly T[]): T[] {
  const byName = new Map(released.map((one) => [one.application.name, one] as const));
  const [open, free] = [true, false].map((isOpen) =>
    released.filter(({ application }) => (application.dependsOn !== undefined) === isOpen),
  );
  if (!open || open.length === 0) return [...released];
  const ordered = new Set<T>(free);
  for (let before = -1; before < ordered.size;) {
    before = ordered.size;
    for (const one of open) {
      const others = (one.application.dependsOn ?? []).flatMap(
        (other) => byName.get(other.application) ?? [],
      );
      if (others.every((other) => ordered.has(other))) ordered.add(one);
    }
  }
  return [...ordered, ...open.filter((one) => !ordered.has(one))];
}
