import { setTimeout as wait } from 'node:timers/promises';
import {
  currentElsewhere,
  deleteDirectory,
  dropLock,
  isOurs,
  layout,
  lockHolder,
  unpointCli,
} from './data-directory.ts';
import type { DataDirectory } from './data-directory.ts';
import { defaultData } from './options.ts';
import type { SandboxOptions } from './options.ts';
import { isAlive, signalProcess } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { forgetProcesses, recordedProcesses } from './sandbox-file.ts';
import { SandboxError } from './sandbox-error.ts';
import { readJsonObject } from './files.ts';

type Say = (text: string) => void;

const supervisorStopsWithinMs = 60_000;

/** `stop`: ends the supervisor, and whatever it may have left. Gives the exit code. */
export async function stop(options: SandboxOptions, say: Say): Promise<number> {
  const data = layout(options.data ?? defaultData);
  const elsewhere =
    options.data === undefined && lockHolder(data) === undefined ? currentElsewhere() : undefined;
  if (elsewhere !== undefined) throw keptElsewhere(elsewhere, 'stop');
  const stopped = await stopEverything(data);
  say(stopped ? `stopped; its data stays in ${data.path}` : `nothing runs in ${data.path}`);
  return 0;
}

/** `reset`: stops and deletes the data. Refuses a directory that the sandbox did not make. */
export async function reset(options: SandboxOptions, say: Say): Promise<number> {
  const data = layout(options.data ?? defaultData);
  if (!isOurs(data)) {
    const elsewhere = options.data === undefined ? currentElsewhere() : undefined;
    if (elsewhere !== undefined) throw keptElsewhere(elsewhere, 'reset');
    if (readJsonObject(data.sandboxFile) === undefined) {
      say(`${data.path} holds no sandbox`);
      return options.data === undefined ? 0 : 1;
    }
    throw new SandboxError(`${data.path} was not made by the sandbox; it is left as it is`, {
      fix: 'delete it yourself when you are sure',
    });
  }
  await stopEverything(data);
  deleteDirectory(data);
  say(`stopped and deleted ${data.path}`);
  return 0;
}

/** The current sandbox may be somebody else's, a test's for example: it is ended only when it is named. */
function keptElsewhere(data: string, command: string): SandboxError {
  return new SandboxError(`nothing runs in ${defaultData}; the current sandbox keeps its data in ${data}`, {
    fix: `npm run ${command} -- --data ${data}`,
  });
}

/** Whether anything had to be stopped. */
async function stopEverything(data: DataDirectory): Promise<boolean> {
  const supervisor = lockHolder(data);
  if (supervisor !== undefined) {
    signalProcess(supervisor, 'SIGTERM');
    if (!(await ended([supervisor], supervisorStopsWithinMs))) signalProcess(supervisor, 'SIGKILL');
  }
  const swept = await sweepProcesses(data);
  if (isOurs(data)) {
    dropLock(data);
    unpointCli(data);
  }
  return supervisor !== undefined || swept > 0;
}

/** `sweep`: ends what a killed supervisor left. Does nothing when another one has taken the directory meanwhile. */
export async function sweep(options: SandboxOptions): Promise<number> {
  const data = layout(options.data ?? defaultData);
  const left = recordedProcesses(data);
  if (lockHolder(data) !== undefined || readSupervisor(data) !== options.supervisor) return 0;
  await endProcesses(left);
  if (lockHolder(data) === undefined) forgetProcesses(data);
  return 0;
}

function readSupervisor(data: DataDirectory): unknown {
  const supervisor = readJsonObject(data.sandboxFile)?.['supervisor'];
  return typeof supervisor === 'object' && supervisor !== null && 'pid' in supervisor
    ? supervisor.pid
    : undefined;
}

/** Ends every recorded process that still runs, last started first. Gives how many there were. */
export async function sweepProcesses(data: DataDirectory): Promise<number> {
  const count = await endProcesses(recordedProcesses(data));
  forgetProcesses(data);
  return count;
}

// In the order of their going: agents and hubs before what they write to, API servers before their etcd.
const order = [
  /^agent-/,
  /^hub-/,
  /^(kwok|kube-scheduler|kube-controller-manager)-/,
  /^kube-apiserver-/,
  /^/,
];

async function endProcesses(
  recorded: readonly (ProcessIdentity & { readonly name: string })[],
): Promise<number> {
  let left = recorded.filter(isAlive);
  const count = left.length;
  for (const pattern of order) {
    const group = left.filter(({ name }) => pattern.test(name));
    left = left.filter(({ name }) => !pattern.test(name));
    for (const identity of group) {
      signalProcess(identity, 'SIGTERM');
      signalProcess(identity, 'SIGCONT');
    }
    if (await ended(group, 5_000)) continue;
    for (const identity of group) signalProcess(identity, 'SIGKILL');
    await ended(group, 5_000);
  }
  return count;
}

async function ended(processes: readonly ProcessIdentity[], withinMs: number): Promise<boolean> {
  const deadlineMs = performance.now() + withinMs;
  while (processes.some(isAlive)) {
    if (performance.now() > deadlineMs) return false;
    await wait(50);
  }
  return true;
}
