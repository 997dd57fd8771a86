/**
 * What the built-in schema knows of a type, cut down to what merging needs: lists that merge, the way to them, and the
 * fields below which kustomize must not take an embedded object for one of its own kind.
 */
export interface ShapeData {
  readonly [field: string]: {
    /** The merge keys of a list that merges; none for a list of plain values. */
    readonly keys?: readonly string[];
    /** The fields of the value, or of the items when it is a list. */
    readonly of?: ShapeData;
  };
}

const finalizers = { keys: [] };
const metadata = { of: { finalizers, ownerReferences: { keys: ['uid'] } } };
const byName = { keys: ['name'] };
const status = { of: { conditions: { keys: ['type'] } } };

const ephemeralContainer: ShapeData = {
  env: byName,
  volumeDevices: { keys: ['devicePath'] },
  volumeMounts: { keys: ['mountPath'] },
};
const container: ShapeData = { ...ephemeralContainer, ports: { keys: ['containerPort', 'protocol'] } };
const podSpec: ShapeData = {
  containers: { keys: ['name'], of: container },
  ephemeralContainers: { keys: ['name'], of: ephemeralContainer },
  hostAliases: { keys: ['ip'] },
  imagePullSecrets: byName,
  initContainers: { keys: ['name'], of: container },
  topologySpreadConstraints: { keys: ['topologyKey', 'whenUnsatisfiable'] },
  volumes: { keys: ['name'], of: { ephemeral: { of: { volumeClaimTemplate: { of: { metadata } } } } } },
};
const podTemplate: ShapeData = { metadata, spec: { of: podSpec } };

const object: ShapeData = { metadata };
const withConditions: ShapeData = { metadata, status };
const workload: ShapeData = { metadata, spec: { of: { template: { of: podTemplate } } }, status };
const job: ShapeData = { metadata, spec: { of: { template: { of: podTemplate } } } };
const cronJob: ShapeData = { metadata, spec: { of: { jobTemplate: { of: job } } } };
const webhooks: ShapeData = { metadata, webhooks: byName };
const csiNode: ShapeData = { metadata, spec: { of: { drivers: byName } } };
const generatorArgs: ShapeData = { GeneratorArgs: { of: { KvPairSources: {} } } };

type Kinds = readonly (readonly [ShapeData, string])[];

