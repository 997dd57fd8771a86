import { admissionRules } from './admission/admission-rules.ts';
import { deviceRules } from './devices/device-rules.ts';
import { definitionRules } from '../definitions/definition-rules.ts';
import { clusterRules } from './cluster/cluster-rules.ts';
import { genericRules } from './generic-rules.ts';
import type { KindRules } from './kind-rules.ts';
import { namespaceRules } from './namespace-rules.ts';
import { networkRules } from './network/network-rules.ts';
import { policyRules } from './policy/policy-rules.ts';
import { podRules } from './pod-rules.ts';
import { storageRules } from './storage/storage-rules.ts';
import { serviceRules } from './services/service-rules.ts';
import { workloadRules } from './workload-rules.ts';

const rules: Readonly<Record<string, KindRules>> = {
  ...workloadRules,
  ...networkRules,
  ...policyRules,
  ...storageRules,
  ...clusterRules,
  ...admissionRules,
  ...deviceRules,
  pods: podRules,
  services: serviceRules,
  namespaces: namespaceRules,
  'customresourcedefinitions.apiextensions.k8s.io': definitionRules,
};

/** The rules of a built-in kind by its group resource: `deployments.apps`. */
export function rulesOf(name: string): KindRules {
  return rules[name] ?? genericRules;
}
