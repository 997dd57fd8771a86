import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { layout, prepareDirectory } from './data-directory.ts';
import { defaultData, repositoryRoot } from './options.ts';
import type { SandboxOptions } from './options.ts';
import { replay } from './progress.ts';
import type { Progress, ProgressMessage } from './progress.ts';

/** What the background process says to the one that started it. */
export type BackgroundMessage =
  ProgressMessage | { readonly kind: 'ended'; readonly exitCode: number; readonly error?: string };

/** Starts the sandbox in the background, shows its progress, and gives its exit code when it is healthy or has failed. */
export async function startDetached(
  options: SandboxOptions,
  args: readonly string[],
  progress: Progress,
): Promise<number> {
  const data = layout(options.data ?? defaultData);
  prepareDirectory(data);
  const log = openSync(join(data.logs, 'sandbox.log'), 'a');
  const child = spawn(
    process.execPath,
    // The flags that this process runs lean with; one with a channel to its parent cannot replace itself.
    [
      ...process.execArgv,
      join(repositoryRoot, 'services', 'sandbox', 'src', 'main.ts'),
      ...args,
      '--background',
    ],
    {
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
    },
  );
  closeSync(log);
  const stop = () => void child.kill('SIGTERM');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  const exitCode = await new Promise<number>((resolve) => {
    child.on('message', (message) => {
      const received = messageFromWire(message);
      if (received.kind !== 'ended') return replay(progress, received);
      if (received.error !== undefined) process.stderr.write(`${received.error}\n`);
      return resolve(received.exitCode);
    });
    child.on('error', () => resolve(1));
    child.on('exit', (code) => resolve(code ?? 1));
  });
  if (child.connected) child.disconnect();
  child.unref();
  return exitCode;
}

/** Our own background process is the only one that can write here. */
function messageFromWire(message: unknown): BackgroundMessage {
  return message as BackgroundMessage;
}
