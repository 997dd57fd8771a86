import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

/** Root of the repository. */
export const repositoryRoot = resolve(import.meta.dirname, '../../..');

/** A program to run with captured output. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: { readonly [name: string]: string };
}

/** How a program ended: its exit code (255 when it could not start or was killed) and all that it printed. */
export interface Ended {
  readonly code: number;
  readonly output: string;
}

/** Runs a program to its end and keeps what it prints; it never throws on a non-zero exit. */
export function runCommand(command: Command): Promise<Ended> {
  return new Promise((done) => {
    const child = spawn(command.file, [...command.args], {
      cwd: command.cwd ?? repositoryRoot,
      env: { ...process.env, ...command.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const printed: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => printed.push(chunk));
    child.once('error', (error) => done({ code: 255, output: `${command.file}: ${error.message}` }));
    child.once('close', (code) =>
      done({ code: code ?? 255, output: Buffer.concat(printed).toString('utf8') }),
    );
  });
}

/** Seconds with one decimal, for progress lines. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
