import type { PolicySet } from '@meridian/policy';
import { identityOf } from './commit-tree.ts';
import type { CommitDirectory, CommitNode } from './commit-tree.ts';
import { packDirectories } from './messages.ts';
import type { PackedDirectory, ThreadMessage } from './messages.ts';
import type { RevisionFiles } from './revision-files.ts';

/** Text that a thread is sent before it starts over; it takes two bytes a character at most. */
const mostCharacters = 64 * 1024 * 1024;
/** Revisions that are rendered beside each other: the newest, the one before, and one that somebody asks for. */
const mostTrees = 3;

interface SentTree {
  readonly number: number;
  /** Paths of which everything was sent. */
  readonly paths: Set<string>;
}

type FileMessage = Exclude<ThreadMessage, { kind: 'tasks' }>;

/**
 * What a thread has been sent of files, charts and policies. Everything goes by git's ids, so that a revision costs what differs from those that
 * the thread knows.
 */
export class SentFiles {
  readonly #send: (message: FileMessage) => void;
  readonly #trees = new Map<RevisionFiles, SentTree>();
  readonly #directories = new Set<string>();
  /** Directories of which every content was sent. */
  readonly #whole = new Set<string>();
  readonly #files = new Set<string>();
  readonly #charts = new Set<string>();
  readonly #policies = new Set<string>();
  #characters = 0;
  #numbers = 0;

  constructor(send: (message: FileMessage) => void) {
    this.#send = send;
  }

  /** Sends everything that a rendering in a revision needs and that is not there yet; gives the number of the revision. */
  complete(files: RevisionFiles): number {
    if (this.#characters > mostCharacters) this.#startOver();
    const tree = this.#trees.get(files) ?? this.#sendTree(files);
    // Used last, forgotten last.
    this.#trees.delete(files);
    this.#trees.set(files, tree);
    const paths = [...files.neededPaths].filter((path) => !tree.paths.has(path));
    if (paths.length > 0) this.#sendContents(files, paths);
    for (const path of paths) tree.paths.add(path);
    return tree.number;
  }

  /** Sends outputs of charts that are not there yet; after {@link complete}, which may start over. */
  sendCharts(charts: ReadonlyMap<string, string>): void {
    const outputs = [...charts].filter(([key]) => !this.#charts.has(key));
    if (outputs.length === 0) return;
    for (const [key, text] of outputs) {
      this.#charts.add(key);
      this.#characters += text.length;
    }
    this.#send({ kind: 'charts', outputs });
  }

  /** Sends policies that are not there yet; after {@link complete}, which may start over. */
  sendPolicies({ digest, policies }: PolicySet): void {
    if (digest === '' || this.#policies.has(digest)) return;
    this.#policies.add(digest);
    this.#characters += JSON.stringify(policies).length;
    this.#send({ kind: 'policies', digest, policies });
  }

  #sendTree(files: RevisionFiles): SentTree {
    for (const [old, { number }] of this.#trees) {
      if (this.#trees.size < mostTrees) break;
      this.#trees.delete(old);
      this.#send({ kind: 'forget', tree: number });
    }
    this.#numbers += 1;
    const { root } = files;
    const directories = packDirectories(this.#newDirectories(root));
    this.#characters += directories.length;
    this.#send({ kind: 'tree', tree: this.#numbers, root: root.id, directories });
    return { number: this.#numbers, paths: new Set() };
  }

  *#newDirectories(directory: CommitDirectory): Generator<PackedDirectory> {
    if (this.#directories.has(directory.id)) return;
    this.#directories.add(directory.id);
    for (const child of directory.children.values())
      if (child.kind === 'directory') yield* this.#newDirectories(child);
    const entries = Array.from(
      directory.children,
      ([name, child]) => [name, child.kind, child.kind === 'directory' ? child.id : child.blob] as const,
    );
    yield { id: directory.id, entries };
  }

  #sendContents(files: RevisionFiles, paths: readonly string[]): void {
    const contents: (readonly [string, string | Uint8Array])[] = [];
    const flaws: (readonly [string, string])[] = [];
    const visit = (node: CommitNode, path: string): void => {
      if (node.kind === 'directory') {
        if (this.#whole.has(node.id)) return;
        this.#whole.add(node.id);
        for (const [name, child] of node.children) visit(child, path === '' ? name : `${path}/${name}`);
        return;
      }
      const identity = identityOf(node);
      if (this.#files.has(identity)) return;
      this.#files.add(identity);
      const flaw = files.flaw(path);
      if (flaw !== undefined) flaws.push([identity, flaw]);
      if (node.content === undefined) return;
      contents.push([node.blob, node.content]);
      this.#characters += node.content.length;
    };
    for (const path of paths) {
      const node = files.at(path);
      if (node) visit(node, path);
    }
    if (contents.length + flaws.length > 0) this.#send({ kind: 'contents', contents, flaws });
  }

  #startOver(): void {
    this.#trees.clear();
    this.#directories.clear();
    this.#whole.clear();
    this.#files.clear();
    this.#charts.clear();
    this.#policies.clear();
    this.#characters = 0;
    this.#send({ kind: 'forget all' });
  }
}
