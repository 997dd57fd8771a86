import { spawn } from 'node:child_process';
import { FaultError } from '@meridian/runtime';
import { gitEnvironment, gitFault } from './git-command.ts';
import type { GitPlace } from './git-command.ts';

/** Where blobs are read from and how much may be read at once. */
export interface ReadBlobsOptions {
  readonly dir: string;
  readonly place: GitPlace;
  readonly totalCapBytes: number;
}

/** Reads blobs in one process; gives id -> bytes. Throws FaultError when a blob is missing or the total is over the cap. */
export async function readBlobs(
  blobs: readonly string[],
  { totalCapBytes, ...place }: ReadBlobsOptions,
  signal: AbortSignal,
): Promise<Map<string, Buffer>> {
  const request: CatFileRequest = {
    batch: '--batch',
    names: blobs,
    capBytes: totalCapBytes + blobs.length * 128,
  };
  const { output, isTooLarge } = await catFile(request, place, signal);
  if (!isTooLarge) return parseBatch(output);
  const message = `the files of this commit are larger than ${totalCapBytes} bytes in all`;
  throw new FaultError('exhausted', message, { retry: 'never' });
}

/** Sizes of blobs in bytes, by id. Throws FaultError `not_found` when one is missing. */
export async function readSizes(
  blobs: readonly string[],
  place: Omit<ReadBlobsOptions, 'totalCapBytes'>,
  signal: AbortSignal,
): Promise<Map<string, number>> {
  if (blobs.length === 0) return new Map();
  const request: CatFileRequest = { batch: '--batch-check', names: blobs, capBytes: blobs.length * 128 };
  const { output } = await catFile(request, place, signal);
  return new Map(
    output
      .toString('latin1')
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [id = '', kind = '', size = ''] = line.split(' ');
        if (kind !== 'blob') throw notABlob(id, kind);
        return [id, Number(size)];
      }),
  );
}

/** What one `git cat-file` is asked for. */
export interface CatFileRequest {
  readonly batch: '--batch' | '--batch-check';
  /** Names of objects, each without a line break. */
  readonly names: readonly string[];
  readonly capBytes: number;
}

/**
 * Asks git for objects in one process; past `capBytes` of output it is ended. simple-git cannot feed standard input, hence the plain
 * child process.
 */
export function catFile(
  { batch, names, capBytes }: CatFileRequest,
  { dir, place }: Omit<ReadBlobsOptions, 'totalCapBytes'>,
  signal: AbortSignal,
): Promise<{ readonly output: Buffer; readonly isTooLarge: boolean }> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['--git-dir', dir, 'cat-file', batch], {
      env: gitEnvironment(place),
      stdio: ['pipe', 'pipe', 'pipe'],
      signal,
    });
    const chunks: Buffer[] = [];
    let complaint = '';
    let received = 0;
    child.on('error', (error) => reject(gitFault(error, 'cat-file')));
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString().slice(0, 1_000)));
    child.stdout.on('data', (chunk: Buffer) => {
      received += chunk.length;
      chunks.push(chunk);
      if (received <= capBytes) return;
      child.kill('SIGKILL');
      resolve({ output: Buffer.alloc(0), isTooLarge: true });
    });
    child.on('close', (code) => {
      if (code === 0) resolve({ output: Buffer.concat(chunks), isTooLarge: false });
      else reject(gitFault(new Error(complaint), 'cat-file'));
    });
    child.stdin.on('error', (error) => reject(gitFault(error, 'cat-file')));
    child.stdin.end(names.map((name) => `${name}\n`).join(''));
  });
}

function notABlob(id: string, kind: string): FaultError {
  return new FaultError('not_found', `blob ${id} is ${kind || 'unreadable'} in the mirror`, {
    retry: 'later',
  });
}

/** Output of `cat-file --batch`: `<id> blob <size>\n<bytes>\n`, or `<id> missing\n`. */
export function parseBatch(output: Buffer): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  let at = 0;
  while (at < output.length) {
    const end = output.indexOf(10, at);
    const [id = '', kind = '', size = ''] = output.subarray(at, end).toString('utf8').split(' ');
    if (end < 0 || kind !== 'blob') throw notABlob(id, kind);
    const start = end + 1;
    const stop = start + Number(size);
    found.set(id, output.subarray(start, stop));
    at = stop + 1;
  }
  return found;
}
