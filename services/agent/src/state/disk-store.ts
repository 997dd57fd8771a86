import { mkdir, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FaultError, errorText, unsliced } from '@meridian/runtime';
import type { Slices } from '@meridian/runtime';
import type { ApplicationRecord, Log } from '../ports.ts';
import { decodeRecord, encodeRecord } from './record.ts';
import { writeDurably } from './write-durably.ts';

/** The records on the agent's disk, one file for each application. */
export interface DiskStore {
  /**
   * The records that can be decoded; a damaged one is left out. Throws FaultError when the file system does not give what is
   * there: that may be the only copy of the latest generation, so it is neither passed over nor written over.
   */
  load(): Promise<readonly ApplicationRecord[]>;
  /** Durable when it returns: written aside, synced, renamed. Throws what the file system says. */
  save(record: ApplicationRecord): Promise<void>;
}

const suffix = '.state';

/** Opens `<directory>/applications`. A directory that cannot be made shows at the first save, not here. Loads in slices. */
export function openDiskStore(directory: string, log: Log, slices: Slices = unsliced): DiskStore {
  const place = join(directory, 'applications');
  let made: Promise<unknown> | undefined;
  const prepare = async () => {
    made ??= mkdir(place, { recursive: true, mode: 0o700 });
    try {
      await made;
    } catch (error) {
      made = undefined;
      throw error;
    }
  };
  return {
    async load() {
      const names = await readdir(place).catch(noneWhenAbsent);
      const found: ApplicationRecord[] = [];
      for (const name of names.filter((one) => one.endsWith(suffix))) {
        await slices.between();
        const record = await loadFile(join(place, name), log);
        if (record) found.push(record);
      }
      return found;
    },
    async save(record) {
      await prepare();
      await writeDurably(place, `${record.application}${suffix}`, encodeRecord(record));
    },
  };
}

async function loadFile(file: string, log: Log): Promise<ApplicationRecord | undefined> {
  const bytes = await readFile(file).catch(unreadable);
  try {
    return decodeRecord(bytes);
  } catch (error) {
    log.warn({ file, error: errorText(error) }, 'state file is not usable and was left out');
    return undefined;
  }
}

function noneWhenAbsent(error: NodeJS.ErrnoException): string[] {
  return error.code === 'ENOENT' || error.code === 'ENOTDIR' ? [] : unreadable(error);
}

function unreadable(cause: Error): never {
  throw new FaultError('unavailable', `the agent's disk cannot be read: ${errorText(cause)}`, {
    retry: 'later',
    cause,
  });
}
