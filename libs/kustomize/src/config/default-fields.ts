import { fieldSpec, type FieldSpec } from './field-spec.ts';

/** Where a label or annotation goes in what an object makes: pods, jobs and their pods. */
function inTemplates(field: 'labels' | 'annotations', statefulSet: string): readonly FieldSpec[] {
  const template = `spec/template/metadata/${field}`;
  return [
    fieldSpec(template, 'ReplicationController.v1', true),
    ...['Deployment', 'ReplicaSet', 'DaemonSet', statefulSet, 'Job..batch'].map((kind) =>
      fieldSpec(template, kind, true),
    ),
    fieldSpec(`spec/jobTemplate/metadata/${field}`, 'CronJob..batch', true),
    fieldSpec(`spec/jobTemplate/spec/template/metadata/${field}`, 'CronJob..batch', true),
  ];
}

/** The object itself and what it makes; without the volume claims of a StatefulSet, in which 5.5 and 5.8 differ. */
export const templateLabels: readonly FieldSpec[] = [
  fieldSpec('metadata/labels', '', true),
  ...inTemplates('labels', 'StatefulSet..apps'),
];

/** The volume claims that a StatefulSet makes. */
export const claimLabels: readonly FieldSpec[] = [
  fieldSpec('spec/volumeClaimTemplates[]/metadata/labels', 'StatefulSet..apps', true),
];

/** Selectors of objects, and those that pods have for their neighbours. */
export const selectorLabels: readonly FieldSpec[] = [
  fieldSpec('spec/selector', 'Service.v1', true),
  fieldSpec('spec/selector', 'ReplicationController.v1', true),
  ...['Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet..apps'].map((kind) =>
    fieldSpec('spec/selector/matchLabels', kind, true),
  ),
  ...['Deployment..apps', 'StatefulSet..apps'].flatMap((kind) =>
    [
      ...['podAffinity', 'podAntiAffinity'].flatMap((affinity) => [
        `affinity/${affinity}/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm`,
        `affinity/${affinity}/requiredDuringSchedulingIgnoredDuringExecution`,
      ]),
      'topologySpreadConstraints',
    ].map((path) => fieldSpec(`spec/template/spec/${path}/labelSelector/matchLabels`, kind)),
  ),
  fieldSpec('spec/selector/matchLabels', 'Job..batch'),
  fieldSpec('spec/jobTemplate/spec/selector/matchLabels', 'CronJob..batch'),
  fieldSpec('spec/selector/matchLabels', 'PodDisruptionBudget..policy'),
  ...['podSelector', 'ingress/from/podSelector', 'egress/to/podSelector'].map((path) =>
    fieldSpec(`spec/${path}/matchLabels`, 'NetworkPolicy..networking.k8s.io'),
  ),
];

/** Where common annotations go. */
export const annotations: readonly FieldSpec[] = [
  fieldSpec('metadata/annotations', '', true),
  ...inTemplates('annotations', 'StatefulSet'),
];

/** Where an object names a namespace besides its own metadata. */
export const namespaces: readonly FieldSpec[] = [
  fieldSpec('metadata/name', 'Namespace', true),
  fieldSpec('spec/service/namespace', 'APIService..apiregistration.k8s.io', true),
  fieldSpec(
    'spec/conversion/webhook/clientConfig/service/namespace',
    'CustomResourceDefinition..apiextensions.k8s.io',
  ),
];

/** Where a number of replicas stands. */
export const replicas: readonly FieldSpec[] = [
  'Deployment',
  'ReplicationController',
  'ReplicaSet',
  'StatefulSet',
].map((kind) => fieldSpec('spec/replicas', kind, true));

/** Where images stand besides the lists that are called containers or initContainers. */
export const images: readonly FieldSpec[] = ['spec', 'spec/template/spec'].flatMap((root) =>
  ['containers', 'initContainers'].map((list) => fieldSpec(`${root}/${list}[]/image`, '', true)),
);

/** Images that are mounted as volumes; known since 5.7. */
export const volumeImages: readonly FieldSpec[] = [
  'spec',
  'spec/template/spec',
  'spec/jobTemplate/spec/template/spec',
].map((root) => fieldSpec(`${root}/volumes[]/image/reference`, '', true));

const podFields = ['containers', 'initContainers'].flatMap((list) =>
  ['args', 'command', 'env/value', 'volumeMounts/mountPath'].map((path) => `${list}/${path}`),
);
const inTemplate = ['DaemonSet', 'Deployment', 'Job', 'ReplicaSet', 'StatefulSet'];

/** Where `$(NAME)` is replaced by the value of a var. */
export const variables: readonly FieldSpec[] = [
  ...podFields.map((path) => fieldSpec(`spec/jobTemplate/spec/template/spec/${path}`, 'CronJob')),
  fieldSpec('spec/jobTemplate/spec/template/volumes/nfs/server', 'CronJob'),
  ...inTemplate.flatMap((kind) => podFields.map((path) => fieldSpec(`spec/template/spec/${path}`, kind))),
  ...inTemplate
    .filter((kind) => kind !== 'StatefulSet')
    .map((kind) => fieldSpec('spec/template/spec/volumes/nfs/server', kind)),
  fieldSpec('spec/template/metadata/annotations', 'Deployment'),
  ...['spec/rules/host', 'spec/tls/hosts', 'spec/tls/secretName'].map((path) => fieldSpec(path, 'Ingress')),
  ...podFields.map((path) => fieldSpec(`spec/${path}`, 'Pod')),
  fieldSpec('spec/volumes/nfs/server', 'Pod'),
  fieldSpec('spec/ports/port', 'Service'),
  fieldSpec('spec/ports/targetPort', 'Service'),
  fieldSpec('spec/volumeClaimTemplates/spec/nfs/server', 'StatefulSet'),
  fieldSpec('spec/nfs/server', 'PersistentVolume'),
  fieldSpec('metadata/labels'),
  fieldSpec('metadata/annotations'),
];
