import { spawn } from 'node:child_process';
import { errorText } from '@meridian/runtime';

/** How a command ended: its exit code (undefined when it could not be started) and the end of what it printed. */
export interface CommandResult {
  readonly code: number | undefined;
  readonly output: string;
}

/** What a command may be given; `environment` is added to that of this process. */
export interface CommandOptions {
  readonly folder?: string;
  readonly environment?: { readonly [name: string]: string };
  readonly signal: AbortSignal;
}

const keptCharacters = 16_384;

/** Runs a command to its end and keeps the last 16 KB of its output. Never rejects for a failing command; throws when `signal` aborts. */
export async function runCommand(
  command: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  options.signal.throwIfAborted();
  const [program = '', ...words] = command;
  let output = '';
  const code = await new Promise<number | undefined>((resolve) => {
    const child = spawn(program, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.environment },
      ...(options.folder === undefined ? {} : { cwd: options.folder }),
    });
    const stop = () => child.kill('SIGTERM');
    options.signal.addEventListener('abort', stop, { once: true });
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-keptCharacters);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', (error) => {
      options.signal.removeEventListener('abort', stop);
      output += errorText(error);
      resolve(undefined);
    });
    child.once('close', (exitCode) => {
      options.signal.removeEventListener('abort', stop);
      resolve(exitCode ?? 1);
    });
  });
  options.signal.throwIfAborted();
  return { code, output };
}
