import type { Lease } from '@meridian/lease';
import { noAnswer } from './clock.ts';
import type { Network } from './network.ts';
import type { Process, Schedule } from './schedule.ts';

const ttlMs = 3_000;
const renewMs = 700;
const timeoutMs = 1_000;
const marginMs = 500;

/** The leader lock in Redis, which forgets and lies when it is told to. */
export class Lock {
  readonly #schedule: Schedule;
  readonly #network: Network;
  #held: { readonly token: number; untilMs: number } | undefined;
  #term = 0;
  #tokens = 0;

  constructor(schedule: Schedule, network: Network) {
    this.#schedule = schedule;
    this.#network = network;
  }

  /** Everything is gone, as after FLUSHALL, an empty restart or a failover: lock and term. */
  forget(): void {
    this.#held = undefined;
    this.#term = 0;
  }

  /** The lock as one hub has it. */
  leaseOf(process: Process): Lease {
    let hold: { token: number; deadlineMs: number } | undefined;
    const monotonicMs = () => 1_000 + this.#schedule.nowMs;
    const ask = <T>(serve: () => T) =>
      this.#network.askAtOnce(process, 'redis', { serve, timeoutMs, fault: () => noAnswer('redis') });
    return {
      ttlMs,
      renewMs,
      acquire: async () => {
        this.#tokens += 1;
        const token = this.#tokens;
        const askedMs = monotonicMs();
        const term = await ask(() => this.#acquire(token));
        if (term === 0) return undefined;
        hold = { token, deadlineMs: askedMs + ttlMs - marginMs };
        return { term };
      },
      renew: async () => {
        if (!hold) return 'lost';
        const { token } = hold;
        const askedMs = monotonicMs();
        try {
          const isKept = await ask(() => this.#renew(token));
          hold = isKept ? { token, deadlineMs: askedMs + ttlMs - marginMs } : undefined;
          return isKept ? 'held' : 'lost';
        } catch {
          return 'unreachable';
        }
      },
      release: async () => {
        if (!hold) return;
        const { token } = hold;
        hold = undefined;
        await ask(() => this.#release(token)).catch(() => undefined);
      },
      deadlineMs: () => hold?.deadlineMs ?? 0,
      close: async () => undefined,
      [Symbol.asyncDispose]: async () => undefined,
    };
  }

  #present() {
    if (this.#held && this.#held.untilMs <= this.#schedule.nowMs) this.#held = undefined;
    return this.#held;
  }

  #acquire(token: number): number {
    if (this.#present()) return 0;
    this.#held = { token, untilMs: this.#schedule.nowMs + ttlMs };
    this.#term += 1;
    return this.#term;
  }

  #renew(token: number): boolean {
    const held = this.#present();
    if (held?.token !== token) return false;
    held.untilMs = this.#schedule.nowMs + ttlMs;
    return true;
  }

  #release(token: number): void {
    if (this.#present()?.token === token) this.#held = undefined;
  }
}
