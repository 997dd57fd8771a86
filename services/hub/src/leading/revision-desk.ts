import { withNeededHealth } from '@meridian/fleet';
import type { Hold, Release } from '@meridian/fleet';
import type { Ledger } from '@meridian/ledger';
import { FaultError, errorText } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import { decide, isOver, needsAuthors } from '@meridian/rollout';
import type { KeptRelease, ReleaseMade, RollbackRequested, RolloutState } from '@meridian/rollout';
import { currentTraceparent, withSpan } from '@meridian/telemetry';
import type { Logger, Tracer } from '@meridian/telemetry';
import type { ReleasedApplication, Releases, RevisionReleases } from '../releases/releases.ts';
import type { AuthorsOf } from '../sources/change-authors.ts';
import type { SourceRevision } from '../sources/source.ts';
import { Announcements } from './announcements.ts';
import { BundleKeeper } from './bundle-keeper.ts';
import type { BundleStore } from './bundle-store.ts';
import type { MovePlanner } from '../moves/move-planner.ts';
import { dependenciesFirst } from './depending.ts';
import type { Dependencies } from './depending.ts';
import { holdsOf } from './holding.ts';
import type { Change, Pen } from './pen.ts';
import type { StatusMemory } from './status-memory.ts';

/** What a desk needs beside its pen. */
export interface DeskPorts {
  readonly ledger: Pick<Ledger, 'events'>;
  readonly bundles: BundleStore;
  readonly moves: Pick<MovePlanner, 'learn' | 'moved'>;
  readonly releases: Pick<Releases, 'at' | 'bundle' | 'latest' | 'past'>;
  readonly statuses: Pick<StatusMemory, 'generationsOf' | 'freezes'>;
  readonly authors: AuthorsOf;
  readonly dependencies: Dependencies;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tracer: Tracer;
}

/** Where a rollback goes, and for each cluster how many objects that drops. */
export type WayBack = Required<Pick<RollbackRequested, 'to' | 'removals'>>;

/** How far back a new leader looks for what was told already. */
const recentEvents = 200;

/** Takes revisions of the fleet repo to the ledger: resolve, decide, store bundles, write. One desk serves one term. */
export class RevisionDesk {
  readonly #ports: DeskPorts;
  readonly #pen: Pen;
  readonly #bundles: BundleStore;
  readonly #keeper: BundleKeeper;
  #announcements: Announcements | undefined;
  #taken: { readonly revision: string; readonly set: RevisionReleases } | undefined;
  /** What was decided on: an application that follows its revision late must not make the others be decided on again. */
  readonly #decided = new WeakSet<ReleasedApplication>();
  /** Of applications whose last good release is what git said later, too: the newest revision at which it did. */
  readonly #goodAt = new Map<string, { readonly good: string; readonly revision: string }>();

