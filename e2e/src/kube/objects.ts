import { textAt } from './body.ts';
import type { Body } from './body.ts';
import { definition } from './custom-definition.ts';

/** A small good object of a kind that Meridian's users deploy, and where it is served. */
export interface Sample {
  readonly kind: string;
  /** Collection path; `{ns}` stands for the namespace. */
  readonly path: string;
  /** A new copy each time, named `sample`. Cluster-scoped ones carry the namespace in their name. */
  make(namespace: string): Body;
}

const podSpec = (more: object = {}) => ({
  containers: [
    { name: 'server', image: 'registry.example/inference:1.4.2', ports: [{ containerPort: 8080 }] },
  ],
  ...more,
});

const labels = { app: 'inference' };
const template = (more: object = {}) => ({ metadata: { labels }, spec: podSpec(more) });
const selector = { matchLabels: labels };

const namespaced = (kind: string, apiVersion: string, resource: string, rest: object): Sample => ({
  kind,
  path: `${apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`}/namespaces/{ns}/${resource}`,
  make: () => structuredClone({ apiVersion, kind, metadata: { name: 'sample' }, ...rest }),
});

const clusterScoped = (kind: string, apiVersion: string, resource: string, rest: object): Sample => ({
  kind,
  path: `${apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`}/${resource}`,
  make: (namespace) =>
    structuredClone({ apiVersion, kind, metadata: { name: `sample-${namespace}` }, ...rest }),
});

/** Samples of the namespaced kinds. */
export const namespacedSamples: readonly Sample[] = [
  namespaced('ConfigMap', 'v1', 'configmaps', { data: { model: 'llama', threads: '8' } }),
  namespaced('Secret', 'v1', 'secrets', { stringData: { password: 'correct horse' } }),
  namespaced('ServiceAccount', 'v1', 'serviceaccounts', {}),
  namespaced('Service', 'v1', 'services', { spec: { selector: labels, ports: [{ port: 80 }] } }),
  namespaced('Endpoints', 'v1', 'endpoints', {
    subsets: [{ addresses: [{ ip: '192.168.1.7' }], ports: [{ port: 80 }] }],
  }),
  namespaced('Pod', 'v1', 'pods', { metadata: { name: 'sample', labels }, spec: podSpec() }),
  namespaced('PersistentVolumeClaim', 'v1', 'persistentvolumeclaims', {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1024Mi' } } },
  }),
  namespaced('LimitRange', 'v1', 'limitranges', {
    spec: { limits: [{ type: 'Container', max: { cpu: '4' }, default: { cpu: '1000m' } }] },
  }),
  namespaced('ResourceQuota', 'v1', 'resourcequotas', { spec: { hard: { 'requests.nvidia.com/gpu': '4' } } }),
  namespaced('ReplicationController', 'v1', 'replicationcontrollers', {
    spec: { selector: labels, template: template() },
  }),
  namespaced('PodTemplate', 'v1', 'podtemplates', { template: template() }),
  namespaced('Deployment', 'apps/v1', 'deployments', { spec: { selector, template: template() } }),
  namespaced('ReplicaSet', 'apps/v1', 'replicasets', { spec: { selector, template: template() } }),
  namespaced('StatefulSet', 'apps/v1', 'statefulsets', {
    spec: { selector, serviceName: 'inference', template: template() },
  }),
  namespaced('DaemonSet', 'apps/v1', 'daemonsets', { spec: { selector, template: template() } }),
  namespaced('ControllerRevision', 'apps/v1', 'controllerrevisions', {
    revision: 3,
    data: { spec: { a: 1 } },
  }),
  namespaced('Job', 'batch/v1', 'jobs', {
    spec: { template: { spec: podSpec({ restartPolicy: 'Never' }) } },
  }),
  namespaced('CronJob', 'batch/v1', 'cronjobs', {
    spec: {
      schedule: '*/5 * * * *',
      jobTemplate: { spec: { template: { spec: podSpec({ restartPolicy: 'OnFailure' }) } } },
    },
  }),
  namespaced('HorizontalPodAutoscaler', 'autoscaling/v2', 'horizontalpodautoscalers', {
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'inference' },
      minReplicas: 2,
      maxReplicas: 10,
    },
  }),
  namespaced('PodDisruptionBudget', 'policy/v1', 'poddisruptionbudgets', {
    spec: { minAvailable: 1, selector },
  }),
  namespaced('Ingress', 'networking.k8s.io/v1', 'ingresses', {
    spec: {
      rules: [
        {
          host: 'models.example.com',
          http: {
            paths: [
              {
                path: '/',
                pathType: 'Prefix',
                backend: { service: { name: 'inference', port: { number: 80 } } },
              },
            ],
          },
        },
      ],
    },
  }),
  namespaced('NetworkPolicy', 'networking.k8s.io/v1', 'networkpolicies', {
    spec: { podSelector: selector, ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 8080 }] }] },
  }),
  namespaced('Role', 'rbac.authorization.k8s.io/v1', 'roles', {
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
  }),
  namespaced('RoleBinding', 'rbac.authorization.k8s.io/v1', 'rolebindings', {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
    subjects: [{ kind: 'User', name: 'ada' }],
  }),
  namespaced('Lease', 'coordination.k8s.io/v1', 'leases', {
    spec: { holderIdentity: 'trainer-0', leaseDurationSeconds: 15 },
  }),
  namespaced('EndpointSlice', 'discovery.k8s.io/v1', 'endpointslices', {
    addressType: 'IPv4',
    endpoints: [{ addresses: ['192.168.1.7'] }],
    ports: [{ port: 80 }],
  }),
];

