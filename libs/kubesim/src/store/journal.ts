import { appendFileSync, closeSync, existsSync, openSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeObject } from '../kube-object.ts';
import { createStore } from './memory-store.ts';
import type { RestoredState } from './memory-store.ts';
import type { Store, StoreEvent, StoreKey } from './store.ts';

/** Changes after which the journal is written anew with nothing but what is there, or as many bytes of them. */
const changesPerSnapshot = 20_000;
const bytesPerSnapshot = 128 * 1024 * 1024;

/** One line: an object as it was written, or `null` when it was removed. */
interface Line {
  readonly revision: number;
  readonly key: StoreKey;
  readonly object: KubeObject | null;
}

/**
 * A store in memory that writes every change to `journal.jsonl` in a folder before anybody is told of it, and starts with what
 * the journal says. It survives the end of its process at any moment; it is not synced, so a crash of the machine may lose
 * the last changes. The past before a start cannot be read: watches from before are told that it was compacted.
 * @param mostBytes How many bytes of changes are kept, so that a journal is never too long to be read.
 */
export function openJournaledStore(dir: string, mostBytes = bytesPerSnapshot): Store {
  const file = join(dir, 'journal.jsonl');
  const store = createStore({ restored: readJournal(file), onClose: () => closeSync(journal) });
  let journal = startJournal(file, store);
  let changes = 0;
  let bytes = 0;
  store.subscribe(({ revision, key, object, type }: StoreEvent) => {
    const line: Line = { revision, key, object: type === 'DELETED' ? null : object };
    const text = `${JSON.stringify(line)}\n`;
    appendFileSync(journal, text);
    changes += 1;
    bytes += text.length;
    if (changes < changesPerSnapshot && bytes < mostBytes) return;
    changes = 0;
    bytes = 0;
    closeSync(journal);
    journal = startJournal(file, store);
  });
  return store;
}

/** Reads a journal; a last line that was cut off in the middle counts as not written. */
function readJournal(file: string): RestoredState {
  const objects = new Map<string, { key: StoreKey; object: KubeObject }>();
  let revision = 1;
  if (!existsSync(file)) return { revision, objects: [] };
  let number = 0;
  for (const text of linesOf(readFileSync(file))) {
    const line = parseLine(text, `${file}:${String((number += 1))}`);
    revision = Math.max(revision, line.revision);
    const path = `${line.key.resource}/${line.key.namespace}/${line.key.name}`;
    if (line.object === null) objects.delete(path);
    else objects.set(path, { key: line.key, object: line.object });
  }
  return { revision, objects: [...objects.values()] };
}

/** Whole lines, one by one: all of a journal may be longer than a text can be. */
function* linesOf(bytes: Buffer): Generator<string> {
  let start = 0;
  for (let end = bytes.indexOf('\n'); end >= 0; end = bytes.indexOf('\n', start)) {
    yield bytes.toString('utf8', start, end);
    start = end + 1;
  }
}

function parseLine(text: string, place: string): Line {
  try {
    return JSON.parse(text) as Line;
  } catch (error) {
    throw new Error(`${place} is no change of a cluster; remove the file to begin with an empty cluster`, {
      cause: error,
    });
  }
}

/** Writes what is there to a new file and puts it in the place of the old one. @returns the open file. */
function startJournal(file: string, store: Store): number {
  const next = `${file}.new`;
  const written = openSync(next, 'w', 0o600);
  for (const { key, object } of store.everything()) {
    const line: Line = { revision: store.revision, key, object };
    appendFileSync(written, `${JSON.stringify(line)}\n`);
  }
  closeSync(written);
  renameSync(next, file);
  return openSync(file, 'a', 0o600);
}
