import type { Application, Cluster, LocatedError, Policy } from '@meridian/fleet';
import type { ChartRequest, LabelReads } from '@meridian/kustomize';

/** A revision under a number that the later messages use: its root, and all directories that the thread has not seen. */
interface TreeMessage {
  readonly kind: 'tree';
  readonly tree: number;
  readonly root: string;
  /** Packed by {@link packDirectories}, each after those in it. */
  readonly directories: string;
}

/** Files that the thread has not seen: contents by blob id, and by identity why a file is no text. */
interface ContentsMessage {
  readonly kind: 'contents';
  readonly contents: readonly (readonly [blob: string, content: string | Uint8Array])[];
  readonly flaws: readonly (readonly [identity: string, flaw: string])[];
}

/** Outputs of charts by the keys of their requests, which the tasks behind it may ask for. */
export interface ChartsMessage {
  readonly kind: 'charts';
  readonly outputs: readonly (readonly [key: string, text: string])[];
}

/** A set of policies under its digest, which the tasks behind it may name. */
export interface PoliciesMessage {
  readonly kind: 'policies';
  readonly digest: string;
  readonly policies: readonly Policy[];
}

/** What the tasks of one message have in common. */
interface TaskSubject {
  readonly tree: number;
  readonly application: Application;
  /** Digest of the policies that it is held to; '' for none. */
  readonly policies: string;
}

/** One application to be rendered for one cluster after the other. Those left are passed over once `epoch` has passed. */
export interface TasksMessage extends TaskSubject {
  readonly kind: 'tasks';
  readonly epoch: bigint;
  readonly tasks: readonly Task[];
}

/** One rendering of a message; numbers only grow. */
interface Task {
  readonly task: number;
  readonly cluster: Cluster;
}

/** One application to be rendered for one cluster. */
export type RenderTask = TaskSubject & Pick<Task, 'cluster'>;

/** What a thread is told, in this order: a tree, contents of it, charts, policies, tasks; and what it need not keep. */
export type ThreadMessage =
  | TreeMessage
  | ContentsMessage
  | ChartsMessage
  | PoliciesMessage
  | TasksMessage
  | { readonly kind: 'forget'; readonly tree: number }
  | { readonly kind: 'forget all' };

/** How a rendering ended inside a thread. `reads` are all paths that were looked at, with NUL between them; labels likewise. */
export type ThreadOutcome =
  | {
      readonly kind: 'bundle';
      readonly reads: string;
      readonly labelReads: LabelReads;
      readonly digest: string;
      readonly bytes: Uint8Array<ArrayBuffer>;
      readonly keys: readonly string[];
      /** What is worth a warning, the first of many. */
      readonly warnings: readonly LocatedError[];
    }
  | {
      readonly kind: 'errors';
      readonly reads: string;
      readonly labelReads: LabelReads;
      readonly errors: readonly LocatedError[];
    }
  /** It looked at files that were not sent. */
  | { readonly kind: 'misses'; readonly paths: readonly string[] }
  /** It asked for outputs of charts that were not sent. */
  | { readonly kind: 'charts'; readonly reads: string; readonly requests: readonly ChartRequest[] }
  /** Something nobody foresaw: what and where, without its words. */
  | { readonly kind: 'defect'; readonly what: string };

/** What a thread answers to some of its tasks, in their order. */
export interface ThreadAnswers {
  readonly answers: readonly ThreadAnswer[];
  /** Milliseconds that they took together. */
  readonly tookMs: number;
}

/** What a thread answers to one task. */
export interface ThreadAnswer {
  readonly task: number;
  readonly outcome: ThreadOutcome;
}

/** What a thread starts with. */
export interface ThreadData {
  readonly shared: SharedArrayBuffer;
}

/** Places in the memory that a thread shares: when its present task began (0 between tasks), the epoch that counts, and its last task. */
export const sharedPlaces = { startedNs: 0, epoch: 1, task: 2, count: 3 } as const;

/** A directory as it is sent; `what` is the id of a directory or of a file's content. */
export interface PackedDirectory {
  readonly id: string;
  readonly entries: readonly (readonly [name: string, kind: string, what: string])[];
}

/** Directories as one text: copying that between threads costs a hundredth of copying lists. */
export function packDirectories(directories: Iterable<PackedDirectory>): string {
  const parts: string[] = [];
  for (const { id, entries } of directories) {
    parts.push(id, String(entries.length));
    for (const entry of entries) parts.push(...entry);
  }
  return parts.join('\0');
}

/** What {@link packDirectories} packed. */
export function* unpackDirectories(packed: string): Generator<PackedDirectory> {
  const parts = packed === '' ? [] : packed.split('\0');
  for (let at = 0; at < parts.length;) {
    const id = parts[at] ?? '';
    const end = at + 2 + 3 * Number(parts[at + 1]);
    const entries: [string, string, string][] = [];
    for (at += 2; at < end; at += 3)
      entries.push([parts[at] ?? '', parts[at + 1] ?? '', parts[at + 2] ?? '']);
    yield { id, entries };
  }
}
