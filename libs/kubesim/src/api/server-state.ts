import type { Registry } from '../cluster/registry.ts';
import type { Remover } from '../cluster/remover.ts';
import type { Writer } from '../cluster/writer.ts';
import type { Store } from '../store/store.ts';

/** What answering requests for one cluster needs. */
export interface ServerState {
  readonly store: Store;
  readonly registry: Registry;
  readonly writer: Writer;
  readonly remover: Remover;
  readonly nowMs: () => number;
  /** `127.0.0.1:6443`, as discovery tells it. */
  readonly address: () => string;
}
