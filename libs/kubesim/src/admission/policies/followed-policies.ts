import type { KubeObject } from '../../kube-object.ts';
import type { Resource } from '../../schema/resource.ts';
import type { Review } from '../review.ts';
import { matchedVersion, namespaceOf } from '../webhooks/match-hook.ts';
import type { BoundPolicy } from './configured-policies.ts';
import type { Binding, Policy } from './policy.ts';
import { paramResource, paramsOf, PolicyFault } from './policy-params.ts';
import type { ParamContext } from './policy-params.ts';

/** A policy that is to be followed for a write by one of its bindings, with each of the parameters. */
export interface Followed<P extends Policy> {
  readonly policy: P;
  readonly binding: Binding;
  /** The version in which it sees the object. */
  readonly resource: Resource;
  readonly params: readonly (KubeObject | null)[];
}

/** A policy that should be followed and cannot be. */
export interface Unfollowed {
  readonly policy: Policy;
  /** Undefined when it is the policy itself that is wrong. */
  readonly binding: Binding | undefined;
  readonly message: string;
}

/** Which policies are followed for a write, and which cannot be. */
export function followedPolicies<P extends Policy>(
  bound: readonly BoundPolicy<P>[],
  review: Review,
  context: ParamContext,
): { readonly followed: readonly Followed<P>[]; readonly faults: readonly Unfollowed[] } {
  const followed: Followed<P>[] = [];
  const faults: Unfollowed[] = [];
  for (const { policy, bindings } of bound) {
    const resource = matchedVersion(policy.matching, review, context);
    if (resource === undefined) continue;
    const params = attempt(() => paramResource(policy, context));
    if (params instanceof PolicyFault) {
      faults.push({ policy, binding: undefined, message: `failed to configure policy: ${params.message}` });
      continue;
    }
    for (const binding of bindings) {
      if (binding.matching !== undefined && matchedVersion(binding.matching, review, context) === undefined)
        continue;
      const found = attempt(() => paramsOf(params, binding, namespaceOf(review), context));
      if (found instanceof PolicyFault) {
        faults.push({ policy, binding, message: `failed to configure binding: ${found.message}` });
      } else {
        followed.push({ policy, binding, resource, params: found });
      }
    }
  }
  return { followed, faults };
}

function attempt<T>(find: () => T): T | PolicyFault {
  try {
    return find();
  } catch (error) {
    if (error instanceof PolicyFault) return error;
    throw error;
  }
}
