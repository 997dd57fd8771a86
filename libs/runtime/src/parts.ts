import { errorText } from './fault.ts';

/** Something with a lifetime: a server, a loop, a connection. */
export interface Part {
  readonly name: string;
  /** Returns when the part serves. `signal` aborts at shutdown; `fail` stops the service when the part dies later. */
  start(context: { signal: AbortSignal; fail: (error: unknown) => void }): Promise<void>;
  /** Lets go of everything; called once, in reverse order of start. */
  stop?(): Promise<void>;
  /** Longest time `stop` may take before the next part is stopped; 5 s unless told. */
  readonly stopBudgetMs?: number;
}

/** What `runParts` needs to say what it does. */
export interface PartsLog {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Options of `runParts`. */
export interface RunPartsOptions {
  readonly log: PartsLog;
  /** Aborts to stop; tests pass their own. By default SIGINT and SIGTERM stop, and a second one exits at once. */
  readonly signal?: AbortSignal;
}

/**
 * Starts parts in order, waits for a signal or for a part to fail, and stops what was started in reverse order.
 * Gives the process exit code: 0 after a signal, 1 after a failure.
 */
export async function runParts(parts: readonly Part[], options: RunPartsOptions): Promise<number> {
  const { log } = options;
  const stopping = new AbortController();
  let exitCode = 0;
  const fail = (part: string) => (error: unknown) => {
    if (stopping.signal.aborted) return;
    log.error({ part, error: errorText(error) }, 'part failed');
    exitCode = 1;
    stopping.abort();
  };
  const release = listenForStop(stopping, options.signal);
  const started: Part[] = [];
  for (const part of parts) {
    if (stopping.signal.aborted) break;
    started.push(part);
    try {
      await part.start({ signal: stopping.signal, fail: fail(part.name) });
    } catch (error) {
      fail(part.name)(error);
    }
  }
  if (!stopping.signal.aborted) {
    log.info({ parts: started.length }, 'all parts started');
    await new Promise<void>((resolve) =>
      stopping.signal.addEventListener('abort', () => resolve(), { once: true }),
    );
  }
  for (const part of started.reverse()) await stopPart(part, log);
  release();
  return exitCode;
}

function listenForStop(stopping: AbortController, outer: AbortSignal | undefined): () => void {
  if (outer) {
    const stop = () => stopping.abort();
    if (outer.aborted) stop();
    outer.addEventListener('abort', stop, { once: true });
    return () => outer.removeEventListener('abort', stop);
  }
  const onSignal = () => {
    if (stopping.signal.aborted) process.exit(130);
    stopping.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return () => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
}

async function stopPart(part: Part, log: PartsLog): Promise<void> {
  if (!part.stop) return;
  let timer: NodeJS.Timeout | undefined;
  const budget = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), part.stopBudgetMs ?? 5_000);
  });
  try {
    const ended = await Promise.race([part.stop(), budget]);
    if (ended === 'late') log.error({ part: part.name }, 'part did not stop within its budget');
  } catch (error) {
    log.error({ part: part.name, error: errorText(error) }, 'part failed to stop');
  } finally {
    clearTimeout(timer);
  }
}
