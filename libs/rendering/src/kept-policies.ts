import { resolveApplication } from '@meridian/kustomize';
import type { ApplicationRequest, ResolvedApplication } from '@meridian/kustomize';
import type { Policy } from '@meridian/fleet';
import type { Judge, resolveUnderPolicies } from '@meridian/policy';
import type { PoliciesMessage } from './messages.ts';

/** What holds bundles to policies. */
interface Judging {
  readonly resolve: typeof resolveUnderPolicies;
  readonly judge: Judge;
}

/** The policies that a thread was sent. What follows them is loaded with the first ones: that takes time, and many fleets have none. */
export class KeptPolicies {
  readonly #sets = new Map<string, readonly Policy[]>();
  #judging: Judging | undefined;

  /** Keeps a set; tasks that name it wait for that. */
  async keep({ digest, policies }: PoliciesMessage): Promise<void> {
    this.#judging ??= await loadJudging();
    this.#sets.set(digest, policies);
  }

  /** Forgets all sets. */
  clear(): void {
    this.#sets.clear();
  }

  /** Renders under a set of policies, '' for none. Throws Error for one that was never sent. */
  resolve(request: ApplicationRequest, digest: string): ResolvedApplication {
    if (digest === '') return resolveApplication(request);
    const policies = this.#sets.get(digest);
    if (!policies || !this.#judging) throw new Error(`the policies ${digest} were not sent`);
    return this.#judging.resolve(request, policies, this.#judging.judge);
  }
}

async function loadJudging(): Promise<Judging> {
  const { Judge, resolveUnderPolicies } = await import('@meridian/policy');
  return { resolve: resolveUnderPolicies, judge: new Judge() };
}
