import type { FleetEvent } from '@meridian/fleet';
import { backoffMs } from '@meridian/retry';
import { FaultError, createWake, errorText } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import { fieldNames } from '@meridian/telemetry';
import type { Logger } from '@meridian/telemetry';
import { withDeadline } from '../deadline.ts';
import type { RenderedBundle } from '@meridian/rendering';
import type { Releases } from '../releases/releases.ts';
import type { BundleStore } from './bundle-store.ts';
import { neededBundles } from './ledger-book.ts';
import type { LedgerBook, NeededBundle } from './ledger-book.ts';

/** What a keeper needs. */
export interface BundleKeeperPorts {
  readonly book: () => LedgerBook;
  readonly store: Pick<BundleStore, 'lost' | 'put'>;
  readonly releases: Pick<Releases, 'bundle' | 'latest'>;
  /** Recent events of the fleet: what a leader before has told is not told again. */
  readonly told: () => Promise<readonly FleetEvent[]>;
  readonly tell: (events: readonly FleetEvent[]) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Between two clusters: in a round where something may have changed, and in all others. */
const hastyMs = 20;
const steadyMs = 1_000;
/** A look at a cluster is followed by a rest so many times as long, up to a second: a leader that has just begun has more urgent work. */
const restPerLook = 4;
const faultBackoff = { firstMs: 1_000, factor: 2, capMs: 60_000 };
/** One cluster may take this long; what is not done then is done in the next round. */
const clusterDeadlineMs = 60_000;
/** A bundle that could not be made again is tried anew when the fleet repo moved, and this often. */
const retryLostMs = 600_000;
/** When everything is lost for good, this many events say enough; the log has all of them. */
const mostTold = 500;

/**
 * Stores bundles again that were lost from the store while agents need them. It goes round the clusters beside the
 * leader's own loop, one cluster at a time: at once when it begins and after `look`, then one a second.
 */
export class BundleKeeper {
  readonly #ports: BundleKeeperPorts;
  readonly #wake = createWake();
  /** Bundles that could not be made again: the newest revision at that time, and when. */
  readonly #lost = new Map<string, { readonly newest: string | undefined; readonly atMs: number }>();
  #told: Set<string> | undefined;
  #round: string[] = [];
  #hastyRounds = 1;
  /** Clusters that could not be looked through: how often in a row, and when they are due again. */
  readonly #faults = new Map<string, { readonly count: number; readonly dueAtMs: number }>();

  constructor(ports: BundleKeeperPorts) {
    this.#ports = ports;
  }

