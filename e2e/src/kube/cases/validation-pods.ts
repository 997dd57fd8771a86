import { creating, setting, updating } from '../mutate.ts';
import type { Mutation } from '../mutate.ts';
import type { ContractCase } from '../session.ts';

const container = (field: string, value: unknown) => setting('Pod', `spec.containers.0.${field}`, value);
const volumes = (...values: readonly object[]) => setting('Pod', 'spec.volumes', values);
const pod = (field: string, value: unknown) => setting('Pod', `spec.${field}`, value);
const init = (value: object) =>
  setting('Pod', 'spec.initContainers', [{ name: 'first', image: 'x:1', ...value }]);
const many = (count: number, make: (index: number) => unknown) => Array.from({ length: count }, (_, index) => make(index));

/** What containers of a new pod may say. */
const ofContainers: readonly Mutation[] = [
  container('image', ' spaced:1'),
  container('image', 'Team/App'),
  container('image', 'app@sha256:0123'),
  container('ports', [
    { name: 'a', containerPort: 80 },
    { name: 'a', containerPort: 81 },
  ]),
  container('ports', [
    { containerPort: 80, hostPort: 80 },
    { containerPort: 81, hostPort: 80 },
  ]),
  container('ports', [{ containerPort: 80, hostIP: '10.0.0.1' }]),
  container('ports', [{ containerPort: 80 }, { containerPort: 80, hostPort: 80 }]),
  container('ports', [{ containerPort: 70_000, hostPort: -1 }]),
  container('env', [{ name: 'A=B', value: 'x' }]),
  container('env', [
    { name: 'A', value: 'x' },
    { name: 'A', value: 'y' },
  ]),
  container('env', [
    { name: 'A', value: 'x' },
    { name: 'A', value: '$(A)y' },
  ]),
  container('env', [{ name: 'A', valueFrom: {} }]),
  container('env', [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'status.phase' } } }]),
  container('env', [{ name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.labels['a b']" } } }]),
  container('env', [{ name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.name['x']" } } }]),
  container('env', [{ name: 'A', valueFrom: { fieldRef: { apiVersion: 'v2', fieldPath: 'metadata.name' } } }]),
  container('env', [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.gpu' } } }]),
  container('env', [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '3' } } }]),
  container('env', [{ name: 'A', valueFrom: { secretKeyRef: { name: 'Bad', key: 'no/key' } } }]),
  container('env', [
    { name: 'A', valueFrom: { secretKeyRef: { name: 'a', key: 'k' }, configMapKeyRef: { name: 'a', key: 'k' } } },
  ]),
  container('env', [{ name: 'A', valueFrom: { fileKeyRef: { key: 'A', path: '../x', volumeName: 'none' } } }]),
  container('envFrom', [{ prefix: 'A=', configMapRef: { name: 'a' } }]),
  container('envFrom', [{}]),
  container('envFrom', [{ configMapRef: { name: 'Bad' }, secretRef: { name: '' } }]),
  container('resources', { limits: { 'hugepages-2Mi': '3Mi' } }),
  container('resources', { limits: { 'hugepages-2Mi': '4Mi', memory: '1Gi' }, requests: { 'hugepages-2Mi': '2Mi' } }),
  container('resources', { limits: { 'example.com/device': '2' }, requests: { 'example.com/device': '1' } }),
  container('resources', { limits: { 'requests.example.com/x': '2' } }),
  container('resources', { limits: { pods: '2' } }),
  container('resources', { limits: { memory: '100m' } }),
  container('resources', { claims: [{ name: 'none' }] }),
  container('resizePolicy', [
    { resourceName: 'cpu', restartPolicy: 'NotRequired' },
    { resourceName: 'cpu', restartPolicy: 'Sometimes' },
  ]),
  container('livenessProbe', { exec: {} }),
  container('livenessProbe', { grpc: { port: 0 }, terminationGracePeriodSeconds: 0 }),
  container('livenessProbe', { httpGet: { port: 'Bad Port', scheme: 'FTP', httpHeaders: [{ name: 'a b', value: '' }] } }),
  container('readinessProbe', { tcpSocket: { port: 80 }, terminationGracePeriodSeconds: 5 }),
  container('startupProbe', { httpGet: { port: 80 }, successThreshold: 3, failureThreshold: -2 }),
  container('lifecycle', { preStop: { sleep: { seconds: 31 } } }),
  container('lifecycle', { postStart: {}, preStop: { exec: { command: [] }, httpGet: { port: 1 } } }),
  container('restartPolicy', 'Never'),
  container('restartPolicy', 'Rarely'),
  container('restartPolicyRules', [{ action: 'Restart', exitCodes: { operator: 'In', values: [1] } }]),
  container('terminationMessagePath', ''),
  container('volumeMounts', [{ name: 'a', mountPath: '' }]),
  container('volumeDevices', [{ name: 'a', devicePath: '/dev/../a' }]),
  container('securityContext', { privileged: true, allowPrivilegeEscalation: false }),
  container('securityContext', { procMount: 'Unmasked' }),
  container('securityContext', { seccompProfile: { type: 'Localhost' } }),
  container('securityContext', { seccompProfile: { type: 'RuntimeDefault', localhostProfile: 'x' } }),
  container('securityContext', { appArmorProfile: { type: 'Strict' } }),
  container('securityContext', { windowsOptions: { runAsUserName: 'a\\b\\c' } }),
  init({ livenessProbe: { tcpSocket: { port: 1 } }, lifecycle: {} }),
  init({ restartPolicy: 'Always', livenessProbe: { tcpSocket: { port: 1 } } }),
  init({ restartPolicy: 'OnFailure' }),
  init({ resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] }),
  init({ ports: [{ containerPort: 8080, name: 'http' }] }),
];

/** What volumes of a new pod may be. */
const ofVolumes: readonly Mutation[] = [
  volumes({ name: 'Bad', emptyDir: {} }),
  volumes({ emptyDir: { sizeLimit: '-1' } }),
  volumes({ name: 'a', configMap: { name: 'a', defaultMode: 999, items: [{ key: '', path: '/x' }] } }),
  volumes({ name: 'a', configMap: { name: 'a', items: [{ key: 'a', path: 'x' }, { key: 'b', path: 'x/y' }] } }),
  volumes({ name: 'a', secret: { items: [{ key: 'k', path: '..data', mode: -1 }] } }),
  volumes({ name: 'a', hostPath: { path: '/a/../b', type: 'Folder' } }),
  volumes({ name: 'a', hostPath: { path: '' } }),
  volumes({ name: 'a', persistentVolumeClaim: { claimName: '' } }),
  volumes({ name: 'a', nfs: { server: '', path: 'relative' } }),
  volumes({ name: 'a', csi: { driver: 'Bad_Driver', nodePublishSecretRef: { name: 'Bad' } } }),
  volumes({ name: 'a', downwardAPI: { items: [{ path: 'x', fieldRef: { fieldPath: 'spec.nodeName' } }] } }),
  volumes({ name: 'a', downwardAPI: { items: [{ path: 'x', resourceFieldRef: { resource: 'limits.cpu' } }] } }),
  volumes({ name: 'a', downwardAPI: { items: [{ path: '../x' }] } }),
  volumes({ name: 'a', ephemeral: {} }),
  volumes({ name: 'a', ephemeral: { volumeClaimTemplate: { metadata: { name: 'x' }, spec: {} } } }),
  volumes({ name: 'a', projected: { sources: [{}] } }),
  volumes({ name: 'a', projected: { sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 60 } }] } }),
  volumes({
    name: 'a',
    projected: {
      sources: [
        { secret: { name: 'a', items: [{ key: 'k', path: 'p' }] } },
        { configMap: { name: '', items: [{ key: 'k', path: 'p' }] } },
      ],
    },
  }),
  volumes({ name: 'a', image: { reference: 'model:latest' } }),
  volumes({ name: 'a', image: { reference: '', pullPolicy: 'Maybe' } }),
  volumes({ name: 'a', gitRepo: { repository: '', directory: '../x' } }),
  volumes({ name: 'a', iscsi: { targetPortal: 'x', iqn: 'bad', lun: 300 } }),
  volumes({ name: 'a', glusterfs: { endpoints: '', path: '' } }),
  volumes({ name: 'a', fc: {} }),
  volumes({ name: 'a', azureDisk: { diskName: 'a', diskURI: 'x', kind: 'Managed' } }),
  volumes({ name: 'a', emptyDir: {}, secret: { secretName: '' }, projected: {} }),
];

