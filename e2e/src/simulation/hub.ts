import { createLeader, createStatusMemory } from '@meridian/hub';
import type {
  ControlMetrics,
  LeaderPorts,
  SignAssignment,
  SourceRevision,
  StatusMemory,
} from '@meridian/hub';
import { FaultError } from '@meridian/runtime';
import type { Telemetry } from '@meridian/telemetry';
import type { Board } from './board.ts';
import { clockOf } from './clock.ts';
import { openLedgerPort } from './ledger-port.ts';
import type { LedgerWorld } from './ledger-port.ts';
import type { Lock } from './lock.ts';
import type { Repo } from './repo.ts';
import { Process } from './schedule.ts';
import type { Systems } from './systems.ts';

/** What hubs share. */
export interface HubWorld extends LedgerWorld {
  readonly lock: Lock;
  readonly board: Board;
  readonly repo: Repo;
  readonly systems: Pick<Systems, 'ask' | 'authors'>;
  readonly sign: SignAssignment;
  readonly telemetry: Pick<Telemetry, 'log' | 'tracer'>;
  readonly metrics: ControlMetrics;
  /** A hub process ended by an error that is no fault of the outside world. */
  readonly onBug: (hub: string, error: unknown) => void;
}

const pollMs = 10_000;

/** A place for a hub: its process comes and goes. */
export class Hub {
  readonly name: string;
  readonly #world: HubWorld;
  process: Process;
  #listeners = new Set<(found: SourceRevision) => void>();
  /** When the look began that was answered last. */
  #confirmedAtMs = 0;

  constructor(name: string, world: HubWorld) {
    this.name = name;
    this.#world = world;
    this.process = new Process(name);
    this.process.isAlive = false;
  }

  /** Starts a process that remembers nothing. */
  start(skewMs: number): void {
    const world = this.#world;
    const process = new Process(this.name, skewMs);
    this.process = process;
    this.#listeners = new Set();
    this.#confirmedAtMs = 0;
    world.schedule.after(0, process, () => void this.#run(process));
  }

  /** As SIGKILL: nothing is released and nothing is finished. */
  kill(): void {
    this.process.isAlive = false;
  }

  /** Looks at the repo, as after a webhook. */
  look(): void {
    if (this.process.isAlive) this.#look(this.process);
  }

  async #run(process: Process): Promise<void> {
    const world = this.#world;
    const clock = clockOf(world.schedule, process);
    const statuses: StatusMemory = createStatusMemory((application, cluster) => {
      if (application !== undefined) leader.onReport(application, cluster);
    });
    const leader = createLeader({
      lease: world.lock.leaseOf(process),
      ledger: openLedgerPort(world, process),
      source: {
        look: () => this.#look(process),
        onConfirmed: (confirmed, signal) => {
          this.#listeners.add(confirmed);
          signal.addEventListener('abort', () => this.#listeners.delete(confirmed), { once: true });
        },
      },
      releases: this.#releases(),
      statuses,
      authors: (change) => world.systems.authors(change),
      askGate: (question) => world.systems.ask(process, question),
      clock,
      log: world.telemetry.log,
      tracer: world.telemetry.tracer,
      metrics: world.metrics,
      shard: 'main',
      sign: world.sign,
    });
    const fail = (error: unknown) => {
      process.isAlive = false;
      world.onBug(this.name, error);
    };
    world.board.follow(process, (entry) => statuses.take(entry));
    this.#poll(process);
    await leader.part.start({ signal: new AbortController().signal, fail });
  }

  #releases(): LeaderPorts['releases'] {
    const { repo } = this.#world;
    let latest: ReturnType<Repo['at']> | undefined;
    return {
      at: async (revision) => (latest = repo.at(revision)),
      latest: () => latest,
      onMore: () => undefined,
      bundle: async ({ digest }) => repo.bundles.get(digest),
      past: async ({ application, revision }) => {
        const found = repo.at(revision).released.find((one) => one.application.name === application);
        if (found) return found;
        throw new FaultError('not_found', `revision ${revision} has no ${application}`, { retry: 'never' });
      },
    };
  }

  #poll(process: Process): void {
    this.#look(process);
    this.#world.schedule.after(pollMs, process, () => this.#poll(process));
  }

  #look(process: Process): void {
    const { schedule, network, repo } = this.#world;
    const askedAtMs = clockOf(schedule, process).monotonicMs();
    let revision = '';
    const hear = () => {
      // A hub looks once at a time: what an earlier look says late is nothing to it.
      if (askedAtMs < this.#confirmedAtMs) return;
      this.#confirmedAtMs = askedAtMs;
      for (const listener of this.#listeners) listener({ revision, askedAtMs });
    };
    const arrive = () => {
      revision = repo.head.revision;
      network.send(this.name, 'git', { owner: process, arrive: hear });
    };
    network.send(this.name, 'git', { arrive });
  }
}
