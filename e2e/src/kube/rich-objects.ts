import type { Sample } from './objects.ts';

const rich = (kind: string, apiVersion: string, resource: string, rest: object): Sample => ({
  kind,
  path: `${apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`}/namespaces/{ns}/${resource}`,
  make: () => structuredClone({ apiVersion, kind, metadata: { name: 'rich' }, ...rest }),
});

const service = { name: 'inference', port: { number: 80 } };
const cpu = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } },
};

/** Good objects with many fields of the kinds that do not make pods, each named `rich`. */
export const richObjects: readonly Sample[] = [
  rich('Service', 'v1', 'services', {
    spec: {
      type: 'ClusterIP',
      selector: { app: 'inference' },
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 600 } },
      internalTrafficPolicy: 'Local',
      trafficDistribution: 'PreferSameZone',
      ports: [
        { name: 'web', port: 80, targetPort: 8080, protocol: 'TCP', appProtocol: 'http' },
        { name: 'metrics', port: 9090, targetPort: 'metrics' },
      ],
    },
  }),
  rich('HorizontalPodAutoscaler', 'autoscaling/v2', 'horizontalpodautoscalers', {
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'inference' },
      minReplicas: 2,
      maxReplicas: 10,
      metrics: [
        cpu,
        {
          type: 'Pods',
          pods: { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '5' } },
        },
      ],
      behavior: {
        scaleUp: {
          stabilizationWindowSeconds: 30,
          selectPolicy: 'Max',
          policies: [{ type: 'Pods', value: 4, periodSeconds: 60 }],
        },
        scaleDown: { policies: [{ type: 'Percent', value: 10, periodSeconds: 60 }] },
      },
    },
  }),
  rich('PodDisruptionBudget', 'policy/v1', 'poddisruptionbudgets', {
    spec: {
      maxUnavailable: '25%',
      selector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['inference', 'training'] }] },
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  }),
  rich('Ingress', 'networking.k8s.io/v1', 'ingresses', {
    spec: {
      ingressClassName: 'internal',
      defaultBackend: { service },
      tls: [{ hosts: ['models.example.com'], secretName: 'certificate' }],
      rules: [
        {
          host: 'models.example.com',
          http: {
            paths: [
              { path: '/v1', pathType: 'Prefix', backend: { service } },
              {
                path: '/health',
                pathType: 'Exact',
                backend: { service: { name: 'health', port: { name: 'web' } } },
              },
            ],
          },
        },
      ],
    },
  }),
  rich('NetworkPolicy', 'networking.k8s.io/v1', 'networkpolicies', {
    spec: {
      podSelector: { matchLabels: { app: 'inference' } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        {
          from: [{ namespaceSelector: {}, podSelector: {} }],
          ports: [{ port: 8080, endPort: 8090, protocol: 'TCP' }],
        },
      ],
      egress: [
        {
          to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }],
          ports: [{ port: 'dns', protocol: 'UDP' }],
        },
      ],
    },
  }),
  rich('PersistentVolumeClaim', 'v1', 'persistentvolumeclaims', {
    spec: {
      accessModes: ['ReadWriteOnce'],
      volumeMode: 'Filesystem',
      storageClassName: 'fast',
      resources: { requests: { storage: '10Gi' } },
      selector: { matchExpressions: [{ key: 'disk', operator: 'Exists' }] },
    },
  }),
  rich('LimitRange', 'v1', 'limitranges', {
    spec: {
      limits: [
        { type: 'Pod', max: { cpu: '8' } },
        { type: 'PersistentVolumeClaim', min: { storage: '1Gi' } },
      ],
    },
  }),
  rich('ResourceQuota', 'v1', 'resourcequotas', {
    spec: {
      hard: { pods: '10' },
      scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }] },
    },
  }),
  rich('EndpointSlice', 'discovery.k8s.io/v1', 'endpointslices', {
    addressType: 'IPv4',
    endpoints: [
      {
        addresses: ['192.168.1.7'],
        conditions: { ready: true },
        hostname: 'pod-1',
        nodeName: 'node-1',
        zone: 'a',
        hints: { forZones: [{ name: 'a' }] },
      },
    ],
    ports: [
      { name: 'web', port: 80, protocol: 'TCP' },
      { name: 'metrics', port: 9090, protocol: 'TCP', appProtocol: 'http' },
    ],
  }),
  rich('Role', 'rbac.authorization.k8s.io/v1', 'roles', {
    rules: [
      { apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get', 'list'] },
      { apiGroups: ['apps'], resources: ['deployments'], resourceNames: ['inference'], verbs: ['*'] },
    ],
  }),
  rich('RoleBinding', 'rbac.authorization.k8s.io/v1', 'rolebindings', {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
    subjects: [
      { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'ada' },
      { kind: 'ServiceAccount', name: 'agent', namespace: 'default' },
    ],
  }),
  rich('Lease', 'coordination.k8s.io/v1', 'leases', {
    spec: { holderIdentity: 'trainer-0', leaseDurationSeconds: 15, leaseTransitions: 2 },
  }),
];
