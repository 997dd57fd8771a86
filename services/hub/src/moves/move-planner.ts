import type { Assignment, Moves } from '@meridian/fleet';
import { namesIn, possibleNames } from '@meridian/manifests';
import type { AssignEffect } from '@meridian/rollout';
import type { LedgerBook, StoredAssignment } from '../leading/ledger-book.ts';
import type { ReleasedApplication, RevisionReleases } from '../releases/releases.ts';
import { planMoves, sameMoves } from './plan-moves.ts';
import type { MoveFacts } from './plan-moves.ts';
import { WantedObjects } from './wanted-objects.ts';
import type { Place, Wanted, WantedPorts } from './wanted-objects.ts';

/** A bundle that a cluster was assigned, and the namespace of what names none. */
interface OldBundle {
  readonly cluster: string;
  readonly bundle: string;
  readonly namespace: string;
}

/** What takes its place; no keys when the application is withdrawn. */
interface NextObjects {
  readonly keys: readonly string[];
  readonly namespace: string;
}

/** Finds the objects that go from one application to another in the same cluster. One planner serves one term. */
export class MovePlanner {
  readonly #ports: WantedPorts;
  readonly #wanted: WantedObjects;

  constructor(ports: WantedPorts) {
    this.#ports = ports;
    this.#wanted = new WantedObjects(ports);
  }

  /** Takes what the fleet repo says now, before anything is decided on it. */
  learn(set: RevisionReleases): void {
    this.#wanted.learn(set);
  }

  /** For each cluster that loses objects by a release: how many of them other applications take over. */
  async moved(book: LedgerBook, released: ReleasedApplication): Promise<{ [cluster: string]: number }> {
    const moved: { [cluster: string]: number } = {};
    const placed = book.rollouts.get(released.application.name)?.state.placed ?? {};
    for (const [cluster, { bundle }] of Object.entries(placed)) {
      if (bundle === undefined || bundle === released.bundles.get(cluster)?.digest) continue;
      const count = await this.#countMoved(book, released, { cluster, bundle });
      if (count > 0) moved[cluster] = count;
    }
    return moved;
  }

  /** What moves by an assignment that is about to be made in the place of the one in the book. */
  async of(book: LedgerBook, effect: AssignEffect): Promise<Moves | undefined> {
    const { cluster, application, bundle, policy } = effect;
    const stored = storedIn(book, effect);
    if (stored === undefined) return undefined;
    const keys = bundle === undefined ? [] : ((await this.#ports.bundles.keysOf(cluster, bundle)) ?? []);
    const next = { keys, namespace: policy.namespace };
    const dropped = await this.#droppedBy(book, effect, { stored, next });
    const before = stored.moves && without(stored.moves, namesIn(keys, policy.namespace));
    if (dropped.length === 0 && before === undefined) return undefined;
    return this.#plan(book, { cluster, application }, { dropped, before });
  }

  /** Assignments that say something else of what moves than they would now. */
  async outdated(
    book: LedgerBook,
  ): Promise<{ readonly stored: StoredAssignment; readonly moves: Moves | undefined }[]> {
    const found: { stored: StoredAssignment; moves: Moves | undefined }[] = [];
    const all = [...book.assignments.values()].flatMap((ofCluster) => [...ofCluster.values()]);
    for (const stored of all) {
      const { moves: before } = stored.assignment;
      if (before === undefined) continue;
      const moves = await this.#plan(book, stored.assignment, { dropped: [], before });
      if (!sameMoves(before, moves)) found.push({ stored, moves });
    }
    return found;
  }

  async #countMoved(
    book: LedgerBook,
    { application: { name: application, namespace }, bundles }: ReleasedApplication,
    { cluster, bundle }: Pick<OldBundle, 'cluster' | 'bundle'>,
  ): Promise<number> {
    const was = storedIn(book, { cluster, application })?.namespace ?? namespace;
    const next = { keys: bundles.get(cluster)?.keys ?? [], namespace };
    const dropped = (await this.#dropped({ cluster, bundle, namespace: was }, next)) ?? [];
    if (dropped.length === 0) return 0;
    const wanted = await this.#wanted.others(book, { cluster, application });
    const isWanted = (names: readonly string[]) =>
      wanted.some((one) => names.some((name) => one.names.has(name)));
    return dropped.filter(isWanted).length;
  }

  /** Names of what an assignment drops. A bundle that is lost may have held anything, so whatever others want may be what it had. */
  async #droppedBy(
    book: LedgerBook,
    { cluster, application, bundle }: AssignEffect,
    { stored, next }: { readonly stored: Assignment; readonly next: NextObjects },
  ): Promise<readonly string[]> {
    if (stored.bundle === undefined || stored.bundle === bundle) return [];
    const { namespace } = stored;
    const dropped = await this.#dropped({ cluster, bundle: stored.bundle, namespace }, next);
    if (dropped) return dropped.flat();
    const has = namesIn(next.keys, next.namespace);
    const wanted = await this.#wanted.others(book, { cluster, application });
    return wanted.flatMap(({ names }) => [...names]).filter((name) => !has.has(name));
  }

  /** Each object that a bundle had and the next one has not, by all its names; undefined when the bundle is lost. */
  async #dropped(
    { cluster, bundle, namespace }: OldBundle,
    next: NextObjects,
  ): Promise<(readonly string[])[] | undefined> {
    const before = await this.#ports.bundles.keysOf(cluster, bundle);
    if (!before) return undefined;
    const kept = new Set(next.namespace === namespace ? next.keys : []);
    const gone = before.filter((key) => !kept.has(key)).map((key) => possibleNames(key, namespace));
    if (gone.length === 0) return gone;
    const has = namesIn(next.keys, next.namespace);
    return gone.filter((names) => !names.some((name) => has.has(name)));
  }

  async #plan(
    book: LedgerBook,
    place: Place,
    said: Pick<MoveFacts, 'dropped' | 'before'>,
  ): Promise<Moves | undefined> {
    const open: (Wanted & { readonly taken: ReadonlySet<string> })[] = [];
    for (const wanted of await this.#wanted.others(book, place)) {
      const { application } = wanted;
      open.push({
        ...wanted,
        taken: await this.#wanted.taken(book, { cluster: place.cluster, application }),
      });
    }
    return planMoves({
      ...said,
      wantedBy(name, preferred) {
        const takers = open
          .filter(({ names, taken }) => names.has(name) && !taken.has(name))
          .map(({ application }) => application);
        return preferred !== undefined && takers.includes(preferred) ? preferred : takers[0];
      },
      isOpen: (application) => this.#wanted.isOpen(application),
      suspect: this.#wanted.suspect(book, place),
      isBlind: this.#wanted.isBlind,
      othersWait: () => open.some(({ names, taken }) => [...names].some((name) => !taken.has(name))),
    });
  }
}

function storedIn(book: LedgerBook, { cluster, application }: Place): Assignment | undefined {
  return book.assignments.get(cluster)?.get(application)?.assignment;
}

/** What was said to move, without what the application has itself again. */
function without(moves: Moves, names: ReadonlySet<string>): Moves {
  const left = (some: readonly string[]) => some.filter((name) => !names.has(name));
  const to = Object.entries(moves.to).map(([application, some]) => [application, left(some)] as const);
  return {
    ...moves,
    to: Object.fromEntries(to),
    ...(moves.unclear ? { unclear: left(moves.unclear) } : {}),
  };
}
