import type { Application, Cluster, LocatedError } from '@meridian/fleet';
import type { ChartRequest } from '@meridian/kustomize';

/** All paths of one revision, packed by {@link packPaths}, under a number that the later messages use. */
export interface TreeMessage {
  readonly kind: 'tree';
  readonly tree: number;
  readonly paths: string;
}

/** Contents by blob id that the thread has not seen, and the directories of a tree that are complete with them. */
export interface ContentsMessage {
  readonly kind: 'contents';
  readonly tree: number;
  readonly dirs: readonly string[];
  readonly contents: readonly (readonly [blob: string, content: string | Uint8Array])[];
  readonly unreadable: readonly (readonly [path: string, reason: string])[];
}

/** Outputs of charts by the keys of their requests, which the tasks behind it may ask for. */
export interface ChartsMessage {
  readonly kind: 'charts';
  readonly outputs: readonly (readonly [key: string, text: string])[];
}

/** One application to be rendered for one cluster. It is passed over when `epoch` has passed by then. */
export interface TaskMessage {
  readonly kind: 'task';
  readonly task: number;
  readonly epoch: bigint;
  readonly tree: number;
  readonly application: Application;
  readonly cluster: Cluster;
}

/** What a thread is told, in this order: a tree, contents of it, charts, tasks; and what it need not keep. */
export type ThreadMessage =
  | TreeMessage
  | ContentsMessage
  | ChartsMessage
  | TaskMessage
  | { readonly kind: 'forget'; readonly tree: number }
  | { readonly kind: 'forget all' };

/** How a rendering ended inside a thread. `reads` are all paths that were looked at, with NUL between them. */
export type ThreadOutcome =
  | {
      readonly kind: 'bundle';
      readonly reads: string;
      readonly digest: string;
      readonly bytes: Uint8Array<ArrayBuffer>;
      readonly keys: readonly string[];
    }
  | { readonly kind: 'errors'; readonly reads: string; readonly errors: readonly LocatedError[] }
  /** It looked at files that were not sent. */
  | { readonly kind: 'misses'; readonly paths: readonly string[] }
  /** It asked for outputs of charts that were not sent. */
  | { readonly kind: 'charts'; readonly reads: string; readonly requests: readonly ChartRequest[] }
  | { readonly kind: 'crash'; readonly text: string };

/** What a thread answers to a task. */
export interface ThreadAnswer {
  readonly task: number;
  readonly outcome: ThreadOutcome;
}

/** What a thread starts with. */
export interface ThreadData {
  readonly shared: SharedArrayBuffer;
}

/** Places in the memory that a thread shares: when its present task began (0 between tasks), and the epoch that counts. */
export const sharedPlaces = { startedNs: 0, epoch: 1, count: 2 } as const;

/** Paths with what is there, as one text: copying that between threads costs a hundredth of copying a list. */
export function packPaths(entries: Iterable<readonly [path: string, identity: string]>): string {
  const parts: string[] = [];
  for (const [path, identity] of entries) parts.push(path, identity);
  return parts.join('\0');
}

/** What {@link packPaths} packed. */
export function unpackPaths(packed: string): Map<string, string> {
  const parts = packed === '' ? [] : packed.split('\0');
  const paths = new Map<string, string>();
  for (let at = 0; at + 1 < parts.length; at += 2) paths.set(parts[at] ?? '', parts[at + 1] ?? '');
  return paths;
}
