import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Io } from '../io.ts';
import { runCli } from '../program.ts';
import { knownToken } from './fake-hub.ts';
import { nowMs } from './fixtures.ts';

/** What a command line said. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run it: on a terminal of some width, with some environment, against some hubs. */
export interface RunOptions {
  readonly columns?: number;
  readonly env?: { readonly [name: string]: string };
  readonly hubs?: readonly string[];
  readonly token?: string;
  readonly signal?: AbortSignal;
  readonly cwd?: string;
  /** What is piped in. */
  readonly stdin?: string;
  /** Real time passes; otherwise it stands still. */
  readonly realTime?: boolean;
}

/** Runs one command line inside this process. */
export async function runCommand(args: readonly string[], options: RunOptions = {}): Promise<Said> {
  const folder = mkdtempSync(join(tmpdir(), 'meridian-cli-'));
  let [stdout, stderr] = ['', ''];
  try {
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, `${options.token ?? knownToken}\n`);
    const terminal = options.columns === undefined ? {} : { isTTY: true, columns: options.columns };
    const io: Io = {
      stdout: { write: (text) => (stdout += text), ...terminal },
      stderr: { write: (text) => (stderr += text) },
      stdin: Readable.from([options.stdin ?? '']),
      env: {
        HOME: folder,
        MERIDIAN_TOKEN_FILE: tokenFile,
        ...(options.hubs ? { MERIDIAN_API: options.hubs.join(',') } : {}),
        ...options.env,
      },
      cwd: options.cwd ?? folder,
      signal: options.signal ?? new AbortController().signal,
      nowMs: options.realTime === true ? () => Date.now() : () => nowMs,
    };
    const code = await runCli(args, io);
    return { code, stdout, stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
