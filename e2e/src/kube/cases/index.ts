import type { ContractCase } from '../session.ts';
import { admissionCases } from './admission.ts';
import { admissionPolicyCases } from './admission-policies.ts';
import { applyCases } from './apply.ts';
import { clusterKindCases } from './cluster-kinds.ts';
import { customDiscoveryCases } from './custom-discovery.ts';
import { definitionCases } from './custom-definitions.ts';
import { definitionLifecycleCases } from './custom-lifecycles.ts';
import { customGeneratedCases } from './custom-generated.ts';
import { customKindCases } from './custom-kinds.ts';
import { customObjectCases } from './custom-objects.ts';
import { customRuleErrorCases } from './custom-rule-errors.ts';
import { customRuleCases } from './custom-rules.ts';
import { customValueCases } from './custom-values.ts';
import { customVersionCases } from './custom-versions.ts';
import { customWriteCases } from './custom-writes.ts';
import { definitionRefusalCases } from './custom-refusals.ts';
import { emptyCases } from './empties.ts';
import { evictionCases } from './evictions.ts';
import { generatedClusterObjectCases } from './generated-cluster-objects.ts';
import { generatedWorkloadCases } from './generated-workloads.ts';
import { generatedObjectCases } from './generated-objects.ts';
import { generatedCases } from './generated.ts';
import { httpCases } from './http.ts';
import { kindCases } from './kinds.ts';
import { listCases } from './lists.ts';
import { logCases } from './logs.ts';
import { oddRequestCases } from './odd-requests.ts';
import { patchCases } from './patch.ts';
import { podSubresourceCases } from './pod-subresources.ts';
import { policyCases } from './policies.ts';
import { boundPolicyCases } from './policies-bound.ts';
import { mutatingPolicyCases } from './policies-mutating.ts';
import { policyParameterCases } from './policies-params.ts';
import { policyReachCases } from './policies-reach.ts';
import { policyWebhookCases } from './policies-webhooks.ts';
import { requestCases } from './requests.ts';
import { serviceCases } from './services.ts';
import { signingRequestCases } from './signing-requests.ts';
import { storageCases } from './storage.ts';
import { storedFormCases } from './stored-forms.ts';
import { subresourceCases } from './subresources.ts';
import { jobValidationCases } from './validation-jobs.ts';
import { podValidationCases } from './validation-pods.ts';
import { workloadValidationCases } from './validation-workloads.ts';
import { tokenCases } from './tokens.ts';
import { clusterValidationCases } from './validation-cluster.ts';
import { networkValidationCases } from './validation-network.ts';
import { policyValidationCases } from './validation-policy.ts';
import { storageValidationCases } from './validation-storage.ts';
import { apiServiceCases } from './validation-api-services.ts';
import { deviceCases } from './validation-devices.ts';
import { hookValidationCases } from './validation-hooks.ts';
import { validationCases } from './validation.ts';
import { metadataMistakeCases } from './metadata-mistakes.ts';
import { webhookCallCases } from './webhook-calls.ts';
import { webhookCases } from './webhooks.ts';
import { workloadStatusCases } from './workload-status.ts';

/** All cases by subject. */
export const contractCases: Readonly<Record<string, readonly ContractCase[]>> = {
  requests: requestCases,
  storage: [...storageCases, ...storedFormCases],
  kinds: kindCases,
  apply: applyCases,
  patch: patchCases,
  subresources: [...subresourceCases, ...evictionCases],
  validation: [
    ...validationCases,
    ...metadataMistakeCases,
    ...emptyCases,
    ...networkValidationCases,
    ...policyValidationCases,
    ...storageValidationCases,
    ...clusterValidationCases,
    ...clusterKindCases,
    ...hookValidationCases,
    ...deviceCases,
    ...apiServiceCases,
    ...signingRequestCases,
  ],
  services: serviceCases,
  admission: [...admissionCases, ...admissionPolicyCases],
  policies: [
    ...policyCases,
    ...boundPolicyCases,
    ...policyReachCases,
    ...policyParameterCases,
    ...mutatingPolicyCases,
    ...policyWebhookCases,
  ],
  tokens: tokenCases,
  http: [...httpCases, ...oddRequestCases],
  lists: listCases,
  logs: logCases,
  pods: [...podValidationCases, ...jobValidationCases, ...podSubresourceCases, ...workloadStatusCases],
  workloads: [...workloadValidationCases, ...generatedWorkloadCases],
  definitions: [
    ...definitionCases,
    ...customRuleErrorCases,
    ...definitionRefusalCases,
    ...definitionLifecycleCases,
    ...customDiscoveryCases,
  ],
  custom: [...customObjectCases, ...customValueCases, ...customRuleCases, ...customWriteCases, ...customKindCases, ...customVersionCases],
  generated: [...generatedCases, ...customGeneratedCases, ...generatedObjectCases, ...generatedClusterObjectCases],
  webhooks: [...webhookCases, ...webhookCallCases],
};