  /** Looks through all clusters quickly, now: a revision was taken. */
  look(): void {
    // The round under way is past some clusters, so a whole one comes after it.
    this.#hastyRounds = 2;
    for (const [cluster, fault] of this.#faults) this.#faults.set(cluster, { ...fault, dueAtMs: 0 });
    this.#wake.ring();
  }

  /** Goes round until the signal aborts. Faults of the outside world are waited out. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const waitMs = await this.#step(signal);
      await this.#wake.next(waitMs, signal);
    }
  }

  /** Looks at one cluster. Gives how long to wait before the next. */
  async #step(signal: AbortSignal): Promise<number> {
    const { clock } = this.#ports;
    const cluster = this.#nextCluster();
    const beganMs = clock.monotonicMs();
    if (cluster !== undefined) await this.#tryKeep(cluster, signal);
    if (this.#round.length === 0) this.#hastyRounds = Math.max(0, this.#hastyRounds - 1);
    const restMs = Math.min(steadyMs, restPerLook * (clock.monotonicMs() - beganMs));
    return Math.max(this.#hastyRounds > 0 ? hastyMs : steadyMs, restMs);
  }

  /** A cluster whose bundles cannot be looked through waits longer each time; it holds up no other. */
  async #tryKeep(cluster: string, signal: AbortSignal): Promise<void> {
    try {
      await withDeadline(signal, clusterDeadlineMs, (within) =>
        unlessAborted(this.#keep(cluster, within), within),
      );
      this.#faults.delete(cluster);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof FaultError)) throw error;
      const { log, clock } = this.#ports;
      log.warn({ cluster, error: errorText(error) }, 'stored bundles could not be checked');
      const count = this.#faults.get(cluster)?.count ?? 0;
      // Only one hub leads, so there is nobody to spread these over time for.
      const dueAtMs = clock.monotonicMs() + backoffMs(faultBackoff, count, 1);
      this.#faults.set(cluster, { count: count + 1, dueAtMs });
    }
  }

  #nextCluster(): string | undefined {
    if (this.#round.length === 0) this.#round = clustersOf(this.#ports.book());
    const nowMs = this.#ports.clock.monotonicMs();
    for (let next = this.#round.pop(); next !== undefined; next = this.#round.pop())
      if ((this.#faults.get(next)?.dueAtMs ?? nowMs) <= nowMs) return next;
    return undefined;
  }

  async #keep(cluster: string, signal: AbortSignal): Promise<void> {
    const needed = neededBundles(this.#ports.book(), cluster).filter((one) => !this.#isGivenUp(one));
    const lost = new Set(
      await this.#ports.store.lost(
        cluster,
        needed.map(({ digest }) => digest),
      ),
    );
    // One by one: rendering takes the process, and everything else wants its turn in between.
    for (const one of needed) {
      if (!lost.has(one.digest)) continue;
      signal.throwIfAborted();
      if (await this.#restore(one, signal)) this.#hastyRounds = 2;
      else await this.#giveUp(one);
    }
  }

  /** Makes a bundle again and stores it; false when it cannot be made. */
  async #restore(one: NeededBundle, signal: AbortSignal): Promise<boolean> {
    const { releases, store, log } = this.#ports;
    const bundle = await this.#make(one, signal);
    signal.throwIfAborted();
    if (bundle === undefined && releases.latest() === undefined) {
      throw new FaultError('unavailable', 'no revision of the fleet repo has been read yet', {
        retry: 'later',
      });
    }
    if (bundle === undefined) return false;
    await store.put(one.cluster, bundle);
    this.#lost.delete(keyOf(one));
    this.#told?.delete(lostText(one));
    log.info(fieldsOf(one), 'a bundle was lost and is stored again');
    return true;
  }

  async #make(one: NeededBundle, signal: AbortSignal): Promise<RenderedBundle | undefined> {
    try {
      return await this.#ports.releases.bundle(one, signal);
    } catch (error) {
      if (error instanceof FaultError && isUnreadable(error)) return undefined;
      throw error;
    }
  }

  #isGivenUp(one: NeededBundle): boolean {
    const lost = this.#lost.get(keyOf(one));
    if (lost === undefined) return false;
    const { releases, clock } = this.#ports;
    return releases.latest()?.revision === lost.newest && clock.monotonicMs() - lost.atMs < retryLostMs;
  }

  async #giveUp(one: NeededBundle): Promise<void> {
    const { releases, clock, tell, log, told } = this.#ports;
    this.#lost.set(keyOf(one), { newest: releases.latest()?.revision, atMs: clock.monotonicMs() });
    log.error(fieldsOf(one), 'a bundle is lost and cannot be made again');
    this.#told ??= new Set((await told()).flatMap(({ type, message }) => (type === lostType ? message : [])));
    const message = lostText(one);
    if (this.#told.has(message) || this.#told.size >= mostTold) return;
    this.#told.add(message);
    const { application, cluster, revision } = one;
    tell([{ atMs: clock.nowMs(), level: 'error', type: lostType, application, cluster, revision, message }]);
  }
}

const lostType = 'bundle.lost';

/** The revision may be gone from the fleet repo; a full disk or a git that was killed says nothing of it. */
function isUnreadable({ code, retry }: FaultError): boolean {
  return retry === 'never' || code === 'not_found' || code === 'invalid';
}

function lostText({ application, cluster, digest, revision }: NeededBundle): string {
  return (
    `the bundle ${digest.slice(0, 19)} of ${application} for ${cluster} is lost, and revision ${revision.slice(0, 7)} ` +
    `does not give it again; what runs stays, but an agent that has no copy waits: push a commit that changes ${application}, or revert to one that made this bundle`
  );
}

function fieldsOf({ application, cluster, digest, revision }: NeededBundle): object {
  return { [fieldNames.application]: application, [fieldNames.cluster]: cluster, digest, revision };
}

function keyOf({ cluster, digest }: NeededBundle): string {
  return `${cluster} ${digest}`;
}

function clustersOf({ assignments, rollouts }: LedgerBook): string[] {
  const targets = [...rollouts.values()].flatMap(({ state }) => Object.keys(state.target.release.bundles));
  return [...new Set([...assignments.keys(), ...targets])];
}

/** The store answers in its own time; a term that is over does not wait for it. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const over = Promise.withResolvers<void>();
  const stop = () => over.reject(new FaultError('timeout', 'it took too long', { retry: 'later' }));
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await Promise.race([work, over.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
