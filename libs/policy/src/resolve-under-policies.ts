import { resolveApplication } from '@meridian/kustomize';
import type { ApplicationRequest, ResolvedApplication } from '@meridian/kustomize';
import type { Policy } from '@meridian/fleet';
import type { Judge } from './judge.ts';

/**
 * Renders an application for a cluster and holds it to policies. Objects that a policy denies are errors, as what cannot be
 * rendered is; what a policy warns of is among the warnings.
 */
export function resolveUnderPolicies(
  request: ApplicationRequest,
  policies: readonly Policy[],
  judge: Judge,
): ResolvedApplication {
  const resolved = resolveApplication(request);
  if ('errors' in resolved || policies.length === 0) return resolved;
  const { application, cluster } = request;
  const { bundle, originOf } = resolved;
  const { errors, warnings } = judge.judge(policies, {
    application,
    cluster,
    objects: bundle.objects,
    originOf,
  });
  // Policies may look at any label.
  const labelReads = 'all';
  if (errors.length > 0) return { errors, labelReads };
  return { ...resolved, labelReads, warnings: [...resolved.warnings, ...warnings] };
}
