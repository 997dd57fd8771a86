import type { Body } from './body.ts';
import type { Sample } from './objects.ts';

// Valid objects that say as much as they can, so that random changes reach what small ones do not have.

const labels = { app: 'inference' };

const probe = (handler: object) => ({
  ...handler,
  initialDelaySeconds: 3,
  periodSeconds: 5,
  timeoutSeconds: 2,
  failureThreshold: 4,
});

const server = {
  name: 'server',
  image: 'registry.example/inference:1.4.2',
  command: ['serve'],
  args: ['--model', '/models/llama'],
  workingDir: '/srv',
  ports: [
    { name: 'http', containerPort: 8080 },
    { name: 'metrics', containerPort: 9090, protocol: 'TCP' },
  ],
  env: [
    { name: 'MODE', value: 'fast' },
    { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
    { name: 'CORES', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1' } } },
    { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'access', key: 'token', optional: true } } },
    { name: 'MODEL', valueFrom: { configMapKeyRef: { name: 'settings', key: 'model' } } },
  ],
  envFrom: [{ prefix: 'APP_', configMapRef: { name: 'settings' } }, { secretRef: { name: 'access' } }],
  resources: { limits: { cpu: '2', memory: '4Gi' }, requests: { cpu: '500m' } },
  resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }],
  volumeMounts: [
    { name: 'models', mountPath: '/models', readOnly: true },
    { name: 'cache', mountPath: '/cache', subPath: 'inference' },
    { name: 'settings', mountPath: '/etc/settings' },
  ],
  livenessProbe: probe({ httpGet: { path: '/healthz', port: 'http', scheme: 'HTTP' } }),
  readinessProbe: probe({ tcpSocket: { port: 8080 }, successThreshold: 2 }),
  startupProbe: probe({ exec: { command: ['ready'] } }),
  lifecycle: { preStop: { sleep: { seconds: 5 } }, postStart: { exec: { command: ['warm'] } } },
  terminationMessagePolicy: 'FallbackToLogsOnError',
  imagePullPolicy: 'IfNotPresent',
  securityContext: {
    runAsUser: 1000,
    runAsNonRoot: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  },
};

const sidecar = {
  name: 'logger',
  image: 'registry.example/logger:2',
  restartPolicy: 'Always',
  volumeMounts: [{ name: 'cache', mountPath: '/cache' }],
};

const volumes = [
  { name: 'models', persistentVolumeClaim: { claimName: 'models', readOnly: true } },
  { name: 'cache', emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } },
  {
    name: 'settings',
    configMap: { name: 'settings', items: [{ key: 'model', path: 'model' }], defaultMode: 420 },
  },
  { name: 'access', secret: { secretName: 'access', optional: true } },
  { name: 'host', hostPath: { path: '/var/log', type: 'Directory' } },
  { name: 'shared', nfs: { server: 'files.example', path: '/exports' } },
  { name: 'facts', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
  {
    name: 'mixed',
    projected: {
      sources: [
        { configMap: { name: 'settings', items: [{ key: 'a', path: 'a' }] } },
        { secret: { name: 'access', items: [{ key: 'b', path: 'b', mode: 256 }] } },
      ],
    },
  },
  { name: 'disk', csi: { driver: 'disk.example.com', readOnly: true } },
  {
    name: 'scratch',
    ephemeral: {
      volumeClaimTemplate: {
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
    },
  },
];

const affinity = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'gpu', operator: 'In', values: ['a100', 'h100'] }] }],
    },
    preferredDuringSchedulingIgnoredDuringExecution: [
      { weight: 10, preference: { matchExpressions: [{ key: 'zone', operator: 'Exists' }] } },
    ],
  },
  podAntiAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: [
      { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: labels } },
    ],
    preferredDuringSchedulingIgnoredDuringExecution: [
      { weight: 5, podAffinityTerm: { topologyKey: 'zone', labelSelector: { matchLabels: labels } } },
    ],
  },
};

