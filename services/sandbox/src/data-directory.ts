import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { readJsonObject, writeJson } from './files.ts';
import { defaultData } from './options.ts';
import { identify, isAlive } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { isNodeError, SandboxError } from './sandbox-error.ts';

/** Where everything of one sandbox lies. */
export interface DataDirectory {
  readonly path: string;
  readonly logs: string;
  /** Keys, tokens and certificates; only the owner may look. */
  readonly secrets: string;
  /** The bare repository one pushes to, and a clone of it to edit. */
  readonly repo: string;
  readonly clone: string;
  /** What outside programs read. */
  readonly sandboxFile: string;
  /** What this directory was made with: clusters and ports. */
  readonly planFile: string;
  readonly cliFile: string;
  readonly lockFile: string;
  /** Folder that git's hook touches after a push. */
  readonly pushes: string;
}

const markerName = '.meridian-sandbox';

/** The paths below a data directory; touches nothing. */
export function layout(path: string): DataDirectory {
  const at = (name: string) => join(path, name);
  return {
    path,
    logs: at('logs'),
    secrets: at('secrets'),
    repo: at('fleet.git'),
    clone: at('fleet'),
    sandboxFile: at('sandbox.json'),
    planFile: at('plan.json'),
    cliFile: at('cli.json'),
    lockFile: at('lock'),
    pushes: at('pushes'),
  };
}

/** Whether a directory was made by the sandbox. */
export function isOurs(data: DataDirectory): boolean {
  return existsSync(join(data.path, markerName));
}

const leastFreeBytes = 1024 ** 3;

/** Makes the directory ready to use. Refuses one that holds something else, and a disk that is nearly full. */
export function prepareDirectory(data: DataDirectory): void {
  mkdirSync(data.path, { recursive: true });
  if (!isOurs(data)) {
    const foreign = readdirSync(data.path).filter((name) => name !== 'current.json');
    if (foreign.length > 0) {
      throw new SandboxError(
        `${data.path} holds other files (${foreign.slice(0, 3).join(', ')}…) and was not made by the sandbox`,
        {
          fix: 'choose an empty or new directory with --data DIR',
        },
      );
    }
    writeJson(join(data.path, markerName), { version: 1 });
  }
  for (const folder of [data.logs, data.pushes]) mkdirSync(folder, { recursive: true });
  mkdirSync(data.secrets, { recursive: true, mode: 0o700 });
  const { bavail, bsize } = statfsSync(data.path);
  if (bavail * bsize < leastFreeBytes) {
    throw new SandboxError(
      `the disk of ${data.path} is nearly full: ${Math.floor((bavail * bsize) / 1024 ** 2)} MB left, 1 GB is needed`,
      {
        fix: 'free some space, or choose another place with --data DIR',
      },
    );
  }
}

/** Takes the directory for this process; gives the holder instead when a living one has it. */
export function takeLock(data: DataDirectory): ProcessIdentity | 'taken by us' {
  const self = identify(process.pid) ?? { pid: process.pid, born: '' };
  for (;;) {
    try {
      const file = openSync(data.lockFile, 'wx');
      writeSync(file, JSON.stringify(self));
      closeSync(file);
      return 'taken by us';
    } catch (error) {
      if (!isNodeError(error) || error.code !== 'EEXIST') throw error;
    }
    const holder = lockHolder(data);
    if (holder !== undefined) return holder;
    rmSync(data.lockFile, { force: true });
  }
}

/** The living process that runs this sandbox. */
export function lockHolder(data: DataDirectory): ProcessIdentity | undefined {
  const identity = toIdentity(readJsonObject(data.lockFile));
  return identity !== undefined && isAlive(identity) ? identity : undefined;
}

/** Lets go of the directory. */
export function dropLock(data: DataDirectory): void {
  rmSync(data.lockFile, { force: true });
}

/** A process identity from parsed JSON. */
export function toIdentity(
  value: { readonly [key: string]: unknown } | undefined,
): ProcessIdentity | undefined {
  const { pid, born } = value ?? {};
  return typeof pid === 'number' && typeof born === 'string' ? { pid, born } : undefined;
}

/** Where the CLI looks when the data lies elsewhere. */
const currentFile = join(defaultData, 'current.json');

/**
 * Makes this sandbox the one the CLI finds by itself, and gives whether it is. A sandbox elsewhere, a test's for
 * example, does not take that from one that runs.
 */
export function pointCliHere(data: DataDirectory): boolean {
  if (data.path === defaultData) {
    rmSync(currentFile, { force: true });
    return true;
  }
  const other = currentElsewhere() ?? defaultData;
  if (other !== data.path && lockHolder(layout(other)) !== undefined) return false;
  mkdirSync(dirname(currentFile), { recursive: true });
  writeJson(currentFile, { data: data.path });
  return true;
}

/** Whether the CLI finds this sandbox by itself. */
export function isCliHere(data: DataDirectory): boolean {
  return (currentElsewhere() ?? defaultData) === data.path;
}

/** The data directory that the CLI looks at now, when it is not the default one. */
export function currentElsewhere(): string | undefined {
  const { data } = readJsonObject(currentFile) ?? {};
  return typeof data === 'string' ? data : undefined;
}

/** Removes that pointer when it points here. */
export function unpointCli(data: DataDirectory): void {
  if (readJsonObject(currentFile)?.['data'] === data.path) rmSync(currentFile, { force: true });
}

/** Deletes the directory's content, and the directory unless it may hold the pointer to another sandbox. */
export function deleteDirectory(data: DataDirectory): void {
  for (const name of readdirSync(data.path)) {
    if (data.path === defaultData && name === 'current.json') continue;
    if (name !== markerName)
      rmSync(join(data.path, name), { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
  // The marker goes last, so that an interrupted reset can be run again.
  rmSync(join(data.path, markerName), { force: true });
  if (readdirSync(data.path).length === 0) rmSync(data.path, { recursive: true });
}
