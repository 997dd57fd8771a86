import type { Gvk } from './resource.ts';

/** How strategic merge treats the fields of a type: which lists merge, by which keys, and what their items are. */
export interface MergeShape {
  readonly [field: string]: MergeField;
}

/** One field: `keys` of a list that merges (none for a list of plain values), `of` the shape of the value or item. */
export interface MergeField {
  readonly keys?: readonly string[];
  readonly of?: MergeShape;
}

const meta: MergeShape = { finalizers: { keys: [] }, ownerReferences: { keys: ['uid'] } };
const conditions: MergeField = { keys: ['type'] };
const container: MergeShape = {
  env: { keys: ['name'] },
  ports: { keys: ['containerPort', 'protocol'] },
  volumeDevices: { keys: ['devicePath'] },
  volumeMounts: { keys: ['mountPath'] },
};
const ephemeral: MergeShape = {
  env: { keys: ['name'] },
  volumeDevices: { keys: ['devicePath'] },
  volumeMounts: { keys: ['mountPath'] },
};
const podSpec: MergeShape = {
  containers: { keys: ['name'], of: container },
  initContainers: { keys: ['name'], of: container },
  ephemeralContainers: { keys: ['name'], of: ephemeral },
  hostAliases: { keys: ['ip'] },
  imagePullSecrets: { keys: ['name'] },
  topologySpreadConstraints: { keys: ['topologyKey', 'whenUnsatisfiable'] },
  volumes: { keys: ['name'] },
};
const podTemplate: MergeShape = { metadata: { of: meta }, spec: { of: podSpec } };
const workload: MergeShape = {
  metadata: { of: meta },
  spec: { of: { template: { of: podTemplate } } },
  status: { of: { conditions } },
};
const jobTemplate: MergeShape = { metadata: { of: meta }, spec: { of: { template: { of: podTemplate } } } };
const metaOnly: MergeShape = { metadata: { of: meta } };
const webhooks: MergeShape = { metadata: { of: meta }, webhooks: { keys: ['name'] } };

const shapes: Readonly<Record<string, MergeShape>> = {
  'apps/v1/DaemonSet': workload,
  'apps/v1/Deployment': workload,
  'apps/v1/ReplicaSet': workload,
  'apps/v1/StatefulSet': workload,
  'batch/v1/Job': workload,
  'batch/v1/CronJob': { metadata: { of: meta }, spec: { of: { jobTemplate: { of: jobTemplate } } } },
  'batch/v1beta1/CronJob': { metadata: { of: meta }, spec: { of: { jobTemplate: { of: jobTemplate } } } },
  '/v1/Pod': {
    metadata: { of: meta },
    spec: { of: podSpec },
    status: { of: { conditions, podIPs: { keys: ['ip'] } } },
  },
  '/v1/PodTemplate': { metadata: { of: meta }, template: { of: podTemplate } },
  '/v1/ReplicationController': workload,
  '/v1/Service': {
    metadata: { of: meta },
    spec: { of: { ports: { keys: ['port', 'protocol'] } } },
    status: { of: { conditions } },
  },
  '/v1/ServiceAccount': { metadata: { of: meta }, secrets: { keys: ['name'] } },
  '/v1/Node': {
    metadata: { of: meta },
    spec: { of: { podCIDRs: { keys: [] } } },
    status: { of: { addresses: { keys: ['type'] }, conditions } },
  },
  'admissionregistration.k8s.io/v1/MutatingWebhookConfiguration': webhooks,
  'admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration': webhooks,
  'admissionregistration.k8s.io/v1beta1/MutatingWebhookConfiguration': webhooks,
  'admissionregistration.k8s.io/v1beta1/ValidatingWebhookConfiguration': webhooks,
};

/** Groups and versions of Kubernetes 1.21, whose other kinds merge nothing but their metadata. */
const knownVersions: ReadonlySet<string> = new Set([
  '/v1',
  'apiregistration.k8s.io/v1',
  'autoscaling/v1',
  'autoscaling/v2beta1',
  'autoscaling/v2beta2',
  'batch/v1',
  'batch/v1beta1',
  'coordination.k8s.io/v1',
  'networking.k8s.io/v1',
  'node.k8s.io/v1',
  'policy/v1',
  'policy/v1beta1',
  'rbac.authorization.k8s.io/v1',
  'scheduling.k8s.io/v1',
  'storage.k8s.io/v1',
]);

/**
 * The merge shape of a kind, as the OpenAPI data of Kubernetes 1.21 that kustomize 5 carries has it. Kinds it does
 * not know, all custom resources among them, replace every list.
 */
export function mergeShapeOf({ group, version, kind }: Gvk): MergeShape {
  return shapes[`${group}/${version}/${kind}`] ?? (knownVersions.has(`${group}/${version}`) ? metaOnly : {});
}