/** What a new pod may say as a whole. */
const ofPods: readonly Mutation[] = [
  setting('Pod', 'metadata.name', 'with.dots'),
  setting('Pod', 'metadata.annotations', { 'controller.kubernetes.io/pod-deletion-cost': '+1' }),
  setting('Pod', 'metadata.annotations', { 'kubernetes.io/config.mirror': 'x' }),
  setting('Pod', 'metadata.annotations', { 'scheduler.alpha.kubernetes.io/critical-pod': '' }),
  setting('Pod', 'metadata.annotations', { 'seccomp.security.alpha.kubernetes.io/pod': 'odd' }),
  setting('Pod', 'metadata.annotations', { 'container.apparmor.security.beta.kubernetes.io/none': 'odd' }),
  pod('restartPolicy', 'Sometimes'),
  pod('terminationGracePeriodSeconds', -1),
  pod('nodeName', 'Bad_Node'),
  pod('hostname', 'with.dot'),
  pod('subdomain', 'Bad'),
  pod('hostnameOverride', 'Bad_Name'),
  pod('nodeSelector', { 'beta.kubernetes.io/os': 'linux' }),
  pod('nodeSelector', { os: 'bad value' }),
  pod('tolerations', [{ key: 'bad key', effect: 'Never' }]),
  pod('tolerations', [{ key: 'a', operator: 'Gt', value: '5' }]),
  pod('tolerations', [{ key: 'a', operator: 'Nearly', tolerationSeconds: 5 }]),
  pod('affinity', { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: '' }] } }),
  pod('affinity', {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 101, podAffinityTerm: { topologyKey: 'zone', namespaces: ['Bad'], matchLabelKeys: ['a'] } },
      ],
    },
  }),
  pod('affinity', {
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: 'zone', labelSelector: {}, matchLabelKeys: ['app'], mismatchLabelKeys: ['app'] },
      ],
    },
  }),
  pod('affinity', {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: 'a', operator: 'Gt', values: [] }], matchFields: [{ key: 'x', operator: 'Exists' }] },
        ],
      },
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 0, preference: { matchExpressions: [{ key: 'a', operator: 'In', values: ['bad value'] }] } },
      ],
    },
  }),
  pod('topologySpreadConstraints', [
    { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', minDomains: 0 },
    { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', nodeTaintsPolicy: 'Odd' },
  ]),
  pod('topologySpreadConstraints', [
    {
      maxSkew: 1,
      topologyKey: 'zone',
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: { a: 'b' } },
      matchLabelKeys: ['app'],
    },
  ]),
  pod('dnsPolicy', 'None'),
  pod('dnsConfig', { nameservers: many(4, (index) => `10.0.0.${String(index)}`), options: [{ value: '1' }] }),
  pod('dnsConfig', { nameservers: ['nowhere'], searches: ['bad domain', '_ok.example'] }),
  pod('hostAliases', [{ ip: '300.1.1.1', hostnames: ['Bad'] }]),
  pod('hostAliases', [{ ip: '10.1.1.1' }, { ip: '10.1.1.1' }]),
  pod('imagePullSecrets', [{ name: 'a' }, { name: 'a' }, {}]),
  pod('readinessGates', [{ conditionType: 'bad type' }]),
  pod('schedulingGates', [{ name: 'example.com/wait' }]),
  pod('schedulingGates', [{ name: 'bad gate' }, { name: 'bad gate' }]),
  pod('resourceClaims', [{ name: 'gpu' }, { name: 'gpu', resourceClaimName: 'a', resourceClaimTemplateName: 'b' }]),
  pod('os', { name: 'plan9' }),
  pod('os', { name: 'linux' }),
  pod('overhead', { cpu: '1' }),
  pod('runtimeClassName', 'not-there'),
  pod('priority', 7),
  pod('preemptionPolicy', 'Never'),
  pod('serviceAccount', 'old-name'),
  pod('hostUsers', false),
  pod('hostPID', true),
  pod('securityContext', { fsGroup: -1, supplementalGroups: [1, -1], fsGroupChangePolicy: 'Odd' }),
  pod('securityContext', { sysctls: [{ name: 'bad name', value: '1' }, { name: '', value: '' }] }),
  pod('securityContext', { seLinuxChangePolicy: 'MountOption', supplementalGroupsPolicy: 'Odd' }),
  pod('resources', { limits: { cpu: '1' }, requests: { cpu: '2' } }),
  pod('resources', { limits: { cpu: '2', memory: '1Gi' } }),
  pod('resources', { limits: { 'example.com/device': '2' } }),
  pod('ephemeralContainers', [{ name: 'debug', image: 'x:1' }]),
  pod('activeDeadlineSeconds', 3_000_000_000),
  pod('setHostnameAsFQDN', true),
];

