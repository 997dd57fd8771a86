import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { appendFileSync, closeSync, existsSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { backoffMs } from '@meridian/retry';
import { systemClock } from '@meridian/runtime/small';
import { childEnvironment } from './environment.ts';
import { identify } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { SandboxError } from './sandbox-error.ts';

/** One process of the fleet: how to run it, and how to know that it serves. */
export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: { readonly [name: string]: string };
  readonly logFile: string;
  /** Asked until it says yes. */
  ready(signal: AbortSignal): Promise<boolean>;
  readonly readyWithinMs: number;
  /** How long SIGTERM may take before SIGKILL. */
  readonly stopWithinMs: number;
}

/** A process that runs now. */
export interface SupervisedProcess extends ProcessIdentity {
  readonly name: string;
}

const restartPolicy = { firstMs: 200, factor: 2, capMs: 10_000 };
/** A process that lived this long was well; its next end starts the back-off anew. */
const wellAfterMs = 15_000;
const largestLogBytes = 32 * 1024 * 1024;

interface Entry {
  readonly spec: ProcessSpec;
  child: ChildProcess | undefined;
  identity: ProcessIdentity | undefined;
  /** Aborts when this process shall not run any more. */
  readonly stopping: AbortController;
  /** Settles when the loop that keeps it running has ended. */
  loop: Promise<void>;
}

/** Keeps processes running: one that ends by itself or by force is started again, with a back-off. */
export class Supervisor {
  readonly #entries = new Map<string, Entry>();
  readonly #onChange: (processes: readonly SupervisedProcess[]) => void;

  /** `onChange` is told at once whenever a process got or lost its id. */
  constructor(onChange: (processes: readonly SupervisedProcess[]) => void) {
    this.#onChange = onChange;
  }

  /** Starts a process, returns when it serves, and keeps it running. Throws with the end of its log when it does not come up. */
  async start(spec: ProcessSpec, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const entry: Entry = {
      spec,
      child: undefined,
      identity: undefined,
      stopping: new AbortController(),
      loop: Promise.resolve(),
    };
    this.#entries.set(spec.name, entry);
    rotateLog(spec.logFile);
    const ended = this.#spawn(entry);
    await waitUntilReady(entry, signal);
    entry.loop = this.#keep(entry, ended);
  }

  /** Stops processes by name, all at once, and returns when they are gone. */
  async stop(names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => this.#stopOne(name)));
  }

  /** Ends everything at once, without order. */
  kill(): void {
    for (const entry of this.#entries.values()) {
      entry.stopping.abort();
      entry.child?.kill('SIGKILL');
    }
  }

  /** What runs now, in order of start. */
  list(): SupervisedProcess[] {
    return [...this.#entries.values()].flatMap(({ spec, identity }) =>
      identity === undefined ? [] : [{ name: spec.name, ...identity }],
    );
  }

  async #keep(entry: Entry, firstEnd: Promise<string>): Promise<void> {
    const { signal } = entry.stopping;
    let ended = firstEnd;
    let attempt = 0;
    for (;;) {
      const startedMs = systemClock.monotonicMs();
      const reason = await ended;
      if (signal.aborted) return;
      if (systemClock.monotonicMs() - startedMs > wellAfterMs) attempt = 0;
      const waitMs = backoffMs(restartPolicy, attempt, Math.random());
      attempt += 1;
      note(entry.spec, `${reason}; starting it again in ${waitMs} ms`);
      await systemClock.wait(waitMs, signal);
      if (signal.aborted) return;
      ended = this.#spawn(entry);
    }
  }

  /** Gives a promise of the sentence that says how the child ended. */
  #spawn(entry: Entry): Promise<string> {
    const { spec } = entry;
    const log = openSync(spec.logFile, 'a');
    // Its own session: Ctrl-C on the terminal must reach the supervisor alone, which stops everything in order.
    const child = spawn(spec.command, [...spec.args], {
      env: { ...childEnvironment(process.env), ...spec.env },
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    entry.child = child;
    entry.identity = child.pid === undefined ? undefined : identify(child.pid);
    this.#onChange(this.list());
    return new Promise((resolve) => {
      const end = (how: string) => {
        entry.child = undefined;
        entry.identity = undefined;
        this.#onChange(this.list());
        resolve(`${spec.name} ${how}`);
      };
      child.once('error', (error) => end(`could not be started: ${error.message}`));
      child.once('exit', (code, signal) =>
        end(signal === null ? `ended with code ${code ?? -1}` : `was ended by ${signal}`),
      );
    });
  }

  async #stopOne(name: string): Promise<void> {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    entry.stopping.abort();
    const { child, spec } = entry;
    if (child !== undefined) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      // A stopped (SIGSTOP) process would not see the SIGTERM.
      child.kill('SIGCONT');
      const timer = setTimeout(() => child.kill('SIGKILL'), spec.stopWithinMs);
      await gone;
      clearTimeout(timer);
    }
    await entry.loop;
    this.#entries.delete(name);
    this.#onChange(this.list());
  }
}

async function waitUntilReady(entry: Entry, signal: AbortSignal): Promise<void> {
  const { spec } = entry;
  const deadlineMs = systemClock.monotonicMs() + spec.readyWithinMs;
  for (;;) {
    if (entry.child === undefined) throw notStarted(spec, 'ended at once');
    if (await spec.ready(signal)) return;
    signal.throwIfAborted();
    if (systemClock.monotonicMs() > deadlineMs)
      throw notStarted(spec, `does not serve after ${Math.round(spec.readyWithinMs / 1000)} s`);
    await systemClock.wait(50, signal);
  }
}

function notStarted(spec: ProcessSpec, what: string): SandboxError {
  const lines = (existsSync(spec.logFile) ? readFileSync(spec.logFile, 'utf8') : '')
    .trimEnd()
    .split('\n')
    .slice(-8);
  return new SandboxError(
    `${spec.name} ${what}; the end of ${spec.logFile}:\n${lines.map((line) => `    ${line.slice(0, 300)}`).join('\n')}`,
  );
}

function note(spec: ProcessSpec, text: string): void {
  appendFileSync(spec.logFile, `--- sandbox: ${new Date().toISOString()} ${text}\n`);
}

/** Keeps one older log; a sandbox that runs for weeks must not fill the disk at its next start. */
function rotateLog(path: string): void {
  if (existsSync(path) && statSync(path).size > largestLogBytes) renameSync(path, `${path}.1`);
}
