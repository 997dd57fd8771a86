import type { PolicyCheck, SchemaIssue } from '@meridian/fleet';
import { canonicalJson } from '@meridian/manifests';
import { compilePolicy } from './compile-policy.ts';

/** Policies whose expressions were read already; most commits change none. */
const mostRemembered = 2_000;
const remembered = new Map<string, readonly SchemaIssue[]>();

/** What is wrong with the expressions of a policy, for whoever reads a fleet configuration. */
export const policyIssues: PolicyCheck = (policy) => {
  const key = canonicalJson(policy);
  const known = remembered.get(key);
  if (known) return known;
  const compiled = compilePolicy(policy);
  const issues = compiled.ok ? [] : compiled.issues;
  remembered.set(key, issues);
  for (const oldest of remembered.keys()) {
    if (remembered.size <= mostRemembered) break;
    remembered.delete(oldest);
  }
  return issues;
};