/** What may change of a pod. */
const changes: readonly Mutation[] = [
  setting('Pod', 'spec.containers.0.image', ' spaced:2'),
  setting('Pod', 'spec.containers.0.image', ''),
  setting('Pod', 'spec.activeDeadlineSeconds', 60),
  setting('Pod', 'spec.activeDeadlineSeconds', -1),
  setting('Pod', 'spec.terminationGracePeriodSeconds', 5),
  setting('Pod', 'spec.tolerations', []),
  setting('Pod', 'spec.tolerations', [{ key: 'gpu', operator: 'Exists' }]),
  setting('Pod', 'spec.tolerations.2', { key: 'gpu', operator: 'Exists' }),
  setting('Pod', 'spec.tolerations.0.tolerationSeconds', 7),
  setting('Pod', 'spec.schedulingGates', [{ name: 'example.com/late' }]),
  setting('Pod', 'spec.priority', undefined),
  setting('Pod', 'spec.priority', 9),
  setting('Pod', 'spec.hostname', 'other'),
  setting('Pod', 'spec.nodeSelector', { a: 'b' }),
  setting('Pod', 'spec.volumes', [{ name: 'more', emptyDir: {} }]),
  setting('Pod', 'spec.containers.0.resources', { limits: { cpu: '1' } }),
  setting('Pod', 'spec.containers.0.env', [{ name: 'A', value: 'x' }]),
  setting('Pod', 'spec.restartPolicy', 'Never'),
  setting('Pod', 'spec.serviceAccountName', 'other'),
  setting('Pod', 'metadata.annotations', { 'kubernetes.io/config.mirror': 'x' }),
  setting('Pod', 'status.phase', 'Running'),
];

/** Bad and borderline pods, and changes of pods, with the server's words for each. */
export const podValidationCases: readonly ContractCase[] = [
  ...[...ofContainers, ...ofVolumes, ...ofPods].map(creating),
  ...changes.map(updating),
];
