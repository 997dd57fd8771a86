import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { relative } from 'node:path';
import type { FileTree } from '@meridian/kustomize';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The files of this machine as a tree for a build, read when they are asked for. Paths are those of the machine without
 * the first slash, and shown as seen from `cwd`; links are followed, as kustomize does, and what a link leads to is held against the same limits.
 */
export function diskTree(cwd: string): FileTree {
  return {
    readFile: (path) => {
      const bytes = bytesOf(path);
      try {
        return bytes && decoder.decode(bytes);
      } catch {
        return undefined;
      }
    },
    readBytes: bytesOf,
    list: (dir) => attempt(() => readdirSync(`/${dir}`).sort()),
    shown: (path) => relative(cwd, `/${path}`) || '.',
    real: (path) => attempt(() => realpathSync(`/${path}`).slice(1)),
  };
}

function bytesOf(path: string): Uint8Array | undefined {
  return attempt(() => (statSync(`/${path}`).isFile() ? readFileSync(`/${path}`) : undefined));
}

/** What is not there or may not be read is undefined; the build tells who asked for it. */
function attempt<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
