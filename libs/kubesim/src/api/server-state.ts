import type { ClusterParts } from '../cluster/cluster-parts.ts';
import type { Remover } from '../cluster/remover.ts';
import type { Writer } from '../cluster/writer.ts';
import type { Faults } from '../faults/faults.ts';
import type { User } from './authenticate.ts';
import type { TokenIssuer } from './token-issuer.ts';

/** What answering requests for one cluster needs. */
export interface ServerState extends ClusterParts {
  readonly writer: Writer;
  readonly remover: Remover;
  readonly faults: Faults;
  readonly tokens: TokenIssuer;
  /** Whom the cluster's own tokens stand for, beside those of service accounts. */
  readonly knownUser: (token: string) => User | undefined;
  /** `127.0.0.1:6443`, as discovery tells it. */
  readonly address: () => string;
}