/** Samples of the cluster-scoped kinds. */
export const clusterSamples: readonly Sample[] = [
  clusterScoped('Namespace', 'v1', 'namespaces', {}),
  clusterScoped('Node', 'v1', 'nodes', { spec: { podCIDR: '10.244.7.0/24' } }),
  clusterScoped('PersistentVolume', 'v1', 'persistentvolumes', {
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/models' } },
  }),
  clusterScoped('ClusterRole', 'rbac.authorization.k8s.io/v1', 'clusterroles', {
    rules: [{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['*'] }],
  }),
  clusterScoped('ClusterRoleBinding', 'rbac.authorization.k8s.io/v1', 'clusterrolebindings', {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [{ kind: 'ServiceAccount', name: 'agent', namespace: 'default' }],
  }),
  clusterScoped('PriorityClass', 'scheduling.k8s.io/v1', 'priorityclasses', {
    value: 1000,
    description: 'serving',
  }),
  clusterScoped('StorageClass', 'storage.k8s.io/v1', 'storageclasses', { provisioner: 'example.com/disk' }),
  clusterScoped('IngressClass', 'networking.k8s.io/v1', 'ingressclasses', {
    spec: { controller: 'example.com/ingress' },
  }),
  clusterScoped('RuntimeClass', 'node.k8s.io/v1', 'runtimeclasses', { handler: 'nvidia' }),
];

/** Samples of kinds that only some cases are about: what is made of them is for the whole server. */
const otherSamples: readonly Sample[] = [
  clusterScoped('CSIDriver', 'storage.k8s.io/v1', 'csidrivers', { spec: { attachRequired: false } }),
  clusterScoped(
    'ValidatingWebhookConfiguration',
    'admissionregistration.k8s.io/v1',
    'validatingwebhookconfigurations',
    {
      // Without rules it is asked about nothing.
      webhooks: [
        {
          name: 'a.example.com',
          clientConfig: { url: 'https://127.0.0.1:1/' },
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
        },
      ],
    },
  ),
  {
    kind: 'CustomResourceDefinition',
    path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    make: (namespace) => definition(`${namespace}.example.com`),
  },
];

/** The sample of a kind. */
export function sampleOf(kind: string): Sample {
  const all = [...namespacedSamples, ...clusterSamples, ...otherSamples];
  const found = all.find((sample) => sample.kind === kind);
  if (!found) throw new Error(`no sample of kind ${kind}`);
  return found;
}

/** The path of an object in the collection of a sample. */
export function objectPath(sample: Sample, object: Body): string {
  return `${sample.path}/${textAt(object, 'metadata.name')}`;
}