const podSpec = (more: object = {}) => ({
  containers: [
    server,
    { name: 'proxy', image: 'registry.example/proxy:3', ports: [{ containerPort: 15_001 }] },
  ],
  initContainers: [{ name: 'fetch', image: 'registry.example/fetch:1', args: ['llama'] }, sidecar],
  volumes,
  affinity,
  tolerations: [
    { key: 'gpu', operator: 'Exists', effect: 'NoSchedule' },
    { key: 'spot', operator: 'Equal', value: 'yes', effect: 'NoExecute', tolerationSeconds: 60 },
  ],
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: 'zone',
      whenUnsatisfiable: 'DoNotSchedule',
      minDomains: 2,
      labelSelector: { matchLabels: labels },
    },
  ],
  nodeSelector: { disk: 'fast' },
  hostAliases: [{ ip: '10.1.2.3', hostnames: ['files.example'] }],
  dnsConfig: {
    nameservers: ['10.0.0.10'],
    searches: ['models.example'],
    options: [{ name: 'ndots', value: '2' }],
  },
  imagePullSecrets: [{ name: 'registry' }],
  readinessGates: [{ conditionType: 'example.com/warm' }],
  securityContext: {
    fsGroup: 2000,
    runAsGroup: 3000,
    sysctls: [{ name: 'kernel.shm_rmid_forced', value: '0' }],
  },
  serviceAccountName: 'default',
  terminationGracePeriodSeconds: 40,
  priorityClassName: 'system-node-critical',
  ...more,
});

const template = (more: object = {}) => ({
  metadata: { labels, annotations: { 'example.com/checksum': 'abc' } },
  spec: podSpec(more),
});

const selector = { matchLabels: labels };

const sample = (kind: string, apiVersion: string, resource: string, rest: object): Sample => ({
  kind,
  path: `${apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`}/namespaces/{ns}/${resource}`,
  make: () =>
    structuredClone<Body>({
      apiVersion,
      kind,
      metadata: { name: 'sample', labels: { tier: 'serving' } },
      ...rest,
    }),
});

const jobSpec = {
  completions: 4,
  parallelism: 2,
  completionMode: 'Indexed',
  backoffLimitPerIndex: 1,
  maxFailedIndexes: 3,
  activeDeadlineSeconds: 600,
  ttlSecondsAfterFinished: 100,
  podFailurePolicy: {
    rules: [
      { action: 'FailIndex', onExitCodes: { containerName: 'server', operator: 'In', values: [1, 42] } },
      { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
    ],
  },
  successPolicy: { rules: [{ succeededIndexes: '0,2-3', succeededCount: 2 }] },
  template: template({ restartPolicy: 'Never' }),
};

/** A rich object of each kind that makes pods, and a pod. */
export const richWorkloads: readonly Sample[] = [
  sample('Pod', 'v1', 'pods', { spec: podSpec() }),
  sample('PodTemplate', 'v1', 'podtemplates', { template: template() }),
  sample('ReplicationController', 'v1', 'replicationcontrollers', {
    spec: { replicas: 2, minReadySeconds: 1, selector: labels, template: template() },
  }),
  sample('ReplicaSet', 'apps/v1', 'replicasets', {
    spec: { replicas: 2, minReadySeconds: 1, selector, template: template() },
  }),
  sample('Deployment', 'apps/v1', 'deployments', {
    spec: {
      replicas: 3,
      selector: {
        matchLabels: labels,
        matchExpressions: [{ key: 'app', operator: 'In', values: ['inference', 'training'] }],
      },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: '25%' } },
      minReadySeconds: 5,
      progressDeadlineSeconds: 60,
      revisionHistoryLimit: 4,
      paused: false,
      template: template(),
    },
  }),
  sample('StatefulSet', 'apps/v1', 'statefulsets', {
    spec: {
      replicas: 2,
      serviceName: 'inference',
      selector,
      podManagementPolicy: 'Parallel',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' },
      ordinals: { start: 2 },
      minReadySeconds: 3,
      volumeClaimTemplates: [
        {
          metadata: { name: 'models' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '5Gi' } } },
        },
      ],
      template: template(),
    },
  }),
  sample('DaemonSet', 'apps/v1', 'daemonsets', {
    spec: {
      selector,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 2, maxSurge: 0 } },
      minReadySeconds: 2,
      revisionHistoryLimit: 3,
      template: template(),
    },
  }),
  sample('Job', 'batch/v1', 'jobs', { spec: jobSpec }),
  sample('CronJob', 'batch/v1', 'cronjobs', {
    spec: {
      schedule: '*/5 0-6 * jan-mar MON',
      timeZone: 'Europe/Berlin',
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 30,
      successfulJobsHistoryLimit: 2,
      failedJobsHistoryLimit: 2,
      jobTemplate: { metadata: { labels }, spec: jobSpec },
    },
  }),
];
