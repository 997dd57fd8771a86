import type { Reviewer } from '../admission/review.ts';
import type { Store } from '../store/store.ts';
import type { Registry } from './registry.ts';

/** What everything that works on a cluster shares. */
export interface ClusterParts {
  readonly store: Store;
  readonly registry: Registry;
  readonly nowMs: () => number;
  readonly reviewer: Reviewer;
}
