import type { EntryKind } from './directory.ts';

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
  fileBytes: 16 * 1024 * 1024,
  totalBytes: 256 * 1024 * 1024,
};

/** Files already read, for a resolver that does no I/O. Paths are relative to the repository's root, with `/`. */
export interface LoadedTree {
  /** Text of a file; undefined when there is no such file or it is not a plain file. */
  readFile(path: string): string | undefined;
  /** Bytes of a file that is no UTF-8 text; undefined when there is no such file or it was not read. */
  readBytes(path: string): Uint8Array | undefined;
  /** Names in a directory, sorted; undefined when there is no such directory. */
  list(dir: string): readonly string[] | undefined;
  /** What a path is; undefined when it does not exist. */
  kind(path: string): EntryKind | 'directory' | undefined;
  /** Why a file that exists could not be read as text; undefined when it can. */
  unreadable(path: string): string | undefined;
}
