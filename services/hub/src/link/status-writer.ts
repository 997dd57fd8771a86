import { backoffMs } from '@meridian/retry';
import { FaultError } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';

/** Where statuses are kept: the last value of a key, shared by all hub replicas. */
export interface StatusStore {
  put(key: StatusStoreKey, value: unknown, signal?: AbortSignal): Promise<void>;
  clear(key: StatusStoreKey): Promise<void>;
}

/** Whose status: a cluster's agent, or one application there. */
export interface StatusStoreKey {
  readonly cluster: string;
  readonly application?: string;
}

/** Writes statuses: one write per key at a time, and of those that wait for a key only the newest. */
export interface StatusWriter {
  /** Resolves when this value, or a newer one of the key, is stored. Undefined clears the key. */
  write(session: string, key: StatusStoreKey, value: unknown): Promise<void>;
  /** Forgets what the session still wanted to write and stops what it writes: a later session of the cluster says it anew. */
  forget(session: string): void;
}

interface Waiting {
  readonly session: string;
  readonly key: StatusStoreKey;
  value: unknown;
  readonly done: PromiseWithResolvers<void>[];
}

const retryPolicy = { firstMs: 100, factor: 2, capMs: 2_000 };
/** After this the report fails, its stream ends, and the agent may find a hub that can store. */
const giveUpAfterMs = 10_000;
const maxWritesAtOnce = 64;

/** A writer over a store. Memory is bounded by one running and one waiting value per key. */
export function statusWriter(store: StatusStore, clock: Clock, random: () => number): StatusWriter {
  const waiting = new Map<string, Waiting>();
  const running = new Map<string, { session: string; stop: AbortController }>();

  const startNext = () => {
    for (const [name, entry] of waiting) {
      if (running.size >= maxWritesAtOnce) return;
      if (running.has(name)) continue;
      waiting.delete(name);
      const stop = new AbortController();
      running.set(name, { session: entry.session, stop });
      void persistEntry(entry, stop.signal).finally(() => {
        running.delete(name);
        startNext();
      });
    }
  };

  const persistEntry = async (entry: Waiting, stopped: AbortSignal) => {
    try {
      await persist(store, entry, { clock, random, stopped });
      for (const done of entry.done) done.resolve();
    } catch (error) {
      for (const done of entry.done) done.reject(error);
    }
  };

  return {
    write(session, key, value) {
      const done = Promise.withResolvers<void>();
      const name = `${key.cluster}/${key.application ?? ''}`;
      const before = waiting.get(name);
      // What waited for the key is carried by the newer value, whoever sent it.
      waiting.set(name, { session, key, value, done: [...(before?.done ?? []), done] });
      startNext();
      return done.promise;
    },
    forget(session) {
      for (const write of running.values()) if (write.session === session) write.stop.abort();
      for (const [name, entry] of waiting) {
        if (entry.session !== session) continue;
        waiting.delete(name);
        for (const done of entry.done)
          done.reject(new FaultError('unavailable', 'the session ended', { retry: 'later' }));
      }
    },
  };
}

async function persist(
  store: StatusStore,
  { key, value }: Waiting,
  {
    clock,
    random,
    stopped,
  }: { readonly clock: Clock; readonly random: () => number; readonly stopped: AbortSignal },
): Promise<void> {
  const signal = AbortSignal.any([AbortSignal.timeout(giveUpAfterMs), stopped]);
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await (value === undefined ? store.clear(key) : store.put(key, value, signal));
    } catch (error) {
      const isHopeless = error instanceof FaultError && error.retry === 'never';
      if (isHopeless || signal.aborted) throw error;
      await clock.wait(backoffMs(retryPolicy, attempt, random()), signal);
      if (signal.aborted) throw error;
    }
  }
}
