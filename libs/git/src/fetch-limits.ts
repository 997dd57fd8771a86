import { open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FaultError, systemClock } from '@meridian/runtime';

/** How much fetches may bring. */
export interface FetchLimits {
  /** Bytes of all objects of the mirror, packed as they are on its disk. */
  readonly bytes: number;
  /** Objects in one pack; git needs a hundred bytes of memory for each. */
  readonly objects: number;
}

/** Limits unless told; a fleet repo has a thousandth of that. */
export const defaultFetchLimits: FetchLimits = { bytes: 4 * 1024 ** 3, objects: 5_000_000 };

/** Most fetches end before the first look. Git cannot limit a pack that it fetches, so the disk is looked at. */
const lookEveryMs = 500;

/**
 * Runs a fetch into the mirror `dir` and ends it when it brings too much. Throws FaultError `exhausted` then; what git left of a
 * pack that it did not finish is removed, whatever the reason.
 */
export async function fetchWithin(
  limits: FetchLimits,
  dir: string,
  signal: AbortSignal,
  fetch: (within: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const over = new AbortController();
  const ended = new AbortController();
  const objects = join(dir, 'objects');
  // A hub that was killed in the middle of a fetch left something, too.
  await removeUnfinished(objects);
  const watching = watch(objects, limits, ended.signal).then((excess) => excess && over.abort(excess));
  try {
    await fetch(AbortSignal.any([signal, over.signal]));
  } catch (error) {
    await removeUnfinished(objects);
    over.signal.throwIfAborted();
    throw error;
  } finally {
    ended.abort();
    await watching;
  }
}

async function watch(
  objects: string,
  limits: FetchLimits,
  ended: AbortSignal,
): Promise<FaultError | undefined> {
  for (;;) {
    await systemClock.wait(lookEveryMs, ended);
    if (ended.aborted) return undefined;
    const excess = await excessIn(objects, limits);
    if (excess !== undefined)
      return new FaultError(
        'exhausted',
        `the fleet repo brings more than ${excess}: keep what is large out of its history, or give the fleet a repository of its own`,
        { retry: 'later' },
      );
  }
}

async function excessIn(objects: string, limits: FetchLimits): Promise<string | undefined> {
  let bytes = 0;
  for (const path of await filesBelow(objects)) {
    bytes += await sizeOf(path);
    if (isUnfinished(path) && (await objectsIn(path)) > limits.objects)
      return `${limits.objects} objects at once`;
  }
  return bytes > limits.bytes ? `${limits.bytes} bytes to its mirror` : undefined;
}

async function filesBelow(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

/** Files come and go while git works. */
async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Git's names of packs and objects that it has not finished. */
function isUnfinished(path: string): boolean {
  return /\/tmp_(pack|idx|rev|obj)_[^/]*$/.test(path);
}

async function removeUnfinished(objects: string): Promise<void> {
  for (const path of await filesBelow(objects)) if (isUnfinished(path)) await rm(path, { force: true });
}

const headerBytes = 12;

/** How many objects a pack says that it has: `PACK`, a version, the number. */
async function objectsIn(pack: string): Promise<number> {
  const header = Buffer.alloc(headerBytes);
  const file = await open(pack).catch(() => undefined);
  if (!file) return 0;
  try {
    const { bytesRead } = await file.read(header, 0, headerBytes, 0);
    const isPack = bytesRead === headerBytes && header.toString('latin1', 0, 4) === 'PACK';
    return isPack ? header.readUInt32BE(8) : 0;
  } finally {
    await file.close();
  }
}