  constructor(ports: DeskPorts, pen: Pen) {
    this.#ports = ports;
    this.#pen = pen;
    this.#bundles = ports.bundles;
    this.#keeper = new BundleKeeper({
      ...ports,
      book: () => pen.book,
      store: this.#bundles,
      told: () => ports.ledger.events.recent(recentEvents),
      tell: (events) => pen.tell(events),
    });
  }

  /** Takes a revision unless it was the last one taken and nothing of it has been rendered since. */
  async take({ revision, rewoundFrom }: SourceRevision, signal: AbortSignal): Promise<void> {
    const { tracer, log, clock, releases } = this.#ports;
    const isTaken = revision === this.#taken?.revision;
    if (isTaken && this.#taken?.set === releases.latest()) return;
    if (rewoundFrom !== undefined && !isTaken) {
      const message = `somebody force-pushed: the branch went from ${rewoundFrom.slice(0, 7)} to ${revision.slice(0, 7)}, which does not contain it`;
      this.#pen.tell([{ atMs: clock.nowMs(), level: 'warning', type: 'source.rewound', revision, message }]);
    }
    try {
      const set = await withSpan(tracer, 'hub.commit', { attributes: { revision } }, () =>
        this.#publish(revision, signal),
      );
      this.#taken = { revision, set };
      this.#keeper.look();
    } catch (error) {
      // A commit that cannot be read must not cost the lead: the next look tries again, and the problems tell why.
      if (!(error instanceof RevisionError)) throw error;
      log.warn({ revision, error: errorText(error) }, 'a revision cannot be read');
    }
  }

  /** Removes stored bundles that nothing refers to any more, of one cluster at a time. */
  async tidy(): Promise<void> {
    const due = this.#pen.clusterToTidy();
    if (due) await this.#bundles.tidy(due.cluster, due.digests);
  }

  /** Stores bundles again that were lost while agents need them, until the signal aborts. */
  keepBundles(signal: AbortSignal): Promise<void> {
    return this.#keeper.run(signal);
  }

  async #publish(revision: string, signal: AbortSignal): Promise<RevisionReleases> {
    const { tracer, releases, clock, dependencies } = this.#ports;
    const root = currentTraceparent();
    const set = await withSpan(tracer, 'hub.resolve', {}, () => readRevision(releases, revision, signal));
    this.#ports.moves.learn(set);
    dependencies.take(set);
    // What has been taken over is told by reports of assignments that are about to be replaced.
    await this.#pen.reviseMoves(signal);
    const moved = await withSpan(tracer, 'hub.decide', {}, () => this.#decide(set, root, signal));
    await withSpan(tracer, 'hub.publish', { attributes: { applications: moved.length } }, async () => {
      await Promise.all(moved.map(({ released }) => this.#bundles.putAll(released, signal)));
      const parent = currentTraceparent();
      await this.#pen.carryOut(
        moved.map(({ change }) => ({ ...change, parent })),
        signal,
      );
      dependencies.written();
      await this.#pen.reviseMoves(signal);
    });
    for (const released of set.released) this.#decided.add(released);
    await this.#announce(set, clock.nowMs());
    return set;
  }

  async #decide(set: RevisionReleases, root: string | undefined, signal: AbortSignal) {
    const moved: { change: Change; released: ReleasedApplication }[] = [];
    for (const released of dependenciesFirst(set.released)) {
      if (this.#decided.has(released)) continue;
      const change = await this.#decideOne(released, root, signal);
      if (!change) continue;
      moved.push({ change, released });
      this.#ports.dependencies.note(change.application, change.next);
    }
    return moved;
  }

  /**
   * Decides once more on the newest releases of applications, whose rollouts had to end first. Does nothing before the
   * first revision is taken: that decides on all of them.
   */
  async lookAgain(applications: readonly string[], signal: AbortSignal): Promise<void> {
    const newest = this.#taken?.set.released ?? [];
    for (const released of newest.filter(({ application }) => applications.includes(application.name))) {
      const change = await this.#decideOne(released, currentTraceparent(), signal);
      if (!change) continue;
      await this.#bundles.putAll(released, signal);
      await this.#pen.carryOut([change], signal);
    }
    await this.#pen.reviseMoves(signal);
  }

  /**
   * What git says of an application now, as a rollout takes it; undefined when nothing usable of it. Throws FaultError
   * `unavailable` before any revision has been read.
   */
  async made(application: string, signal: AbortSignal): Promise<ReleaseMade | undefined> {
    const latest = this.#ports.releases.latest();
    if (!latest)
      throw new FaultError('unavailable', 'this hub has not read the fleet repo yet; ask again', {
        retry: 'later',
      });
    const released = latest.released.find((one) => one.application.name === application);
    if (!released) return undefined;
    await this.#bundles.putAll(released);
    return this.#made(released, signal);
  }

  /** A release of the past with its bundles stored, and what its bundles drop. Throws as `pastRelease` does. */
  async past(kept: KeptRelease, application: string, signal: AbortSignal): Promise<WayBack> {
    const { digest, revision } = kept;
    const released = await this.#ports.releases.past({ application, digest, revision }, signal);
    await this.#bundles.putAll(released, signal);
    const { release, policy, removals } = await this.#made(released, signal);
    return { to: { release, policy }, removals };
  }

  async #made(released: ReleasedApplication, signal: AbortSignal): Promise<ReleaseMade> {
    const { release, strategy, labels, application } = released;
    const { namespace, syncPolicy } = application;
    const state = this.#pen.book.rollouts.get(application.name)?.state;
    const removals = await this.#bundles.removals(state, released);
    const moved = await this.#ports.moves.moved(this.#pen.book, released);
    const floors = this.#ports.statuses.generationsOf(application.name);
    const { rules = {}, ...others } = syncPolicy;
    const needed = withNeededHealth(rules, keysIn(released));
    const policy = { namespace, ...others, ...(needed ? { rules: needed } : {}) };
    const { project, dependsOn } = application;
    const authors = needsAuthors(strategy) ? await this.#authorsOf(release, state, signal) : undefined;
    const known = {
      ...{ removals, moved, floors, holds: this.#holds(released, state) },
      ...(authors ? { authors } : {}),
      ...(dependsOn ? { dependsOn } : {}),
      ...(project === undefined ? {} : { project }),
    };
    return { kind: 'releaseMade', release, strategy, labels, policy, ...known };
  }

  #holds({ application, release }: ReleasedApplication, state: RolloutState | undefined): Hold[] {
    const { statuses, clock, dependencies } = this.#ports;
    const { name, project, dependsOn } = application;
    const nowMs = clock.nowMs();
    const released = Object.keys(release.bundles);
    const clusters = new Set([...released, ...Object.keys(state?.placed ?? {})]);
    const held = { application: name, project, clusters };
    return [
      ...holdsOf(this.#pen.book, held, { freezes: statuses.freezes(nowMs), nowMs }),
      ...dependencies.holds(dependsOn, released, nowMs),
    ];
  }

  async #decideOne(
    released: ReleasedApplication,
    traceparent: string | undefined,
    signal: AbortSignal,
  ): Promise<Change | undefined> {
    const { name } = released.application;
    const event = await this.#made(released, signal);
    const state = this.#pen.book.rollouts.get(name)?.state;
    const { next, effects } = decide(state, event, this.#ports.clock.nowMs());
    if (state && next === state) this.#noteGood(state, released);
    if (next === undefined || next === state) return undefined;
    return { application: name, next, effects, traceparent, parent: traceparent };
  }

  /** Git says the last good release still: whoever wrote what led here has changed nothing of the application. */
  #noteGood(state: RolloutState, { application, release }: ReleasedApplication): void {
    const good = state.lastGood?.release.digest;
    if (good === undefined || good !== state.target.release.digest || !isOver(state) || state.pin) return;
    this.#goodAt.set(application.name, { good, revision: release.revision });
  }

  /** Who wrote what the release of a rollout brings; undefined when its gates do not ask that, or nobody can say. */
  async authors(state: RolloutState, signal: AbortSignal): Promise<readonly string[] | undefined> {
    const { release, strategy } = state.target;
    return needsAuthors(strategy) ? this.#authorsOf(release, state, signal) : undefined;
  }

  /** Who wrote the commits since the last release that completed. */
  #authorsOf(release: Release, state: RolloutState | undefined, signal: AbortSignal) {
    const lastGood = state?.lastGood?.release;
    const later = this.#goodAt.get(release.application);
    const from = later && later.good === lastGood?.digest ? later.revision : lastGood?.revision;
    return this.#ports.authors({ from, to: release.revision }, signal);
  }

  async #announce(set: RevisionReleases, nowMs: number): Promise<void> {
    const { events } = this.#ports.ledger;
    this.#announcements ??= new Announcements(await events.recent(recentEvents));
    this.#pen.tell(this.#announcements.of(set, nowMs));
  }
}

/** Every object that a release has in any cluster. */
function keysIn({ bundles }: ReleasedApplication): ReadonlySet<string> {
  return new Set([...bundles.values()].flatMap(({ keys }) => keys));
}

/** The revision itself cannot be read: too large, or gone from the mirror. */
class RevisionError extends FaultError {
  constructor(cause: FaultError) {
    super(cause.code, cause.message, { retry: cause.retry, cause });
    this.name = 'RevisionError';
  }
}

async function readRevision(releases: Pick<Releases, 'at'>, revision: string, signal: AbortSignal) {
  try {
    return await releases.at(revision, signal);
  } catch (error) {
    if (error instanceof FaultError && !signal.aborted) throw new RevisionError(error);
    throw error;
  }
}
