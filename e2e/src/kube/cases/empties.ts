import { set } from '../body.ts';
import { creating, setting, updating } from '../mutate.ts';
import { objectPath, sampleOf } from '../objects.ts';
import type { ContractCase } from '../session.ts';

const merge = { type: 'application/merge-patch+json' };
const apply = { type: 'application/apply-patch+yaml' };

/** Fields and values without anything in them, with which objects are made. */
const onCreate: readonly (readonly [string, string, unknown])[] = [
  ['Pod', 'spec.affinity', { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } }],
  ['Pod', 'spec.containers.0.livenessProbe', { exec: { command: [] } }],
  ['Pod', 'spec.containers.0.resources', { limits: {}, requests: { cpu: '1' } }],
  ['Pod', 'spec.dnsConfig', { nameservers: [], searches: [], options: [] }],
  ['Pod', 'spec.schedulingGates', []],
  ['Pod', 'spec.volumes', [{ name: 'a', projected: { sources: [] } }]],
  ['Pod', 'spec.volumes', [{ name: 'a', downwardAPI: { items: [] } }]],
  ['Pod', 'metadata.ownerReferences', []],
  ['Deployment', 'spec.selector', { matchLabels: {}, matchExpressions: [] }],
  ['Deployment', 'spec.selector.matchExpressions', [{ key: 'app', operator: 'In', values: [] }]],
  ['DaemonSet', 'spec.selector', { matchLabels: {}, matchExpressions: [] }],
  ['StatefulSet', 'spec.volumeClaimTemplates', []],
  ['StatefulSet', 'spec.volumeClaimTemplates', [{ apiVersion: true, spec: {} }]],
  ['ReplicationController', 'spec.selector', {}],
  ['Job', 'metadata.labels', {}],
  ['Job', 'spec.template.metadata.labels', {}],
  ['Job', 'spec.successPolicy', { rules: [] }],
  ['HorizontalPodAutoscaler', 'spec.metrics', []],
  ['HorizontalPodAutoscaler', 'spec.scaleTargetRef.apiVersion', '/v1'],
  ['HorizontalPodAutoscaler', 'spec.behavior', { scaleUp: { policies: [] } }],
  ['HorizontalPodAutoscaler', 'spec.behavior', { scaleDown: { policies: [] } }],
  ['NetworkPolicy', 'spec.policyTypes', []],
  ['NetworkPolicy', 'spec.ingress', [{ from: [], ports: [] }]],
  ['Ingress', 'spec.rules', []],
  ['Ingress', 'spec.rules', [{ http: { paths: [] } }]],
  ['PersistentVolume', 'spec.capacity', {}],
  ['PersistentVolume', 'spec.capacity', undefined],
  ['PersistentVolumeClaim', 'spec.accessModes', []],
  ['PersistentVolumeClaim', 'spec.volumeMode', ''],
  ['StorageClass', 'allowedTopologies', [{ matchLabelExpressions: [] }]],
  ['ResourceQuota', 'spec.scopeSelector', { matchExpressions: [] }],
  ['LimitRange', 'spec.limits', []],
  ['Role', 'rules', []],
  ['EndpointSlice', 'endpoints', []],
  ['EndpointSlice', 'ports', []],
  ['CSIDriver', 'spec.volumeLifecycleModes', []],
  ['Node', 'spec.taints', []],
  ['ValidatingWebhookConfiguration', 'webhooks.0.admissionReviewVersions', []],
  ['CustomResourceDefinition', 'spec.names.shortNames', []],
];

/** Fields that objects lose their content of, or are told to have none of. */
const onUpdate: readonly (readonly [string, string, unknown])[] = [
  ['Deployment', 'spec.template.spec.nodeSelector', {}],
  ['Deployment', 'metadata.annotations', {}],
  ['DaemonSet', 'spec.template.spec.tolerations', []],
  ['StatefulSet', 'spec.volumeClaimTemplates', []],
  ['Job', 'spec.template.spec.containers.0.env', []],
  ['Pod', 'spec.imagePullSecrets', []],
  ['Service', 'spec.selector', {}],
  ['PersistentVolume', 'spec.nodeAffinity', {}],
  ['PersistentVolumeClaim', 'spec.resources.limits', {}],
  ['PersistentVolumeClaim', 'spec.selector', { matchExpressions: [] }],
  ['StorageClass', 'parameters', {}],
  ['NetworkPolicy', 'spec.egress', []],
  ['ResourceQuota', 'spec.scopes', []],
  ['ValidatingWebhookConfiguration', 'webhooks.0.matchConditions', []],
  ['Role', 'rules', []],
];

/** What each kind says as nothing when it is applied, patched and tried. */
const emptied: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  Deployment: { 'spec.template.spec.tolerations': [], 'spec.template.spec.nodeSelector': {} },
  ConfigMap: { data: {}, binaryData: {} },
  Role: { rules: [], 'metadata.labels': {} },
  NetworkPolicy: { 'spec.ingress': [], 'spec.egress': [] },
};

/** Lists and maps that are sent empty: Go tells them from absent ones until it stores the object. */
export const emptyCases: readonly ContractCase[] = [
  ...onCreate.map(([kind, path, value]) => creating(setting(kind, path, value))),
  ...onUpdate.map(([kind, path, value]) => updating(setting(kind, path, value))),
  changing('Job', 'spec.template.spec'),
  changing('Pod', 'spec'),
  ...['ports', 'resizePolicy', 'env'].map(addingEphemeral),
  ...Object.entries(emptied).map(([kind, fields]) => applying(kind, fields)),
];

/** Of what may not change, the refusal shows all that was sent. */
function changing(kind: string, pods: string): ContractCase {
  return {
    title: `empty: lists of a ${kind} whose pods change`,
    async run(session) {
      const sample = sampleOf(kind);
      const { body } = await session.prepare('POST', sample.path, sample.make(session.namespace));
      set(body, `${pods}.nodeSelector`, {});
      set(body, `${pods}.tolerations`, []);
      set(body, `${pods}.containers.0.env`, []);
      set(body, `${pods}.containers.0.command`, ['other']);
      await session.ask('PUT', objectPath(sample, body), body);
    },
  };
}

/** What an ephemeral container may not have it may not have empty either. */
function addingEphemeral(field: string): ContractCase {
  return {
    title: `empty: ${field} of an ephemeral container`,
    async run(session) {
      const sample = sampleOf('Pod');
      const { body } = await session.prepare('POST', sample.path, sample.make(session.namespace));
      set(body, 'spec.ephemeralContainers', [{ name: 'look', image: 'tools', [field]: [] }]);
      await session.ask('PUT', `${objectPath(sample, body)}/ephemeralcontainers`, body);
    },
  };
}

function applying(kind: string, fields: Readonly<Record<string, unknown>>): ContractCase {
  return {
    title: `empty: fields of a ${kind} that is applied, patched and tried`,
    async run(session) {
      const sample = sampleOf(kind);
      const object = sample.make(session.namespace);
      for (const [path, value] of Object.entries(fields)) set(object, path, value);
      const path = objectPath(sample, object);
      await session.ask('PATCH', `${path}?fieldManager=one`, object, apply);
      await session.ask('PATCH', `${path}?fieldManager=two&force=true`, object, apply);
      await session.ask('PATCH', path, object, merge);
      await session.ask('PATCH', `${path}?dryRun=All`, object, merge);
      await session.ask('GET', path);
    },
  };
}
