import { matchesSelector } from '@meridian/fleet';
import type { Assignment } from '@meridian/fleet';
import { namesIn } from '@meridian/manifests';
import type { Clock } from '@meridian/runtime';
import type { BundleStore } from '../leading/bundle-store.ts';
import type { LedgerBook } from '../leading/ledger-book.ts';
import type { StatusMemory } from '../leading/status-memory.ts';
import type { RevisionReleases } from '../releases/releases.ts';
import { NameMemory } from './name-memory.ts';

/** What is asked to know what applications want and have. */
export interface WantedPorts {
  readonly bundles: Pick<BundleStore, 'keysOf'>;
  readonly statuses: Pick<StatusMemory, 'observed'>;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** An application in a cluster. */
export type Place = Pick<Assignment, 'cluster' | 'application'>;

/** The objects of a bundle that another application shall have in a cluster. */
export interface Wanted {
  readonly application: string;
  readonly names: ReadonlySet<string>;
}

interface NamedBundle {
  readonly digest: string;
  readonly keys: readonly string[];
  readonly namespace: string;
}

/** Bundles have from a few names to tens of thousands, and a fleet has tens of thousands of bundles; this is some 50 MB. */
const mostNames = 250_000;

/** What the applications of clusters shall have, by the newest that the fleet repo and the ledger say, and what they have. */
export class WantedObjects {
  readonly #ports: WantedPorts;
  readonly #names = new NameMemory(mostNames);
  #latest: RevisionReleases | undefined;
  #released: ReadonlySet<string> = new Set();
  /** Applications that cannot be resolved at the newest revision, for the first time, or are still rendered. */
  #suspects: readonly string[] = [];
  /** Applications that could not be resolved at the revision before. */
  #brokenBefore: ReadonlySet<string> = new Set();

  constructor(ports: WantedPorts) {
    this.#ports = ports;
  }

  /** Nothing of the fleet repo has been read yet. */
  get isBlind(): boolean {
    return this.#latest === undefined;
  }

  /** Takes what the fleet repo says now. */
  learn(set: RevisionReleases): void {
    const before = this.#latest;
    if (before && before.revision !== set.revision) {
      const open = [...before.known.named].filter((name) => this.isOpen(name));
      this.#brokenBefore = new Set(open.filter((name) => !before.pending.includes(name)));
    }
    this.#latest = set;
    this.#released = new Set(set.released.map(({ application }) => application.name));
    this.#suspects = [...set.known.named].filter(
      (name) => this.isOpen(name) && !this.#brokenBefore.has(name),
    );
  }

  /** Whether it cannot be told now what an application wants: the newest revision has it and does not give it. */
  isOpen(application: string): boolean {
    if (!this.#latest) return true;
    const { incomplete, named } = this.#latest.known;
    return !this.#released.has(application) && (incomplete || named.has(application));
  }

  /** Another application that shall be in the cluster and is not known at this revision, for the first time. */
  suspect(book: LedgerBook, { cluster, application }: Place): string | undefined {
    const config = this.#latest?.config;
    if (!config || this.#suspects.length === 0) return undefined;
    const labels = config.clusters.find(({ name }) => name === cluster)?.labels ?? {};
    const isPlaced = (name: string) => {
      const placement = config.applications.find((one) => one.name === name)?.placement;
      if (placement) return matchesSelector(placement, labels);
      return book.rollouts.get(name)?.state.target.release.bundles[cluster] !== undefined;
    };
    return this.#suspects.find((name) => name !== application && isPlaced(name));
  }

  /** What the other applications of a cluster shall have, in the order of their names. */
  async others(book: LedgerBook, place: Place): Promise<readonly Wanted[]> {
    const inGit = this.#inGit(place);
    const known = new Map(inGit.map(({ application, digest }) => [application, digest]));
    const inLedger = await this.#inLedger(book, place, known);
    return [...inGit, ...inLedger]
      .map(({ application, ...bundle }) => ({ application, names: this.#namesOf(bundle) }))
      .sort((left, right) => (left.application < right.application ? -1 : 1));
  }

  /** What an application has in a cluster by its own report that all of its present assignment is in place. */
  async taken(book: LedgerBook, { cluster, application }: Place): Promise<ReadonlySet<string>> {
    const stored = book.assignments.get(cluster)?.get(application)?.assignment;
    const heard = this.#ports.statuses.observed(application, cluster, this.#ports.clock.nowMs());
    if (stored?.bundle === undefined || heard?.sync !== 'Synced') return new Set();
    if (heard.generation !== stored.generation || heard.release !== stored.release) return new Set();
    const keys = (await this.#ports.bundles.keysOf(cluster, stored.bundle)) ?? [];
    return this.#namesOf({ digest: stored.bundle, keys, namespace: stored.namespace });
  }

  #inGit({ cluster, application }: Place): readonly (NamedBundle & Place)[] {
    const released = this.#latest?.released ?? [];
    return released.flatMap(({ application: { name, namespace }, bundles }) => {
      const bundle = bundles.get(cluster);
      if (name === application || !bundle) return [];
      const { digest, keys } = bundle;
      return [{ cluster, application: name, digest, keys, namespace }];
    });
  }

  /** Those that are not the same in the fleet repo: what it does not give now, or what was rolled back. */
  async #inLedger(
    book: LedgerBook,
    { cluster, application }: Place,
    known: ReadonlyMap<string, string>,
  ): Promise<readonly (NamedBundle & Place)[]> {
    const found: (NamedBundle & Place)[] = [];
    for (const [name, { state }] of book.rollouts) {
      const { release, policy } = state.target;
      const digest = release.bundles[cluster]?.digest;
      if (name === application || digest === undefined || digest === known.get(name)) continue;
      const keys = (await this.#ports.bundles.keysOf(cluster, digest)) ?? [];
      found.push({ cluster, application: name, digest, keys, namespace: policy.namespace });
    }
    return found;
  }

  #namesOf({ digest, keys, namespace }: NamedBundle): ReadonlySet<string> {
    return this.#names.of(`${digest} ${namespace}`, () => namesIn(keys, namespace));
  }
}
