import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { backoffMs } from '@meridian/retry';
import { FaultError, errorText } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import { acquireScript, releaseScript, renewScript } from './scripts.ts';

/** Where the lease says what an operator may need to know. */
export interface LeaseLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** How to reach the lock. */
export interface OpenLeaseOptions {
  /** `redis://` or `rediss://`, with user and password when needed. */
  readonly redisUrl: string;
  /** What is led, such as `main`; replicas that compete use the same. */
  readonly key: string;
  readonly holder: string;
  /** How long the lock lives without a renewal; 3,000 unless told. */
  readonly ttlMs?: number;
  /** Time between renewals; 700 unless told, and well below the ttl. */
  readonly renewMs?: number;
  readonly clock: Clock;
  readonly log?: LeaseLog;
}

/** What Redis said of a renewal. `unreachable`: nothing, in time; the lock may or may not be ours. */
export type LeaseState = 'held' | 'lost' | 'unreachable';

/**
 * The leader lock: it decides who tries to lead, never who may write. Losing Redis, or being lied to by it, costs time
 * only.
 */
export interface Lease extends AsyncDisposable {
  readonly ttlMs: number;
  readonly renewMs: number;
  /** One try: the term when the lock is ours now, undefined when somebody has it. Throws FaultError when Redis does not answer. */
  acquire(signal: AbortSignal): Promise<{ readonly term: number } | undefined>;
  /** Asks for another ttl. `lost` also when there was nothing to renew. */
  renew(): Promise<LeaseState>;
  /** Gives the lock up if it is ours; the next candidate need not wait for the expiry. Never throws. */
  release(): Promise<void>;
  /** Monotonic time until which the lock is surely ours, with a margin of 500 ms; 0 when it is not. */
  deadlineMs(): number;
  close(): Promise<void>;
}

const marginMs = 500;
const commandTimeoutMs = 1_000;
const reconnectBackoff = { firstMs: 50, factor: 2, capMs: 2_000 };

/** Opens the lock; connecting goes on in the background, so this returns at once. */
export function openLease(options: OpenLeaseOptions): Lease {
  const { clock, ttlMs = 3_000, renewMs = 700 } = options;
  if (renewMs * 2 + marginMs > ttlMs) {
    throw new FaultError(
      'invalid',
      `a lock of ${ttlMs} ms cannot be kept by renewals every ${renewMs} ms; two must fit, with ${marginMs} ms to spare`,
      {
        retry: 'never',
      },
    );
  }
  const redis = connectRedis(options);
  const lockKey = `meridian:{${options.key}}:lock`;
  const termKey = `meridian:{${options.key}}:term`;
  let hold: { token: string; deadlineMs: number } | undefined;

  const lease: Lease = {
    ttlMs,
    renewMs,
    async acquire(signal) {
      signal.throwIfAborted();
      await firstConnection(redis, signal);
      // A new token each time: a lock that Redis grants after we stopped waiting is nobody's and expires.
      const token = `${options.holder}:${randomUUID()}`;
      const asked = clock.monotonicMs();
      const term = await run(redis, acquireScript, { keys: [lockKey, termKey], args: [token, `${ttlMs}`] });
      if (term < 1) return undefined;
      hold = { token, deadlineMs: asked + ttlMs - marginMs };
      return { term };
    },
    async renew() {
      if (!hold) return 'lost';
      const { token } = hold;
      // Counted from before the question: the answer may have been under way for long.
      const asked = clock.monotonicMs();
      try {
        const kept = await run(redis, renewScript, { keys: [lockKey], args: [token, `${ttlMs}`] });
        hold = kept === 1 ? { token, deadlineMs: asked + ttlMs - marginMs } : undefined;
        return kept === 1 ? 'held' : 'lost';
      } catch (error) {
        options.log?.warn({ error: errorText(error) }, 'the leader lock could not be renewed');
        return 'unreachable';
      }
    },
    async release() {
      if (!hold) return;
      const { token } = hold;
      hold = undefined;
      try {
        await run(redis, releaseScript, { keys: [lockKey], args: [token] });
      } catch (error) {
        options.log?.warn(
          { error: errorText(error) },
          'the leader lock was not released; it expires by itself',
        );
      }
    },
    deadlineMs: () => hold?.deadlineMs ?? 0,
    close: async () => redis.disconnect(),
    [Symbol.asyncDispose]: async () => redis.disconnect(),
  };
  return lease;
}

function connectRedis({ redisUrl, holder, log }: OpenLeaseOptions): Redis {
  const redis = new Redis(redisUrl, {
    connectionName: `meridian-${holder}`,
    // A queued SET that runs seconds later is a ghost lock: no queue, no resending.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: commandTimeoutMs,
    commandTimeout: commandTimeoutMs,
    // A server that went away without a word is noticed by its silence.
    socketTimeout: 4 * commandTimeoutMs,
    retryStrategy: (times) => backoffMs(reconnectBackoff, times - 1, Math.random()),
    // After a failover the old primary answers READONLY for ever; only a new connection finds the new one.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  });
  let reachable = true;
  redis.on('error', (error: unknown) => {
    if (reachable) log?.warn({ error: errorText(error) }, 'redis is not reachable');
    reachable = false;
  });
  redis.on('ready', () => {
    if (!reachable) log?.info({}, 'redis is reachable again');
    reachable = true;
  });
  return redis;
}

/**
 * A connection that is being made gets as long as an answer may take: a replica that has just started would otherwise
 * take a Redis that is well for one that is gone. Nothing is queued meanwhile.
 */
async function firstConnection(redis: Redis, signal: AbortSignal): Promise<void> {
  if (redis.status !== 'connecting' && redis.status !== 'connect') return;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(commandTimeoutMs)]);
  await once(redis, 'ready', { signal: limit }).catch(() => undefined);
}

/** Runs a script by its text, so that a SCRIPT FLUSH or a new server changes nothing. */
async function run(
  redis: Redis,
  script: string,
  { keys, args }: { keys: readonly string[]; args: readonly string[] },
): Promise<number> {
  try {
    const answer = await redis.eval(script, keys.length, ...keys, ...args);
    return typeof answer === 'number' ? answer : 0;
  } catch (error) {
    const fault = toFault(error);
    // A connection that swallowed one answer is not worth waiting for; a new one may reach another server.
    if (fault.code === 'timeout') redis.disconnect(true);
    throw fault;
  }
}

function toFault(error: unknown): FaultError {
  const message = errorText(error);
  if (/^(NOAUTH|WRONGPASS|NOPERM)/.test(message)) {
    return new FaultError('denied', 'Redis refused the user or password of MERIDIAN_REDIS_URL', {
      retry: 'later',
      cause: error,
    });
  }
  const code = message.includes('timed out') ? 'timeout' : 'unavailable';
  return new FaultError(code, 'Redis did not answer for the leader lock', { retry: 'later', cause: error });
}
