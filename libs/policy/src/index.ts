export { healthRuleIssues, HealthRules } from './health-rules.ts';
export { policyIssues } from './policy-issues.ts';
export { Judge } from './judge.ts';
export { noPolicies, PolicySets } from './policy-sets.ts';
export type { PolicySet } from './policy-sets.ts';
export { resolveUnderPolicies } from './resolve-under-policies.ts';
