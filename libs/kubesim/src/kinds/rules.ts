import { definitionRules } from '../definitions/definition-rules.ts';
import { checked } from './checked.ts';
import { genericRules } from './generic-rules.ts';
import type { KindRules } from './kind-rules.ts';
import { sealedContent, withImmutable } from './immutable.ts';
import { namespaceRules } from './namespace-rules.ts';
import { podRules } from './pod-rules.ts';
import { serviceRules } from './services/service-rules.ts';
import {
  counted,
  countedTemplate,
  countedWhole,
  keepsFirstStatus,
  pendingClaims,
  pendingVolumes,
  withStatus,
} from './strategies.ts';
import { configMapErrors, secretErrors } from './validation/content-errors.ts';
import { endpointSliceErrors, ingressErrors, networkPolicyErrors } from './validation/network-errors.ts';
import {
  autoscalerErrors,
  bindingChange,
  bindingErrors,
  claimErrors,
  disruptionBudgetErrors,
  leaseErrors,
  priorityClassChange,
  priorityClassErrors,
  roleErrors,
  storageClassErrors,
} from './validation/policy-errors.ts';
import { workloadRules } from './workload-rules.ts';

const byPath: KindRules = { ...genericRules, name: 'path-segment' };

const rules: Readonly<Record<string, KindRules>> = {
  ...workloadRules,
  pods: podRules,
  configmaps: checked(genericRules, configMapErrors, sealedContent),
  secrets: checked(withImmutable(genericRules, 'type'), secretErrors, sealedContent),
  'storageclasses.storage.k8s.io': checked(
    withImmutable(genericRules, 'parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'),
    storageClassErrors,
  ),
  'runtimeclasses.node.k8s.io': withImmutable(genericRules, 'handler'),
  'controllerrevisions.apps': withImmutable(genericRules, 'data'),
  'ingressclasses.networking.k8s.io': withImmutable(counted(genericRules), 'spec.controller'),
  services: serviceRules,
  resourcequotas: withStatus,
  persistentvolumes: pendingVolumes,
  persistentvolumeclaims: checked(pendingClaims, claimErrors),
  nodes: keepsFirstStatus,
  'horizontalpodautoscalers.autoscaling': checked(withStatus, autoscalerErrors),
  'poddisruptionbudgets.policy': checked(counted(withStatus), disruptionBudgetErrors),
  'ingresses.networking.k8s.io': checked(counted(withStatus), ingressErrors),
  'networkpolicies.networking.k8s.io': checked(counted(genericRules), networkPolicyErrors),
  podtemplates: countedTemplate,
  'endpointslices.discovery.k8s.io': checked(withImmutable(countedWhole, 'addressType'), endpointSliceErrors),
  'leases.coordination.k8s.io': checked(genericRules, leaseErrors),
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
  'priorityclasses.scheduling.k8s.io': checked(
    counted(genericRules),
    priorityClassErrors,
    priorityClassChange,
  ),
  namespaces: namespaceRules,
  'customresourcedefinitions.apiextensions.k8s.io': definitionRules,
};

/** The rules of a built-in kind by its group resource: `deployments.apps`. */
export function rulesOf(name: string): KindRules {
  return rules[name] ?? genericRules;
}
