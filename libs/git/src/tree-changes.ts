import { FaultError } from '@meridian/runtime';
import { Directory, FileNode } from './directory.ts';
import type { DirectoryNode, EntryKind } from './directory.ts';

/** A path that differs between two commits: what it is now, or nothing. */
export interface TreeChange {
  readonly path: string;
  readonly kind: EntryKind | 'directory' | 'nothing';
  readonly id: string;
}

/** Lists what differs between the two commits or trees whose ids follow, directories before what is in them, as `parseChanges` reads it. */
export const changesCommand = ['diff-tree', '-r', '-t', '-z', '--raw', '--no-renames', '--full-index'];

/** The tree without anything, which every repository knows, in the ids of a commit. */
export function emptyTreeFor(commit: string): string {
  return commit.length === 64
    ? '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321'
    : '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
}

/** Parses `git diff-tree -r -t -z --raw`. Throws FaultError `exhausted` when it names more than `mostFiles` files. */
export function parseChanges(output: string, mostFiles: number): TreeChange[] {
  const parts = output.split('\0');
  const changes: TreeChange[] = [];
  let files = 0;
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [, mode = '', , id = ''] = (parts[at] ?? '').split(' ');
    const kind = kindOf(mode);
    changes.push({ path: parts[at + 1] ?? '', kind, id });
    if (kind !== 'directory' && kind !== 'nothing') files += 1;
    if (files > mostFiles) throw tooMany(mostFiles);
  }
  return changes;
}

/** Refuses a commit with more files than that. */
export function tooMany(mostFiles: number): FaultError {
  return new FaultError('exhausted', `the commit has more than ${mostFiles} files`, { retry: 'never' });
}

const kinds: { readonly [mode: string]: TreeChange['kind'] } = {
  '000000': 'nothing',
  '040000': 'directory',
  '120000': 'symlink',
  '160000': 'submodule',
};

function kindOf(mode: string): TreeChange['kind'] {
  return kinds[mode] ?? 'file';
}

/**
 * The root of a commit, from that of another one and what differs; what is the same is shared. `sizes` tells those of files
 * by blob id; `id` names the new root.
 */
export function withChanges(
  root: Directory | undefined,
  id: string,
  {
    changes,
    sizes,
  }: { readonly changes: readonly TreeChange[]; readonly sizes: ReadonlyMap<string, number> },
): Directory {
  const byParent = Map.groupBy(changes, ({ path }) => path.slice(0, Math.max(0, path.lastIndexOf('/'))));
  /** Directories that were made here: the same content in two places is held once. */
  const made = new Map<string, Directory>();
  const changed = (old: DirectoryNode | undefined, path: string, newId: string): Directory => {
    const known = made.get(newId);
    if (known) return known;
    const children = new Map(old instanceof Directory ? old.children : []);
    const own = byParent.get(path) ?? [];
    // A name can be gone as a file and come back as a directory.
    for (const change of own) if (change.kind === 'nothing') children.delete(nameOf(change));
    for (const change of own) {
      if (change.kind === 'nothing') continue;
      const name = nameOf(change);
      children.set(name, nodeOf(change, children.get(name)));
    }
    const directory = new Directory(newId, children);
    made.set(newId, directory);
    return directory;
  };
  const nodeOf = ({ kind, id: newId, path }: TreeChange, old: DirectoryNode | undefined): DirectoryNode =>
    kind === 'directory'
      ? changed(old, path, newId)
      : new FileNode(kind === 'nothing' ? 'file' : kind, newId, sizes.get(newId) ?? 0);
  return changed(root, '', id);
}

function nameOf({ path }: TreeChange): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
