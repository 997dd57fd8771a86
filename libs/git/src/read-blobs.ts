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

/**
 * Reads blobs in one `git cat-file --batch` process; gives id -> bytes. simple-git cannot feed standard input,
 * hence the plain child process. Throws FaultError when a blob is missing or the total is over the cap.
 */
export function readBlobs(
  blobs: readonly string[],
  options: ReadBlobsOptions,
  signal: AbortSignal,
): Promise<Map<string, Buffer>> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['--git-dir', options.dir, 'cat-file', '--batch'], {
      env: gitEnvironment(options.place),
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
      if (received > options.totalCapBytes + blobs.length * 128) {
        child.kill('SIGKILL');
        reject(
          new FaultError(
            'exhausted',
            `the files of this commit are larger than ${options.totalCapBytes} bytes in all`,
            { retry: 'never' },
          ),
        );
      }
    });
    child.on('close', (code) => {
      if (code !== 0) return reject(gitFault(new Error(complaint), 'cat-file'));
      try {
        resolve(parseBatch(Buffer.concat(chunks)));
      } catch (error) {
        reject(gitFault(error, 'cat-file'));
      }
    });
    child.stdin.on('error', (error) => reject(gitFault(error, 'cat-file')));
    child.stdin.end(blobs.map((blob) => `${blob}\n`).join(''));
  });
}

/** Output of `cat-file --batch`: `<id> blob <size>\n<bytes>\n`, or `<id> missing\n`. */
export function parseBatch(output: Buffer): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  let at = 0;
  while (at < output.length) {
    const end = output.indexOf(10, at);
    const [id = '', kind = '', size = ''] = output.subarray(at, end).toString('utf8').split(' ');
    if (end < 0 || kind !== 'blob') {
      throw new FaultError('not_found', `blob ${id} is ${kind || 'unreadable'} in the mirror`, {
        retry: 'later',
      });
    }
    const start = end + 1;
    const stop = start + Number(size);
    found.set(id, output.subarray(start, stop));
    at = stop + 1;
  }
  return found;
}
