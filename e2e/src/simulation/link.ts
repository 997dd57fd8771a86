import type { Board, ReportedStatus } from './board.ts';
import type { Hub } from './hub.ts';
import type { Network } from './network.ts';
import type { Random } from './random.ts';
import type { Process, Schedule } from './schedule.ts';

/** What a link needs. */
export interface LinkWorld {
  readonly schedule: Schedule;
  readonly network: Network;
  readonly random: Random;
  readonly board: Board;
  readonly hubs: readonly Hub[];
  /** Share of messages at which a stream breaks. */
  readonly breaks: () => number;
}

/** What a link tells of. */
export interface LinkedCluster {
  readonly name: string;
  readonly statuses: (session: string) => ReadonlyMap<string, ReportedStatus>;
  readonly isFrozen: () => boolean;
}

const heartbeatMs = 5_000;
const patienceMs = 8_000;

/**
 * The stream of one agent to one hub at a time: in order while it lasts. A hub that stands still writes what it had received
 * when it goes on, although the agent has another hub by then.
 */
export class Link {
  readonly #world: LinkWorld;
  readonly #agent: Process;
  readonly #cluster: LinkedCluster;
  #session: { readonly id: string; readonly hub: Process; lastAtMs: number } | undefined;
  #sessions = 0;

  constructor(world: LinkWorld, agent: Process, cluster: LinkedCluster) {
    this.#world = world;
    this.#agent = agent;
    this.#cluster = cluster;
  }

  /** Attaches, and beats for as long as the agent lives. */
  start(prefix: string): void {
    this.#attach(prefix);
    this.#beat(prefix);
  }

  /** Sends the present status of an application. */
  report(application: string): void {
    const session = this.#session;
    if (!session) return;
    const status = this.#cluster.statuses(session.id).get(application);
    if (status) this.#send(() => this.#world.board.put(this.#cluster.name, application, status));
  }

  /** Sends what the agent says of itself: that it is there, and whether it may write. */
  reportAgent(): void {
    const session = this.#session;
    if (!session) return;
    const freeze = { author: 'root', reason: 'maintenance' };
    const limits = this.#cluster.isFrozen() ? { limits: { freeze } } : {};
    this.#send(() =>
      this.#world.board.put(this.#cluster.name, undefined, { session: session.id, ...limits }),
    );
  }

  /** The stream ends; the agent attaches again soon. */
  break(): void {
    this.#session = undefined;
  }

  #beat(prefix: string): void {
    const { schedule } = this.#world;
    if (this.#isDead()) this.#session = undefined;
    if (this.#session) this.reportAgent();
    else this.#attach(prefix);
    schedule.after(this.#session ? heartbeatMs : 1_000, this.#agent, () => this.#beat(prefix));
  }

  #isDead(): boolean {
    const session = this.#session;
    if (!session) return true;
    const { network, schedule } = this.#world;
    const { hub } = session;
    return (
      !hub.isAlive ||
      network.isCut(this.#agent.name, 'hubs') ||
      network.isCut(hub.name, 'nats') ||
      hub.pausedUntilMs - schedule.nowMs > patienceMs
    );
  }

  #attach(prefix: string): void {
    const { hubs, random, network, board, schedule } = this.#world;
    const open = hubs.filter(({ process }) => process.isAlive && process.pausedUntilMs <= schedule.nowMs);
    if (open.length === 0 || network.isCut(this.#agent.name, 'hubs')) return;
    this.#sessions += 1;
    const id = `${prefix}-${this.#sessions}`;
    this.#session = { id, hub: random.pick(open).process, lastAtMs: 0 };
    // The snapshot: every application, then the agent itself.
    for (const [application, status] of this.#cluster.statuses(id))
      this.#send(() => board.put(this.#cluster.name, application, status));
    this.reportAgent();
  }

  #send(write: () => void): void {
    const session = this.#session;
    if (!session) return;
    const { schedule, network, random, breaks } = this.#world;
    if (random.chance(breaks())) {
      this.break();
      return;
    }
    const atMs = Math.max(session.lastAtMs, schedule.nowMs + network.delayMs());
    session.lastAtMs = atMs;
    schedule.after(atMs - schedule.nowMs, session.hub, write);
  }
}
