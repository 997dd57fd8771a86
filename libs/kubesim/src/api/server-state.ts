import type { ClusterParts } from '../cluster/cluster-parts.ts';
import type { Remover } from '../cluster/remover.ts';
import type { Writer } from '../cluster/writer.ts';
import type { Faults } from '../faults/faults.ts';

/** What answering requests for one cluster needs. */
export interface ServerState extends ClusterParts {
  readonly writer: Writer;
  readonly remover: Remover;
  readonly faults: Faults;
  /** `127.0.0.1:6443`, as discovery tells it. */
  readonly address: () => string;
}
