import { lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { readersOf } from '@meridian/kustomize';
import type { FileTree } from '@meridian/kustomize';

type Entry =
  | { readonly names: readonly string[] }
  | { readonly content: string | Uint8Array }
  | { readonly unreadable: string }
  | undefined;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** As hubs read commits. */
const mostBytes = 16 * 1024 * 1024;

/**
 * The files in a directory of this machine as a tree for a resolver, with what git would make of them: links and submodules
 * are not followed, and nothing outside is seen. Each is read once, when it is asked for. `root` is a path without links.
 */
export function checkoutTree(root: string): FileTree {
  const known = new Map<string, Entry>();
  const entryAt = (path: string): Entry => {
    if (!known.has(path)) known.set(path, readEntry(root, path));
    return known.get(path);
  };
  const contentAt = (path: string): string | Uint8Array | undefined => {
    const entry = entryAt(path);
    return entry && 'content' in entry ? entry.content : undefined;
  };
  return {
    ...readersOf(contentAt),
    list: (dir) => {
      const entry = entryAt(dir);
      return entry && 'names' in entry ? entry.names : undefined;
    },
    unreadable: (path) => {
      const entry = entryAt(path);
      if (!entry || 'names' in entry) return undefined;
      if ('unreadable' in entry) return entry.unreadable;
      return typeof entry.content === 'string' ? undefined : `${path} is not UTF-8 text`;
    },
  };
}

const unseen: ReadonlySet<string> = new Set(['', '.', '..', '.git']);

function readEntry(root: string, path: string): Entry {
  if (path !== '' && path.split('/').some((step) => unseen.has(step))) return undefined;
  const full = join(root, path);
  try {
    const stats = lstatSync(full);
    if (stats.isSymbolicLink())
      return { unreadable: `${path} is a symlink; symlinks and submodules are not followed` };
    // For git there is nothing below a link.
    if (realpathSync(full) !== full) return undefined;
    if (stats.isDirectory()) return directoryOf(path, readdirSync(full));
    if (!stats.isFile()) return { unreadable: `${path} is no plain file` };
    if (stats.size > mostBytes)
      return { unreadable: `${path} has ${stats.size} bytes; at most ${mostBytes} are read` };
    return { content: contentOf(readFileSync(full)) };
  } catch (error) {
    return reasonOf(error, path);
  }
}

function directoryOf(path: string, names: readonly string[]): Entry {
  if (path !== '' && names.includes('.git'))
    return { unreadable: `${path} is a submodule; symlinks and submodules are not followed` };
  return { names: names.filter((name) => !unseen.has(name)).toSorted() };
}

function contentOf(bytes: Uint8Array): string | Uint8Array {
  try {
    return decoder.decode(bytes);
  } catch {
    return bytes;
  }
}

function reasonOf(error: unknown, path: string): Entry {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : { unreadable: `${path} cannot be read` };
}
