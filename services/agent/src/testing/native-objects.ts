import type { KubeObject } from '@meridian/manifests';

const labels = { app: 'server' };
const template = { metadata: { labels }, spec: { containers: [{ name: 'server', image: 'a.example/b:1' }] } };
const selector = { matchLabels: labels };
const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'scaled' };

/** One object of every kind that teams deploy most, each with as few fields as may be, so that the API server fills in the rest. */
export function nativeObjects(): readonly KubeObject[] {
  return [
    made('v1', 'Service', { ports: [{ port: 80 }], selector: labels }),
    made('v1', 'ServiceAccount'),
    made('v1', 'PersistentVolumeClaim', {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1024Mi' } },
    }),
    made('v1', 'LimitRange', { limits: [{ type: 'Container', max: { cpu: '1000m', memory: '1024Mi' } }] }),
    made('v1', 'ResourceQuota', { hard: { pods: '10', 'requests.cpu': '2000m' } }),
    { ...made('v1', 'Secret'), stringData: { key: 'text' } },
    made('apps/v1', 'Deployment', { replicas: 0, selector, template }),
    { ...made('apps/v1', 'Deployment', { selector, template }), metadata: { name: 'scaled' } },
    made('apps/v1', 'StatefulSet', { replicas: 0, serviceName: 'it', selector, template }),
    made('apps/v1', 'DaemonSet', { selector, template: { ...template, spec: nowhere() } }),
    made('batch/v1', 'CronJob', {
      schedule: '0 3 * * *',
      suspend: true,
      jobTemplate: { spec: { template: { spec: { ...template.spec, restartPolicy: 'Never' } } } },
    }),
    made('autoscaling/v2', 'HorizontalPodAutoscaler', {
      maxReplicas: 3,
      scaleTargetRef: target,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
        },
      ],
    }),
    made('policy/v1', 'PodDisruptionBudget', { minAvailable: 1, selector }),
    made('networking.k8s.io/v1', 'NetworkPolicy', { podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] }),
    made('networking.k8s.io/v1', 'Ingress', {
      rules: [
        {
          host: 'a.example',
          http: {
            paths: [
              { path: '/', pathType: 'Prefix', backend: { service: { name: 'it', port: { number: 80 } } } },
            ],
          },
        },
      ],
    }),
    {
      ...made('rbac.authorization.k8s.io/v1', 'Role'),
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
    },
    {
      ...made('rbac.authorization.k8s.io/v1', 'RoleBinding'),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'it' },
      subjects: [{ kind: 'ServiceAccount', name: 'it' }],
    },
  ];
}

function made(apiVersion: string, kind: string, spec?: KubeObject['spec']): KubeObject {
  return { apiVersion, kind, metadata: { name: 'it' }, ...(spec === undefined ? {} : { spec }) };
}

/** A pod that no node of a test cluster takes, so that nothing moves while it is looked at. */
function nowhere() {
  return { ...template.spec, nodeSelector: { 'test.example/nowhere': 'true' } };
}
