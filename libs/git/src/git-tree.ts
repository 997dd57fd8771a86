import { FaultError } from '@meridian/runtime';
import type { BlobCache } from './blob-cache.ts';
import { Directory, FileNode, filesBelow } from './directory.ts';
import type { DirectoryNode, EntryKind } from './directory.ts';
import type { GitPlace } from './git-command.ts';
import { readBlobs } from './read-blobs.ts';
import type { LoadedTree, TreeEntry, TreeLimits } from './tree.ts';

interface GitTreeParts {
  readonly revision: string;
  readonly root: Directory;
  readonly dir: string;
  readonly place: GitPlace;
  readonly limits: TreeLimits;
  readonly cache: BlobCache;
  /** Told when a file that must be there could not be read: the mirror is damaged. */
  readonly onDamage: () => void;
}

/** The paths of one commit; its files are read on demand, once for all commits that share their directory. */
export class GitTree implements LoadedTree {
  readonly revision: string;
  readonly root: Directory;
  readonly #parts: GitTreeParts;

  constructor(parts: GitTreeParts) {
    this.revision = parts.revision;
    this.root = parts.root;
    this.#parts = parts;
  }

  /** All paths, in order. */
  get entries(): TreeEntry[] {
    return this.under('');
  }

  /** Entries at or below a directory, in order; '' is everything. */
  under(dir: string): TreeEntry[] {
    const node = this.root.at(dir);
    if (!node) return [];
    return Array.from(filesBelow(node, dir), ([path, { kind, blob, sizeBytes }]) => ({
      ...{ path, kind, blob, sizeBytes },
    }));
  }

  /** Reads every plain file that `wanted` accepts; gives the tree, which can tell of those from then on. */
  async load(wanted: (entry: TreeEntry) => boolean, signal: AbortSignal): Promise<LoadedTree> {
    const files: FileNode[] = [];
    for (const [path, node] of filesBelow(this.root, '')) {
      const { kind, blob, sizeBytes } = node;
      if (wanted({ path, kind, blob, sizeBytes })) files.push(node);
    }
    await this.#read(files, signal);
    return this;
  }

  /** Reads every plain file at or below some paths. */
  async read(paths: readonly string[], signal: AbortSignal): Promise<void> {
    const nodes = paths.flatMap((path) => this.root.at(path) ?? []);
    const files = new Set<FileNode>();
    for (const node of nodes) collectUnread(node, files);
    await this.#read(files, signal);
    for (const node of nodes) markRead(node);
  }

  readFile(path: string): string | undefined {
    const content = this.#file(path)?.content;
    return typeof content === 'string' ? content : undefined;
  }

  readBytes(path: string): Uint8Array | undefined {
    const content = this.#file(path)?.content;
    return typeof content === 'string' ? undefined : content;
  }

  list(dir: string): readonly string[] | undefined {
    const node = this.root.at(dir);
    return node instanceof Directory ? node.names : undefined;
  }

  kind(path: string): EntryKind | 'directory' | undefined {
    return this.root.at(path)?.kind;
  }

  unreadable(path: string): string | undefined {
    const file = this.#file(path);
    if (!file) return undefined;
    const { kind, sizeBytes, content } = file;
    const { fileBytes } = this.#parts.limits;
    if (kind !== 'file') return `${path} is a ${kind}; symlinks and submodules are not followed`;
    if (sizeBytes > fileBytes) return `${path} has ${sizeBytes} bytes; at most ${fileBytes} are read`;
    return content === undefined || typeof content === 'string' ? undefined : `${path} is not UTF-8 text`;
  }

  #file(path: string): FileNode | undefined {
    const node = this.root.at(path);
    return node instanceof Directory ? undefined : node;
  }

  /** Reads what of these is a plain file, is not too large and was not read before. */
  async #read(files: Iterable<FileNode>, signal: AbortSignal): Promise<void> {
    const { limits, cache } = this.#parts;
    const lacking = [...files].filter(
      ({ kind, sizeBytes, content }) =>
        kind === 'file' && sizeBytes <= limits.fileBytes && content === undefined,
    );
    const missing = Map.groupBy(lacking, ({ blob }) => blob);
    for (const [blob, same] of missing) {
      const known = cache.get(blob);
      if (known === undefined) continue;
      for (const file of same) file.content = known;
      missing.delete(blob);
    }
    if (missing.size === 0) return;
    for (const [blob, bytes] of await this.#blobs([...missing.keys()], signal)) {
      const text = decode(bytes);
      if (text !== undefined) cache.set(blob, text);
      for (const file of missing.get(blob) ?? []) file.content = text ?? bytes;
    }
  }

  async #blobs(blobs: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Buffer>> {
    const { dir, place, limits, onDamage } = this.#parts;
    try {
      return await readBlobs(blobs, { dir, place, totalCapBytes: limits.totalBytes }, signal);
    } catch (error) {
      if (isDamage(error) && !signal.aborted) onDamage();
      throw error;
    }
  }
}

function collectUnread(node: DirectoryNode, files: Set<FileNode>): void {
  if (node instanceof FileNode) files.add(node);
  else if (!node.isRead) for (const child of node.children.values()) collectUnread(child, files);
}

function markRead(node: DirectoryNode): void {
  if (node instanceof FileNode || node.isRead) return;
  for (const child of node.children.values()) markRead(child);
  node.isRead = true;
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
