import { spawn } from 'node:child_process';
import { FaultError } from '@meridian/runtime';
import type { JailedCommand } from './jail.ts';

/** How a process ended. */
export type Ended =
  | { readonly kind: 'exited'; readonly code: number; readonly output: string; readonly complaint: string }
  | { readonly kind: 'too-long' | 'too-much' }
  /** By the system, as when it used up its processor time (Linux kills at once where the soft limit is the hard one). */
  | { readonly kind: 'killed' };

const mostComplaintBytes = 64 * 1024;

/**
 * Runs a command that reads nothing, and kills it when it takes too long or writes too much. Throws FaultError
 * `unsupported` when it cannot be started, and the reason of the signal when that aborts.
 */
export async function runLimited(
  { file, args, environment }: JailedCommand,
  limits: { readonly timeMs: number; readonly outputBytes: number },
  signal: AbortSignal,
): Promise<Ended> {
  signal.throwIfAborted();
  const timeout = AbortSignal.timeout(limits.timeMs);
  const child = spawn(file, args, { env: { ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  let stopped: 'too-long' | 'too-much' | undefined;
  const stop = (why: typeof stopped) => {
    stopped ??= why;
    child.kill('SIGKILL');
  };
  const onTimeout = () => stop('too-long');
  const onAbort = () => stop(undefined);
  timeout.addEventListener('abort', onTimeout);
  signal.addEventListener('abort', onAbort);
  const output = collect(child.stdout, limits.outputBytes, () => stop('too-much'));
  // More than that is not read by people; helm must not be stopped because nobody empties the pipe.
  const complaint = collect(child.stderr, mostComplaintBytes, () => undefined);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', (cause) =>
        reject(new FaultError('unsupported', `${file} cannot be run`, { retry: 'never', cause })),
      );
      child.on('close', (status) => resolve(status));
    });
    signal.throwIfAborted();
    if (stopped !== undefined) return { kind: stopped };
    if (code === null) return { kind: 'killed' };
    return { kind: 'exited', code, output: output(), complaint: complaint() };
  } finally {
    timeout.removeEventListener('abort', onTimeout);
    signal.removeEventListener('abort', onAbort);
  }
}

function collect(stream: NodeJS.ReadableStream, mostBytes: number, onTooMuch: () => void): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > mostBytes) onTooMuch();
    else chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}
