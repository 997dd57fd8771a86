import type { CheckReport } from '@meridian/fleet';
import type { StatusEntry } from '@meridian/ledger';
import { startMs } from './realm.ts';
import type { Process, Schedule } from './schedule.ts';
import type { Network } from './network.ts';

/** What an agent said, when it was stored. */
export interface Report {
  readonly cluster: string;
  /** Undefined: a word of the agent itself, such as a heartbeat. */
  readonly application: string | undefined;
  readonly value: ReportedStatus | AgentWord;
  readonly storedAtMs: number;
}

/** What an agent says of itself. */
export interface AgentWord {
  readonly session: string;
  readonly limits?: { readonly freeze: { readonly author: string; readonly reason: string } };
}

/** The status of an application, as far as a leader reads it. */
export interface ReportedStatus {
  readonly release: string;
  readonly generation: number;
  readonly term: number;
  readonly incarnation: string;
  readonly sync: 'Synced' | 'OutOfSync' | 'Applying' | 'Failed';
  readonly health: 'Healthy' | 'Progressing' | 'Degraded' | 'Suspended' | 'Missing' | 'Unknown';
  readonly message: string;
  readonly refusedDeletions?: number;
  readonly checks?: readonly CheckReport[];
  readonly observedAtMs: number;
  readonly session: string;
}

interface Follower {
  readonly process: Process;
  readonly take: (entry: StatusEntry) => void;
  lastAtMs: number;
}

/** The status board: the last word of everybody, told to every hub in the order it was stored. */
export class Board {
  readonly #schedule: Schedule;
  readonly #network: Network;
  readonly #onStored: (report: Report) => void;
  readonly #last = new Map<string, StatusEntry>();
  readonly #followers = new Set<Follower>();
  #sequence = 0;

  constructor(schedule: Schedule, network: Network, onStored: (report: Report) => void) {
    this.#schedule = schedule;
    this.#network = network;
    this.#onStored = onStored;
  }

  /** Stores a word; the time that it bears is that of the store. */
  put(cluster: string, application: string | undefined, value: Report['value'] | undefined): void {
    this.#sequence += 1;
    const storedAtMs = this.#schedule.nowMs;
    const entry: StatusEntry = {
      cluster,
      ...(application === undefined ? {} : { application }),
      value,
      sequence: this.#sequence,
      atMs: startMs + storedAtMs,
    };
    this.#last.set(`${cluster}/${application ?? ''}`, entry);
    if (value) this.#onStored({ cluster, application, value, storedAtMs });
    for (const follower of this.#followers) this.#tell(follower, entry);
  }

  /** All there is, and then everything that comes, for as long as the process lives. */
  follow(process: Process, take: (entry: StatusEntry) => void): void {
    for (const follower of this.#followers) if (!follower.process.isAlive) this.#followers.delete(follower);
    const follower = { process, take, lastAtMs: 0 };
    this.#followers.add(follower);
    for (const entry of this.#last.values()) this.#tell(follower, entry);
  }

  /** The store is lost. */
  lose(): void {
    this.#last.clear();
  }

  /** A feed is in order: what is slow holds up what comes after it. */
  #tell(follower: Follower, entry: StatusEntry): void {
    const { nowMs } = this.#schedule;
    const atMs = Math.max(follower.lastAtMs, nowMs + this.#network.delayMs());
    follower.lastAtMs = atMs;
    this.#schedule.after(atMs - nowMs, follower.process, () => follower.take(entry));
  }
}
