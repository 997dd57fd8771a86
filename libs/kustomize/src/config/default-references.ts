import { fieldSpec, type FieldSpec, type NameBackReferences } from './field-spec.ts';

/** Kinds that hold a pod, and where; the list for config maps and secrets has no replication controllers. */
const podsWithContent: readonly (readonly [string, string])[] = [
  ['Pod.v1', 'spec'],
  ['PodTemplate', 'template/spec'],
  ...['Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet', 'Job'].map(
    (kind) => [kind, 'spec/template/spec'] as const,
  ),
  ['CronJob', 'spec/jobTemplate/spec/template/spec'],
];

/** The same for claims, accounts and priorities: no replica sets and no pod templates. */
const podsWithClaims: readonly (readonly [string, string])[] = [
  ['Pod', 'spec'],
  ...['StatefulSet', 'Deployment', 'ReplicationController', 'Job', 'DaemonSet'].map(
    (kind) => [kind, 'spec/template/spec'] as const,
  ),
  ['CronJob', 'spec/jobTemplate/spec/template/spec'],
];

function inPods(
  pods: readonly (readonly [string, string])[],
  ...paths: readonly string[]
): readonly FieldSpec[] {
  return pods.flatMap(([kind, root]) => paths.map((path) => fieldSpec(`${root}/${path}`, kind)));
}

const target = (where: string, fieldSpecs: readonly FieldSpec[]): NameBackReferences => {
  const { group, version, kind } = fieldSpec('', where);
  return { group, version, kind, fieldSpecs };
};

const scaled = [fieldSpec('spec/scaleTargetRef/name', 'HorizontalPodAutoscaler')];
const rules = [fieldSpec('rules/resourceNames', 'Role'), fieldSpec('rules/resourceNames', 'ClusterRole')];
const annotation = (name: string): FieldSpec =>
  fieldSpec(`metadata/annotations/${name.replace('/', '\\/')}`, 'Ingress');
const rbac = 'rbac.authorization.k8s.io';
const webhooks = 'admissionregistration.k8s.io';

/**
 * The fields in which objects name other objects (builtinpluginconsts/namereference.go, the same in 5.5 and 5.8), in the
 * order of kinds in which kustomize goes through them: a field that is changed for one kind is looked at for the next.
 */
export const defaultReferences: readonly NameBackReferences[] = [
  target('Deployment', scaled),
  target('ReplicationController', scaled),
  target('ReplicaSet', scaled),
  target('StatefulSet', scaled),
  target('ConfigMap.v1', [
    ...inPods(
      podsWithContent,
      'volumes/configMap/name',
      'containers/env/valueFrom/configMapKeyRef/name',
      'initContainers/env/valueFrom/configMapKeyRef/name',
      'containers/envFrom/configMapRef/name',
      'initContainers/envFrom/configMapRef/name',
      'volumes/projected/sources/configMap/name',
    ),
    fieldSpec('spec/configSource/configMap', 'Node'),
    ...rules,
    annotation('nginx.ingress.kubernetes.io/fastcgi-params-configmap'),
  ]),
  target('Secret.v1', [
    ...inPods(
      podsWithContent,
      'volumes/secret/secretName',
      'containers/env/valueFrom/secretKeyRef/name',
      'initContainers/env/valueFrom/secretKeyRef/name',
      'containers/envFrom/secretRef/name',
      'initContainers/envFrom/secretRef/name',
      'imagePullSecrets/name',
      'volumes/projected/sources/secret/name',
    ),
    fieldSpec('spec/tls/secretName', 'Ingress'),
    annotation('ingress.kubernetes.io/auth-secret'),
    annotation('nginx.ingress.kubernetes.io/auth-secret'),
    annotation('nginx.ingress.kubernetes.io/auth-tls-secret'),
    // Listed twice in kustomize: a second visit can follow a second renaming.
    fieldSpec('spec/tls/secretName', 'Ingress'),
    fieldSpec('imagePullSecrets/name', 'ServiceAccount'),
    ...['secretName', 'adminSecretName', 'userSecretName', 'secretRef'].map((key) =>
      fieldSpec(`parameters/${key}`, 'StorageClass'),
    ),
    ...rules,
    fieldSpec(
      'spec/template/spec/containers/env/valueFrom/secretKeyRef/name',
      'Service.v1.serving.knative.dev',
    ),
    fieldSpec('spec/azureFile/secretName', 'PersistentVolume'),
  ]),
  target('Service.v1', [
    fieldSpec('spec/serviceName', 'StatefulSet..apps'),
    fieldSpec('spec/rules/http/paths/backend/serviceName', 'Ingress'),
    fieldSpec('spec/backend/serviceName', 'Ingress'),
    fieldSpec('spec/rules/http/paths/backend/service/name', 'Ingress'),
    fieldSpec('spec/defaultBackend/service/name', 'Ingress'),
    fieldSpec('spec/service/name', 'APIService..apiregistration.k8s.io'),
    fieldSpec('webhooks/clientConfig/service', `ValidatingWebhookConfiguration..${webhooks}`),
    fieldSpec('webhooks/clientConfig/service', `MutatingWebhookConfiguration..${webhooks}`),
  ]),
  target(`Role..${rbac}`, [fieldSpec('roleRef/name', `RoleBinding..${rbac}`)]),
  target(`ClusterRole..${rbac}`, [
    fieldSpec('roleRef/name', `RoleBinding..${rbac}`),
    fieldSpec('roleRef/name', `ClusterRoleBinding..${rbac}`),
  ]),
  target('ServiceAccount.v1', [
    fieldSpec('subjects', `RoleBinding..${rbac}`),
    fieldSpec('subjects', `ClusterRoleBinding..${rbac}`),
    ...inPods(podsWithClaims, 'serviceAccountName'),
  ]),
  target('PersistentVolumeClaim.v1', inPods(podsWithClaims, 'volumes/persistentVolumeClaim/claimName')),
  target('PersistentVolume.v1', [
    fieldSpec('spec/volumeName', 'PersistentVolumeClaim'),
    fieldSpec('rules/resourceNames', 'ClusterRole'),
  ]),
  target('StorageClass.v1.storage.k8s.io', [
    fieldSpec('spec/storageClassName', 'PersistentVolume'),
    fieldSpec('spec/storageClassName', 'PersistentVolumeClaim'),
    fieldSpec('spec/volumeClaimTemplates/spec/storageClassName', 'StatefulSet'),
  ]),
  target('PriorityClass.v1.scheduling.k8s.io', inPods(podsWithClaims, 'priorityClassName')),
  // The group is a mistake of kustomize: no object has it, so names of ingress classes stay as they are.
  target('IngressClass.v1.networking.k8s.io/v1', [fieldSpec('spec/ingressClassName', 'Ingress')]),
  target(`ValidatingAdmissionPolicy..${webhooks}`, [
    fieldSpec('spec/policyName', `ValidatingAdmissionPolicyBinding..${webhooks}`),
  ]),
];
