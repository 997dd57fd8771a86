import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { basename } from 'node:path';

/** What to run and how to know that it serves. */
export interface StartProcessOptions {
  readonly command: string;
  readonly args?: readonly string[];
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: { readonly [name: string]: string };
  /** File that gets stdout and stderr, appended. */
  readonly logFile: string;
  /** A port of 127.0.0.1 that accepts connections when the process serves, or a question asked until it says yes. */
  readonly ready?: { readonly port: number } | (() => Promise<boolean>);
  /** Longest wait for `ready`; 15 s unless told. */
  readonly readyTimeoutMs?: number;
  /** How long SIGTERM may take before SIGKILL; 5 s unless told. */
  readonly stopTimeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A running child. It never outlives this process: it is killed when this one exits. */
export interface RunningProcess extends AsyncDisposable {
  readonly pid: number;
  readonly logFile: string;
  /** Settles with a sentence when the child has ended, whatever the reason. */
  readonly ended: Promise<string>;
  isRunning(): boolean;
  send(signal: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL; returns when the child is gone. */
  stop(): Promise<void>;
  /** SIGKILL; returns when the child is gone. */
  kill(): Promise<void>;
}

const children = new Set<ChildProcess>();

function killChildren(): void {
  for (const child of children) child.kill('SIGKILL');
}

/** Starts a child and returns when it is ready. Throws with the end of its log when it ends or stays silent. */
export async function startProcess(options: StartProcessOptions): Promise<RunningProcess> {
  const child = spawnWithLog(options);
  const ended = endOf(child, basename(options.command));
  const { pid } = child;
  if (pid === undefined) throw new Error(`${options.command} did not start: ${await ended}`);
  const running: RunningProcess = {
    pid,
    logFile: options.logFile,
    ended,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    send: (signal) => void child.kill(signal),
    stop: () => stopChild(child, ended, options.stopTimeoutMs ?? 5_000),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    [Symbol.asyncDispose]: () => stopChild(child, ended, options.stopTimeoutMs ?? 5_000),
  };
  try {
    await waitUntilReady(running, options);
  } catch (error) {
    await running.kill();
    throw error;
  }
  return running;
}

function spawnWithLog(options: StartProcessOptions): ChildProcess {
  const log = openSync(options.logFile, 'a');
  try {
    const child = spawn(options.command, [...(options.args ?? [])], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', log, log],
    });
    if (children.size === 0) process.on('exit', killChildren);
    children.add(child);
    return child;
  } finally {
    closeSync(log);
  }
}

function endOf(child: ChildProcess, name: string): Promise<string> {
  return new Promise((resolve) => {
    const end = (reason: string) => {
      children.delete(child);
      if (children.size === 0) process.off('exit', killChildren);
      resolve(`${name} ${reason}`);
    };
    child.once('error', (error) => end(`failed: ${error.message}`));
    child.once('exit', (code, signal) =>
      end(signal ? `was ended by ${signal}` : `ended with code ${code ?? -1}`),
    );
  });
}

async function stopChild(child: ChildProcess, ended: Promise<string>, timeoutMs: number): Promise<void> {
  child.kill('SIGTERM');
  // A stopped (SIGSTOP) child would never see SIGTERM.
  child.kill('SIGCONT');
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  await ended;
  clearTimeout(timer);
}

async function waitUntilReady(running: RunningProcess, options: StartProcessOptions): Promise<void> {
  const { ready } = options;
  if (ready === undefined) return;
  const isReady = typeof ready === 'function' ? ready : () => portAccepts(ready.port);
  const timeoutMs = options.readyTimeoutMs ?? 15_000;
  const deadline = performance.now() + timeoutMs;
  while (!(await isReady())) {
    options.signal?.throwIfAborted();
    if (!running.isRunning())
      throw new Error(`${await running.ended} before it was ready\n${await logTail(options.logFile)}`);
    if (performance.now() > deadline) {
      throw new Error(
        `${options.command} was not ready after ${timeoutMs} ms\n${await logTail(options.logFile)}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function logTail(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').slice(-20).join('\n');
}

/** Whether something accepts TCP connections on a port of 127.0.0.1 now. */
export async function portAccepts(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(1_000) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
