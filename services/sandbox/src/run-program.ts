import { execFile } from 'node:child_process';
import { childEnvironment } from './environment.ts';

/** How a program ended. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; never throws on a failing one. Ends it after `timeoutMs`. */
export function runProgram(
  command: string,
  args: readonly string[],
  options: { env?: { [name: string]: string }; timeoutMs?: number } = {},
): Promise<Ran> {
  const settings = {
    env: { ...childEnvironment(process.env), ...options.env },
    timeout: options.timeoutMs ?? 60_000,
    maxBuffer: 64 * 1024 * 1024,
  };
  return new Promise((resolve) => {
    execFile(command, [...args], settings, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, stdout, stderr: stderr === '' && error !== null ? error.message : stderr });
    });
  });
}
