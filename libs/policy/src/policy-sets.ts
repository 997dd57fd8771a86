import { matchesSelector } from '@meridian/fleet';
import type { Application, Cluster, Policy } from '@meridian/fleet';
import { canonicalJson, sha256Digest } from '@meridian/manifests';

/** The policies that are in force for an application in a cluster. */
export interface PolicySet {
  /** Changes when any of them does; '' when there are none. */
  readonly digest: string;
  readonly policies: readonly Policy[];
}

/** No policies. */
export const noPolicies: PolicySet = { digest: '', policies: [] };

/** Which policies of a fleet are in force where. There are few different sets, each of which is made once. */
export class PolicySets {
  readonly #policies: readonly Policy[];
  readonly #sets = new Map<string, PolicySet>();

  constructor(policies: readonly Policy[]) {
    this.#policies = policies.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Those for an application in a cluster. */
  for({ labels }: Pick<Application, 'labels'>, cluster: Pick<Cluster, 'labels'>): PolicySet {
    if (this.#policies.length === 0) return noPolicies;
    const policies = this.#policies.filter(
      (policy) =>
        matchesSelector(policy.applications, labels) && matchesSelector(policy.clusters, cluster.labels),
    );
    if (policies.length === 0) return noPolicies;
    const key = policies.map(({ name }) => name).join(' ');
    const known = this.#sets.get(key);
    if (known) return known;
    const set = { digest: sha256Digest(canonicalJson(policies)), policies };
    this.#sets.set(key, set);
    return set;
  }
}
