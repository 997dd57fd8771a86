import { FaultError } from '@meridian/runtime';

/** What a path of a commit is. Symlinks and submodules are named as such and never followed. */
export type EntryKind = 'file' | 'symlink' | 'submodule';

/** One path of a commit. */
export interface TreeEntry {
  readonly path: string;
  readonly kind: EntryKind;
  /** Git id of the content; equal ids mean equal bytes. */
  readonly blob: string;
  readonly sizeBytes: number;
}

/** Limits on what a commit may hold. */
export interface TreeLimits {
  readonly files: number;
  readonly fileBytes: number;
  readonly totalBytes: number;
}

/** Limits unless told. */
export const defaultTreeLimits: TreeLimits = {
  files: 200_000,
  fileBytes: 4 * 1024 * 1024,
  totalBytes: 256 * 1024 * 1024,
};

/** Lists every path of the commit whose id follows, as `parseTree` reads it. */
export const listCommand = ['ls-tree', '-r', '-z', '-l', '--full-tree'];

/** Files already read, for a resolver that does no I/O. Paths are relative to the repository's root, with `/`. */
export interface LoadedTree {
  /** Text of a file; undefined when there is no such file or it is not a plain file. */
  readFile(path: string): string | undefined;
  /** Bytes of a file that is no UTF-8 text; undefined when there is no such file or it was not read. */
  readBytes(path: string): Uint8Array | undefined;
  /** Names in a directory, sorted; undefined when there is no such directory. */
  list(dir: string): string[] | undefined;
  /** What a path is; undefined when it does not exist. */
  kind(path: string): EntryKind | 'directory' | undefined;
  /** Why a file that exists could not be read as text; undefined when it can. */
  unreadable(path: string): string | undefined;
}

/** Parses `git ls-tree -r -z -l --full-tree`. Throws FaultError `exhausted` past the limits. */
export function parseTree(output: string, limits: TreeLimits): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (const line of output.split('\0')) {
    if (line === '') continue;
    const tab = line.indexOf('\t');
    const [mode = '', , blob = '', size = ''] = line.slice(0, tab).split(/ +/);
    entries.push({
      path: line.slice(tab + 1),
      kind: kindOf(mode),
      blob,
      sizeBytes: size === '-' ? 0 : Number(size),
    });
    if (entries.length > limits.files) {
      throw new FaultError('exhausted', `the commit has more than ${limits.files} files`, { retry: 'never' });
    }
  }
  return entries;
}

function kindOf(mode: string): EntryKind {
  if (mode === '120000') return 'symlink';
  return mode === '160000' ? 'submodule' : 'file';
}

/** Names below each directory, the root being ''. */
export function directoriesOf(entries: readonly TreeEntry[]): Map<string, string[]> {
  const children = new Map<string, Set<string>>([['', new Set()]]);
  for (const { path } of entries) {
    const parts = path.split('/');
    for (let depth = 0; depth < parts.length; depth += 1) {
      const dir = parts.slice(0, depth).join('/');
      const names = children.get(dir) ?? new Set<string>();
      names.add(parts[depth] ?? '');
      children.set(dir, names);
    }
  }
  return new Map([...children].map(([dir, names]) => [dir, [...names].sort()]));
}
