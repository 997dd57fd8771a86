import type { Policy } from '@meridian/fleet';

/** A policy on everything, with what it says of itself. */
export function policyOf(said: Partial<Policy>): Policy {
  return {
    name: 'rule',
    declaredIn: 'fleet/policies.yaml',
    applications: {},
    clusters: {},
    action: 'deny',
    scope: 'object',
    rules: [{ apiGroups: ['*'], apiVersions: ['*'], kinds: ['*'], resourceNames: ['*'] }],
    exceptions: [],
    objectSelector: {},
    conditions: [],
    params: {},
    variables: [],
    validations: [],
    ...said,
  };
}
