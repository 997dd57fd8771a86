import type { FieldSpec } from './field-specs.ts';

/** Fields in which other objects name objects of one kind. */
export interface ReferenceSpecs {
  readonly target: { readonly group?: string; readonly version?: string; readonly kind: string };
  readonly fields: readonly FieldSpec[];
}

const field = (path: string, kind: string, more: Partial<FieldSpec> = {}): FieldSpec => ({
  path: path.split('/'),
  kind,
  ...more,
});

const podRoots: readonly (readonly [string, string])[] = [
  ['Pod', 'spec'],
  ...['Deployment', 'ReplicaSet', 'ReplicationController', 'DaemonSet', 'StatefulSet', 'Job'].map(
    (kind): [string, string] => [kind, 'spec/template/spec'],
  ),
  ['CronJob', 'spec/jobTemplate/spec/template/spec'],
];

/** The same fields in every kind that holds a pod. */
const inPods = (...paths: readonly string[]): FieldSpec[] =>
  podRoots.flatMap(([kind, root]) => paths.map((path) => field(`${root}/${path}`, kind)));

const inContainers = (...paths: readonly string[]): FieldSpec[] =>
  inPods(...['containers', 'initContainers'].flatMap((list) => paths.map((path) => `${list}/${path}`)));

const annotation = (name: string): FieldSpec => ({
  path: ['metadata', 'annotations', name],
  kind: 'Ingress',
});
const rbac = { group: 'rbac.authorization.k8s.io' };
const resourceNames = [field('rules/resourceNames', 'Role'), field('rules/resourceNames', 'ClusterRole')];
const roleRefs = [
  field('roleRef/name', 'RoleBinding', rbac),
  field('roleRef/name', 'ClusterRoleBinding', rbac),
];
const scaled = [field('spec/scaleTargetRef/name', 'HorizontalPodAutoscaler')];
const webhookService = 'webhooks/clientConfig/service';

/** Name references of the common kinds, as kustomize's default configuration lists them. */
export const referenceSpecs: readonly ReferenceSpecs[] = [
  { target: { kind: 'Deployment' }, fields: scaled },
  { target: { kind: 'ReplicationController' }, fields: scaled },
  { target: { kind: 'ReplicaSet' }, fields: scaled },
  { target: { kind: 'StatefulSet' }, fields: scaled },
  {
    target: { version: 'v1', kind: 'ConfigMap' },
    fields: [
      ...inPods('volumes/configMap/name', 'volumes/projected/sources/configMap/name'),
      ...inContainers('env/valueFrom/configMapKeyRef/name', 'envFrom/configMapRef/name'),
      field('spec/configSource/configMap', 'Node'),
      ...resourceNames,
      annotation('nginx.ingress.kubernetes.io/fastcgi-params-configmap'),
    ],
  },
  {
    target: { version: 'v1', kind: 'Secret' },
    fields: [
      ...inPods(
        'volumes/secret/secretName',
        'volumes/projected/sources/secret/name',
        'imagePullSecrets/name',
      ),
      ...inContainers('env/valueFrom/secretKeyRef/name', 'envFrom/secretRef/name'),
      field('imagePullSecrets/name', 'ServiceAccount'),
      field('spec/tls/secretName', 'Ingress'),
      annotation('ingress.kubernetes.io/auth-secret'),
      annotation('nginx.ingress.kubernetes.io/auth-secret'),
      annotation('nginx.ingress.kubernetes.io/auth-tls-secret'),
      ...resourceNames,
      ...['adminSecretName', 'userSecretName', 'secretRef'].map((key) =>
        field(`parameters/${key}`, 'StorageClass'),
      ),
      ...['rbd', 'cephfs', 'scaleIO', 'iscsi'].map((volume) =>
        field(`spec/${volume}/secretRef/name`, 'PersistentVolume'),
      ),
      ...[
        'azureFile/secretName',
        'cephfs/secretRef/name',
        'rbd/secretRef/name',
        'scaleIO/secretRef/name',
      ].flatMap((path) => inPods(`volumes/${path}`)),
    ],
  },
  {
    target: { version: 'v1', kind: 'Service' },
    fields: [
      field('spec/serviceName', 'StatefulSet', { group: 'apps' }),
      field('spec/rules/http/paths/backend/serviceName', 'Ingress'),
      field('spec/backend/serviceName', 'Ingress'),
      field('spec/rules/http/paths/backend/service/name', 'Ingress'),
      field('spec/defaultBackend/service/name', 'Ingress'),
      field('spec/service/name', 'APIService', { group: 'apiregistration.k8s.io' }),
      field(webhookService, 'ValidatingWebhookConfiguration', { group: 'admissionregistration.k8s.io' }),
      field(webhookService, 'MutatingWebhookConfiguration', { group: 'admissionregistration.k8s.io' }),
    ],
  },
  { target: { ...rbac, kind: 'Role' }, fields: [field('roleRef/name', 'RoleBinding', rbac)] },
  { target: { ...rbac, kind: 'ClusterRole' }, fields: roleRefs },
  {
    target: { version: 'v1', kind: 'ServiceAccount' },
    fields: [
      field('subjects', 'RoleBinding', rbac),
      field('subjects', 'ClusterRoleBinding', rbac),
      ...inPods('serviceAccountName'),
    ],
  },
  {
    target: { version: 'v1', kind: 'PersistentVolumeClaim' },
    fields: inPods('volumes/persistentVolumeClaim/claimName'),
  },
  {
    target: { version: 'v1', kind: 'PersistentVolume' },
    fields: [field('spec/volumeName', 'PersistentVolumeClaim'), field('rules/resourceNames', 'ClusterRole')],
  },
  {
    target: { group: 'storage.k8s.io', version: 'v1', kind: 'StorageClass' },
    fields: [
      field('spec/storageClassName', 'PersistentVolume'),
      field('spec/storageClassName', 'PersistentVolumeClaim'),
      field('spec/volumeClaimTemplates/spec/storageClassName', 'StatefulSet'),
    ],
  },
  {
    target: { group: 'scheduling.k8s.io', version: 'v1', kind: 'PriorityClass' },
    fields: inPods('priorityClassName'),
  },
  {
    target: { group: 'admissionregistration.k8s.io', kind: 'ValidatingAdmissionPolicy' },
    fields: [field('spec/policyName', 'ValidatingAdmissionPolicyBinding')],
  },
];