/** Kinds by API version, as the definitions of Kubernetes 1.21.2 and of kustomize itself have them. */
const kindsByVersion: Readonly<Record<string, Kinds>> = {
  'admissionregistration.k8s.io/v1': [
    [webhooks, 'MutatingWebhookConfiguration ValidatingWebhookConfiguration'],
  ],
  'admissionregistration.k8s.io/v1beta1': [
    [webhooks, 'MutatingWebhookConfiguration ValidatingWebhookConfiguration'],
  ],
  'apiextensions.k8s.io/v1': [[object, 'CustomResourceDefinition']],
  'apiextensions.k8s.io/v1beta1': [[object, 'CustomResourceDefinition']],
  'apiregistration.k8s.io/v1': [[withConditions, 'APIService']],
  'apiregistration.k8s.io/v1beta1': [[withConditions, 'APIService']],
  'apps/v1': [
    [workload, 'DaemonSet Deployment ReplicaSet StatefulSet'],
    [{ metadata, data: {} }, 'ControllerRevision'],
  ],
  'authentication.k8s.io/v1': [[object, 'TokenRequest TokenReview']],
  'authentication.k8s.io/v1beta1': [[object, 'TokenReview']],
  'authorization.k8s.io/v1': [
    [object, 'LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview'],
  ],
  'authorization.k8s.io/v1beta1': [
    [object, 'LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview'],
  ],
  'autoscaling/v1': [[object, 'HorizontalPodAutoscaler Scale']],
  'autoscaling/v2beta1': [[object, 'HorizontalPodAutoscaler']],
  'autoscaling/v2beta2': [[object, 'HorizontalPodAutoscaler']],
  'batch/v1': [
    [workload, 'Job'],
    [cronJob, 'CronJob'],
  ],
  'batch/v1beta1': [[cronJob, 'CronJob']],
  'certificates.k8s.io/v1': [[object, 'CertificateSigningRequest']],
  'certificates.k8s.io/v1beta1': [[object, 'CertificateSigningRequest']],
  'coordination.k8s.io/v1': [[object, 'Lease']],
  'coordination.k8s.io/v1beta1': [[object, 'Lease']],
  'discovery.k8s.io/v1': [[object, 'EndpointSlice']],
  'discovery.k8s.io/v1beta1': [[object, 'EndpointSlice']],
  'events.k8s.io/v1': [[object, 'Event']],
  'events.k8s.io/v1beta1': [[object, 'Event']],
  'extensions/v1beta1': [[object, 'Ingress']],
  'flowcontrol.apiserver.k8s.io/v1beta1': [[object, 'FlowSchema PriorityLevelConfiguration']],
  'kustomize.config.k8s.io/v1beta1': [
    [
      {
        configMapGenerator: { keys: ['name'], of: generatorArgs },
        secretGenerator: { keys: ['name'], of: generatorArgs },
      },
      'Kustomization',
    ],
  ],
  'networking.k8s.io/v1': [[object, 'Ingress IngressClass NetworkPolicy']],
  'networking.k8s.io/v1beta1': [[object, 'Ingress IngressClass']],
  'node.k8s.io/v1': [[object, 'RuntimeClass']],
  'node.k8s.io/v1beta1': [[object, 'RuntimeClass']],
  'policy/v1': [[withConditions, 'PodDisruptionBudget']],
  'policy/v1beta1': [
    [withConditions, 'PodDisruptionBudget'],
    [object, 'Eviction PodSecurityPolicy'],
  ],
  'rbac.authorization.k8s.io/v1': [[object, 'ClusterRole ClusterRoleBinding Role RoleBinding']],
  'rbac.authorization.k8s.io/v1beta1': [[object, 'ClusterRole ClusterRoleBinding Role RoleBinding']],
  'scheduling.k8s.io/v1': [[object, 'PriorityClass']],
  'scheduling.k8s.io/v1beta1': [[object, 'PriorityClass']],
  'storage.k8s.io/v1': [
    [object, 'CSIDriver StorageClass VolumeAttachment'],
    [csiNode, 'CSINode'],
  ],
  'storage.k8s.io/v1beta1': [
    [object, 'CSIDriver CSIStorageCapacity StorageClass VolumeAttachment'],
    [csiNode, 'CSINode'],
  ],
  v1: [
    [object, 'Binding ConfigMap Endpoints Event LimitRange PersistentVolume ResourceQuota Secret'],
    [withConditions, 'Namespace PersistentVolumeClaim'],
    [workload, 'ReplicationController'],
    [{ metadata, conditions: { keys: ['type'] } }, 'ComponentStatus'],
    [
      {
        metadata,
        spec: { of: { podCIDRs: { keys: [] } } },
        status: { of: { addresses: { keys: ['type'] }, conditions: { keys: ['type'] } } },
      },
      'Node',
    ],
    [
      {
        metadata,
        spec: { of: podSpec },
        status: { of: { conditions: { keys: ['type'] }, podIPs: { keys: ['ip'] } } },
      },
      'Pod',
    ],
    [{ metadata, template: { of: podTemplate } }, 'PodTemplate'],
    [{ metadata, spec: { of: { ports: { keys: ['port', 'protocol'] } } }, status }, 'Service'],
    [{ metadata, secrets: byName }, 'ServiceAccount'],
  ],
};

/** The built-in shapes by `apiVersion kind`. */
export const shapeTable: ReadonlyMap<string, ShapeData> = new Map(
  Object.entries(kindsByVersion).flatMap(([apiVersion, kinds]) =>
    kinds.flatMap(([shape, names]) =>
      names.split(' ').map((kind) => [`${apiVersion} ${kind}`, shape] as const),
    ),
  ),
);

/** Every field by which items of some list are told apart. */
export const mergeKeyNames: ReadonlySet<string> = new Set([...shapeTable.values()].flatMap(mergeKeysIn));

function mergeKeysIn(shape: ShapeData): readonly string[] {
  return Object.values(shape).flatMap(({ keys = [], of = {} }) => [...keys, ...mergeKeysIn(of)]);
}
