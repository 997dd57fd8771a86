import { zstdDecompressSync } from 'node:zlib';
import type { Ledger, LedgerMessage } from '@meridian/ledger';
import { decodeState } from '@meridian/rollout';
import type { RolloutState } from '@meridian/rollout';

/** What the ledger was seen to hold, read as any hub reads it. */
export interface LedgerWatch {
  /** The first message from now on, or since `after`, that fits. Throws when it does not come within the time. */
  next<T>(what: string, fit: (message: LedgerMessage) => T | undefined, options?: WaitOptions): Promise<T>;
  /** Place of the last message that was seen. */
  sequence(): number;
  /** Name and term of the hub that claimed last. */
  leader(): { readonly holder: string; readonly term: number };
  /** Sizes in bytes of all messages after a place. */
  sizesAfter(sequence: number): readonly number[];
}

/** Since when, and how long. */
export interface WaitOptions {
  readonly after?: number;
  readonly withinMs?: number;
}

interface Waiter {
  readonly after: number;
  take(message: LedgerMessage): void;
}

/** Follows the whole ledger until the signal aborts. Keeps the last 200,000 sizes and 20,000 messages. */
export function watchLedger(ledger: Ledger, signal: AbortSignal): LedgerWatch {
  const waiters = new Set<Waiter>();
  const recent: LedgerMessage[] = [];
  const sizes: { readonly sequence: number; readonly bytes: number }[] = [];
  let leader = { holder: '', term: 0 };
  let last = 0;
  const follow = async () => {
    for await (const message of ledger.follow({ filter: 'ledger.main.>', signal })) {
      last = message.sequence;
      recent.push(message);
      if (recent.length > 20_000) recent.splice(0, 10_000);
      sizes.push({ sequence: message.sequence, bytes: message.body.length });
      if (sizes.length > 200_000) sizes.splice(0, 100_000);
      if (message.subject.endsWith('.claim'))
        leader = { holder: message.headers['Meridian-Holder'] ?? '', term: message.term };
      for (const waiter of waiters) waiter.take(message);
    }
  };
  const following = follow();
  return {
    sequence: () => last,
    leader: () => leader,
    sizesAfter: (sequence) => sizes.filter((one) => one.sequence > sequence).map(({ bytes }) => bytes),
    async next(what, fit, { after = last, withinMs = 120_000 } = {}) {
      const found = Promise.withResolvers<NonNullable<ReturnType<typeof fit>>>();
      const waiter: Waiter = {
        after,
        take(message) {
          if (message.sequence <= after) return;
          const value = fit(message);
          if (value !== undefined && value !== null) found.resolve(value);
        },
      };
      for (const message of recent) waiter.take(message);
      waiters.add(waiter);
      const until = AbortSignal.any([signal, AbortSignal.timeout(withinMs)]);
      const give = () => found.reject(new Error(`the ledger did not show: ${what}`));
      until.addEventListener('abort', give, { once: true });
      try {
        return await Promise.race([found.promise, following.then(() => found.promise)]);
      } finally {
        waiters.delete(waiter);
        until.removeEventListener('abort', give);
      }
    },
  };
}

/** The state of an application's rollout, if that is what the message holds. */
export function rolloutIn(message: LedgerMessage, application: string): RolloutState | undefined {
  if (message.subject !== `ledger.main.rollout.${application}`) return undefined;
  const bytes = Buffer.from(message.body);
  // Long states are zstd frames (RFC 8878); JSON cannot begin with these bytes.
  const isPacked = bytes.subarray(0, 4).equals(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]));
  const read = decodeState((isPacked ? zstdDecompressSync(bytes) : bytes).toString('utf8'));
  if (!read.ok) throw new Error(`${message.subject} at ${message.sequence}: ${read.reason}`);
  return read.state;
}
