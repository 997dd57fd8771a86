import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import type { Random } from './random.ts';
import type { Schedule } from './schedule.ts';

interface Realm {
  readonly schedule: Schedule;
  readonly random: Random;
}

let realm: Realm | undefined;

/** Sets whose time and randomness this thread has from now on. */
export function enterRealm(schedule: Schedule, random: Random): void {
  realm = { schedule, random };
}

/**
 * Gives this thread the timers and the randomness of a simulated world, for good: production code that waits, spreads its
 * retries or makes ids does so in that world. Call it before anything else is imported.
 */
export function installRealm(): void {
  const put = (target: object, name: string, value: unknown) =>
    Object.defineProperty(target, name, { value, configurable: true, writable: true });
  const present = (): Realm => {
    if (!realm) throw new TypeError('no world runs in this thread');
    return realm;
  };
  const nowMs = () => startMs + (realm?.schedule.nowMs ?? 0);
  put(globalThis, 'setTimeout', (run: () => void, ms = 0) => {
    const { schedule } = present();
    const planned = schedule.after(ms, schedule.current, run);
    return { ...planned, ref: () => undefined, unref: () => undefined };
  });
  put(globalThis, 'clearTimeout', (timer: { cancel(): void } | undefined) => timer?.cancel());
  put(globalThis, 'setImmediate', (run: () => void) => {
    const { schedule } = present();
    return schedule.after(0, schedule.current, run);
  });
  put(performance, 'now', () => realm?.schedule.nowMs ?? 0);
  put(Date, 'now', nowMs);
  put(Math, 'random', () => realm?.random.next() ?? 0.5);
  put(AbortSignal, 'timeout', (ms: number) => {
    const over = new AbortController();
    const { schedule } = present();
    schedule.after(ms, schedule.current, () => over.abort(new DOMException('timeout', 'TimeoutError')));
    return over.signal;
  });
  const hex = (digits: number) =>
    Math.floor((realm?.random.next() ?? 0.5) * 16 ** digits)
      .toString(16)
      .padStart(digits, '0');
  put(crypto, 'randomUUID', () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`);
  syncBuiltinESMExports();
}

/** Unix time at which every world starts. */
export const startMs = Date.UTC(2026, 0, 1);
