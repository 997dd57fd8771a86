import { definitionRules } from '../definitions/definition-rules.ts';
import { checked } from './checked.ts';
import { genericRules } from './generic-rules.ts';
import type { KindRules } from './kind-rules.ts';
import { namespaceRules } from './namespace-rules.ts';
import { networkRules } from './network/network-rules.ts';
import { policyRules } from './policy/policy-rules.ts';
import { podRules } from './pod-rules.ts';
import { storageRules } from './storage/storage-rules.ts';
import { serviceRules } from './services/service-rules.ts';
import { keepsFirstStatus } from './strategies.ts';
import { bindingChange, bindingErrors, roleErrors } from './validation/policy-errors.ts';
import { workloadRules } from './workload-rules.ts';

const byPath: KindRules = { ...genericRules, name: 'path-segment' };

const rules: Readonly<Record<string, KindRules>> = {
  ...workloadRules,
  ...networkRules,
  ...policyRules,
  ...storageRules,
  pods: podRules,
  services: serviceRules,
  nodes: keepsFirstStatus,
  'roles.rbac.authorization.k8s.io': checked(byPath, roleErrors),
  'clusterroles.rbac.authorization.k8s.io': checked(byPath, roleErrors),
  'rolebindings.rbac.authorization.k8s.io': checked(
    byPath,
    (binding) => bindingErrors(binding, ['Role', 'ClusterRole']),
    bindingChange,
  ),
  'clusterrolebindings.rbac.authorization.k8s.io': checked(
    byPath,
    (binding) => bindingErrors(binding, ['ClusterRole']),
    bindingChange,
  ),
  namespaces: namespaceRules,
  'customresourcedefinitions.apiextensions.k8s.io': definitionRules,
};

/** The rules of a built-in kind by its group resource: `deployments.apps`. */
export function rulesOf(name: string): KindRules {
  return rules[name] ?? genericRules;
}
