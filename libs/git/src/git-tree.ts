import { FaultError } from '@meridian/runtime';
import type { BlobCache } from './blob-cache.ts';
import type { GitPlace } from './git-command.ts';
import { readBlobs } from './read-blobs.ts';
import { directoriesOf } from './tree.ts';
import type { LoadedTree, TreeEntry, TreeLimits } from './tree.ts';

interface GitTreeParts {
  readonly revision: string;
  readonly entries: readonly TreeEntry[];
  readonly dir: string;
  readonly place: GitPlace;
  readonly limits: TreeLimits;
  readonly cache: BlobCache;
  /** Told when a file that must be there could not be read: the mirror is damaged. */
  readonly onDamage: () => void;
}

/** The paths of one commit; file texts are read on demand and shared between commits by blob id. */
export class GitTree {
  readonly revision: string;
  readonly entries: readonly TreeEntry[];
  readonly #parts: GitTreeParts;
  #paths: Paths | undefined;

  constructor(parts: GitTreeParts) {
    this.revision = parts.revision;
    this.entries = parts.entries;
    this.#parts = parts;
  }

  /** Entries at or below a directory; '' is everything. */
  under(dir: string): TreeEntry[] {
    const prefix = dir === '' ? '' : `${dir}/`;
    return this.entries.filter((entry) => entry.path === dir || entry.path.startsWith(prefix));
  }

  /**
   * Reads every plain file that `wanted` accepts and gives a synchronous view of the whole tree.
   * Files over the limit, or that are not UTF-8, are in the view as unreadable, with the reason.
   */
  async load(wanted: (entry: TreeEntry) => boolean, signal: AbortSignal): Promise<LoadedTree> {
    const { limits, cache, dir, place } = this.#parts;
    const files = this.entries.filter(
      (entry) => entry.kind === 'file' && entry.sizeBytes <= limits.fileBytes && wanted(entry),
    );
    const texts = new Map<string, string>();
    const broken = new Map<string, Uint8Array>();
    for (const { blob } of files) {
      const text = cache.get(blob);
      if (text !== undefined) texts.set(blob, text);
    }
    const missing = [...new Set(files.map((entry) => entry.blob).filter((blob) => !texts.has(blob)))];
    if (missing.length > 0) {
      const found = await readBlobs(missing, { dir, place, totalCapBytes: limits.totalBytes }, signal).catch(
        (error: unknown) => {
          if (isDamage(error) && !signal.aborted) this.#parts.onDamage();
          throw error;
        },
      );
      for (const [blob, bytes] of found) {
        const text = decode(bytes);
        if (text === undefined) broken.set(blob, bytes);
        else cache.set(blob, text);
        texts.set(blob, text ?? '');
      }
    }
    return loadedTree((this.#paths ??= pathsOf(this.entries)), limits, { texts, broken });
  }
}

/** The paths of a commit for looking up; made once, however often more of its files are read. */
interface Paths {
  readonly byPath: ReadonlyMap<string, TreeEntry>;
  readonly directories: ReadonlyMap<string, readonly string[]>;
}

function pathsOf(entries: readonly TreeEntry[]): Paths {
  return {
    byPath: new Map(entries.map((entry) => [entry.path, entry])),
    directories: directoriesOf(entries),
  };
}

function loadedTree(
  { byPath, directories }: Paths,
  limits: TreeLimits,
  read: { texts: ReadonlyMap<string, string>; broken: ReadonlyMap<string, Uint8Array> },
): LoadedTree {
  const unreadable = (path: string): string | undefined => {
    const entry = byPath.get(path);
    if (!entry) return undefined;
    if (entry.kind !== 'file') return `${path} is a ${entry.kind}; symlinks and submodules are not followed`;
    if (entry.sizeBytes > limits.fileBytes)
      return `${path} has ${entry.sizeBytes} bytes; at most ${limits.fileBytes} are read`;
    return read.broken.has(entry.blob) ? `${path} is not UTF-8 text` : undefined;
  };
  return {
    readFile(path) {
      const entry = byPath.get(path);
      return entry && unreadable(path) === undefined ? read.texts.get(entry.blob) : undefined;
    },
    readBytes(path) {
      const entry = byPath.get(path);
      return entry?.kind === 'file' ? read.broken.get(entry.blob) : undefined;
    },
    list: (dir) => directories.get(dir)?.slice(),
    kind: (path) => byPath.get(path)?.kind ?? (directories.has(path) ? 'directory' : undefined),
    unreadable,
  };
}

/** Whether a failed read speaks of a mirror that lost something, rather than of a commit that is too large. */
export function isDamage(error: unknown): boolean {
  return error instanceof FaultError && (error.code === 'not_found' || error.code === 'unavailable');
}

function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
