import { backoffMs, jitterMs } from '@meridian/retry';
import { FaultError, errorText } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import type { Engine } from '../applications/engine.ts';
import type { DesiredStatePort, Log } from '../ports.ts';

/** Reads desired state: everything on connect and every half minute, one application on each hint. */
export interface SourceReader {
  /** Runs until `signal` aborts. `connect` is asked once; it may take as long as NATS is away. */
  run(connect: (signal: AbortSignal) => Promise<DesiredStatePort>, signal: AbortSignal): Promise<void>;
  connected(): boolean;
  /** Unix time of the last complete read; 0 before the first. */
  readAtMs(): number;
}

/** What the reader needs. */
export interface SourceReaderConfig {
  readonly engine: Pick<Engine, 'offer' | 'applications' | 'isComplete'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** Told when the connection comes or goes, and after each complete read: what heartbeats say is new then. */
  readonly changed: () => void;
}

const everyMs = 30_000;
const everyShare = 0.2;
const checkMs = 500;
const readRetry = { firstMs: 500, factor: 2, capMs: 15_000 };

/** A hint travels beside the write it tells of and may arrive first; these are the waits before looking again. */
const againMs = [15, 60, 250, 1_000];

/** Makes a reader. */
export function createSourceReader({
  engine,
  clock,
  random,
  log,
  changed,
}: SourceReaderConfig): SourceReader {
  let source: DesiredStatePort | undefined;
  let readAtMs = 0;

  /** Whether the application has moved on. */
  const readOne = async (
    from: DesiredStatePort,
    application: string,
    signal: AbortSignal,
  ): Promise<boolean> => {
    const stored = await from.readAssignment(application, signal);
    if (!stored) return false;
    const traceparent = stored.headers['traceparent'];
    const readBundle = (digest: string) => from.readBundle(digest, signal);
    const { decision } = await engine.offer({
      application,
      envelope: stored.envelope,
      traceparent,
      readBundle,
    });
    return decision === 'accept' || decision === 'renew';
  };

  const tryOne = async (
    from: DesiredStatePort,
    application: string,
    signal: AbortSignal,
  ): Promise<'moved' | 'stayed' | 'failed'> => {
    try {
      return (await readOne(from, application, signal)) ? 'moved' : 'stayed';
    } catch (error) {
      if (signal.aborted) return 'failed';
      if (!(error instanceof FaultError)) throw error;
      log.warn({ application, error: errorText(error) }, 'assignment cannot be read and is tried again');
      return 'failed';
    }
  };

  const readAll = async (from: DesiredStatePort, signal: AbortSignal): Promise<boolean> => {
    try {
      // Leaving an application out of the index withdraws nothing, so those that are known are read as well.
      const listed = await from.readIndex(signal);
      const names = new Set([...(listed ?? []), ...engine.applications()]);
      const results = await Promise.all([...names].map((name) => tryOne(from, name, signal)));
      readAtMs = clock.nowMs();
      changed();
      return engine.isComplete() && !results.includes('failed');
    } catch (error) {
      if (signal.aborted) return false;
      if (!(error instanceof FaultError)) throw error;
      log.warn({ error: errorText(error) }, 'desired state cannot be read and is tried again');
      return false;
    }
  };

  const followHint = async (from: DesiredStatePort, application: string, signal: AbortSignal) => {
    for (const pauseMs of [...againMs, 0]) {
      if (signal.aborted || (await tryOne(from, application, signal)) === 'moved') return;
      await clock.wait(pauseMs, signal);
    }
  };

  const followHints = async (from: DesiredStatePort, signal: AbortSignal) => {
    const busy = new Map<string, Promise<void>>();
    for await (const application of from.hints(signal)) {
      const before = busy.get(application) ?? Promise.resolve();
      const next = before.then(() => followHint(from, application, signal));
      busy.set(application, next);
      void next.finally(() => busy.get(application) === next && busy.delete(application));
    }
    await Promise.all(busy.values());
  };

  const readAllAgain = async (from: DesiredStatePort, signal: AbortSignal) => {
    for (let attempt = 0; !signal.aborted;) {
      const done = from.connected() && (await readAll(from, signal));
      attempt = done ? 0 : attempt + 1;
      const pauseMs = done
        ? jitterMs(everyMs, everyShare, random())
        : backoffMs(readRetry, attempt - 1, random());
      await pauseOrReconnect(from, clock, { pauseMs, signal, changed });
    }
  };

  return {
    async run(connect, signal) {
      const from = await connect(signal);
      source = from;
      changed();
      await Promise.all([followHints(from, signal), readAllAgain(from, signal)]);
    },
    connected: () => source?.connected() ?? false,
    readAtMs: () => readAtMs,
  };
}

/** Waits, but not longer than until the connection comes back: hints were lost meanwhile. */
async function pauseOrReconnect(
  source: DesiredStatePort,
  clock: Clock,
  {
    pauseMs,
    signal,
    changed,
  }: { readonly pauseMs: number; readonly signal: AbortSignal; readonly changed: () => void },
): Promise<void> {
  const endMs = clock.monotonicMs() + pauseMs;
  let wasConnected = source.connected();
  while (!signal.aborted && clock.monotonicMs() < endMs) {
    await clock.wait(Math.min(checkMs, endMs - clock.monotonicMs()), signal);
    const isConnected = source.connected();
    if (isConnected !== wasConnected) changed();
    if (isConnected && !wasConnected) return;
    wasConnected = isConnected;
  }
}
