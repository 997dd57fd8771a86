/** Files of one revision, already in memory; a tree never changes, what was parsed of it is kept with it. Paths are relative to the repository's root, with `/`; the root is ''. */
export interface FileTree {
  /** Text of a plain file; undefined when there is none. */
  readFile(path: string): string | undefined;
  /** Bytes of a plain file that is no UTF-8 text; undefined when there is none. */
  readBytes?(path: string): Uint8Array | undefined;
  /** The path with every link on it followed, for trees that have links; undefined when there is nothing. */
  real?(path: string): string | undefined;
  /** Names in a directory; undefined when there is no such directory. */
  list(dir: string): readonly string[] | undefined;
  /** A text that is the same for the same thing at a path, in this tree or another: content of a file, names in a directory. */
  identity?(path: string): string;
  /** A path as people know it, when that is not its path in the tree. */
  shown?(path: string): string;
  /** Why something at this path is not readable as a text file (symlink, submodule, too large); undefined when it is. */
  unreadable?(path: string): string | undefined;
}

const numbers = new WeakMap<FileTree, number>();
let trees = 0;

/** The identity of what is at a path; of a tree that does not tell identities, nothing is the same elsewhere. */
export function identityIn(tree: FileTree, path: string): string {
  if (tree.identity) return tree.identity(path);
  let number = numbers.get(tree);
  if (number === undefined) {
    trees += 1;
    number = trees;
    numbers.set(tree, number);
  }
  return `tree ${number}`;
}

const longestPath = 4096;

/** Why a path may not be written in a fleet repo; undefined when it may. It is not looked up anywhere. */
export function pathProblem(path: string): string | undefined {
  if (path === '') return 'the path is empty';
  if (path.length > longestPath) return `the path is longer than ${longestPath} characters`;
  if (/[\0\\]/.test(path)) return 'the path holds a backslash or a NUL';
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'the path is absolute';
  return undefined;
}

/** Joins a relative path to a directory; undefined when it leaves the repository. */
export function joinPath(dir: string, path: string): string | undefined {
  const steps = dir === '' ? [] : dir.split('/');
  for (const step of path.split('/')) {
    if (step === '' || step === '.') continue;
    if (step !== '..') steps.push(step);
    else if (steps.pop() === undefined) return undefined;
  }
  return steps.join('/');
}

/** The directory a path is in. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** The last step of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** How a tree reads files of which it knows the content: text, or bytes that are none; undefined where no file is. */
export function readersOf(
  contentAt: (path: string) => string | Uint8Array | undefined,
): Required<Pick<FileTree, 'readFile' | 'readBytes'>> {
  return {
    readFile: (path) => {
      const content = contentAt(path);
      return typeof content === 'string' ? content : undefined;
    },
    readBytes: (path) => {
      const content = contentAt(path);
      return typeof content === 'string' ? undefined : content;
    },
  };
}

/** A tree over files by path, for tests and for a working directory read beforehand; bytes are files that are no text. */
export function treeOf(files: { readonly [path: string]: string | Uint8Array }): FileTree {
  const directories = new Map<string, Set<string>>([['', new Set()]]);
  for (const path of Object.keys(files)) {
    let child = path;
    while (child !== '') {
      const parent = parentOf(child);
      const names = directories.get(parent) ?? new Set();
      directories.set(parent, names.add(baseName(child)));
      child = parent;
    }
  }
  const lists = new Map<string, readonly string[]>();
  return {
    ...readersOf((path) => (Object.hasOwn(files, path) ? files[path] : undefined)),
    list: (dir) => {
      const names = directories.get(dir);
      if (names && !lists.has(dir)) lists.set(dir, [...names].sort());
      return lists.get(dir);
    },
  };
}
