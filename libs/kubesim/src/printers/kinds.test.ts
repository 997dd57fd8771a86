import { expect, it } from 'vitest';
import type { Json, JsonObject } from '../json.ts';
import { openCatalog } from '../schema/catalog.ts';
import { tableOf } from './table.ts';

const nowMs = Date.parse('2026-11-24T12:00:00Z');
const ago = (days: number) => `${new Date(nowMs - days * 86_400_000).toISOString().slice(0, 19)}Z`;

const template = {
  metadata: { labels: { b: '2', a: '1' } },
  spec: {
    containers: [
      { name: 'server', image: 'example/server:1' },
      { name: 'log', image: 'example/log:2' },
    ],
    nodeSelector: { zone: 'a' },
  },
};
const selector = {
  matchLabels: { tier: 'web', app: 'shop' },
  matchExpressions: [{ key: 'canary', operator: 'DoesNotExist' }],
};
const spread = ['server,log', 'example/server:1,example/log:2'];
const selected = 'app=shop,!canary,tier=web';
const balanced = {
  ingress: [{ ip: '5.5.5.5' }, { hostname: 'lb.example' }, { ip: '3.3.3.3' }, { ip: '5.5.5.5' }],
};
const webhooks = [{ name: 'a' }, { name: 'b' }];
const paramKind = { apiVersion: 'g/v1', kind: 'Limit' };
const binding = {
  roleRef: { kind: 'Role', name: 'reader' },
  subjects: [
    { kind: 'User', name: 'ada' },
    { kind: 'User', name: 'bob' },
    { kind: 'Group', name: 'team' },
    { kind: 'ServiceAccount', namespace: 'n', name: 's' },
  ],
};
const event = {
  type: 'Warning',
  reason: 'BackOff',
  reportingInstance: 'node-1',
};

/** What rows of the printers of Kubernetes 1.36 show after the name: group version and plural, object, cells. */
const rows: readonly (readonly [path: string, object: JsonObject, cells: readonly Json[]])[] = [
  [
    'v1/componentstatuses',
    { conditions: [{ type: 'Healthy', status: 'False', message: 'm', error: 'e' }] },
    ['Unhealthy', 'm', 'e'],
  ],
  ['v1/configmaps', { data: { a: '1' }, binaryData: { b: 'AA==' } }, [2, '3d']],
  [
    'v1/endpoints',
    { subsets: [{ addresses: [{ ip: '::1' }, { ip: '1.1.1.1' }], ports: [{ port: 80 }, { port: 81 }] }] },
    ['[::1]:80,1.1.1.1:80,[::1]:81 + 1 more...', '3d'],
  ],
  ['v1/endpoints', { subsets: [{ notReadyAddresses: [{ ip: '1.1.1.1' }] }] }, ['', '3d']],
  ['v1/endpoints', {}, ['<none>', '3d']],
  ['v1/limitranges', {}, [ago(3)]],
  ['v1/namespaces', { status: { phase: 'Terminating' } }, ['Terminating', '3d']],
  [
    'v1/nodes',
    {
      metadata: {
        name: 'sample',
        creationTimestamp: ago(3),
        labels: { 'node-role.kubernetes.io/worker': '', 'kubernetes.io/role': 'gpu' },
      },
      spec: { unschedulable: true },
      status: {
        conditions: [{ type: 'Ready', status: 'Unknown' }],
        addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
        nodeInfo: { kubeletVersion: 'v1.36.4', kernelVersion: '6.1', architecture: 'amd64' },
      },
    },
    [
      'NotReady,SchedulingDisabled',
      'gpu,worker',
      '3d',
      'v1.36.4',
      '10.0.0.1',
      '<none>',
      '<unknown>',
      '6.1 (amd64)',
      '<unknown>',
    ],
  ],
  [
    'v1/persistentvolumeclaims',
    { spec: {}, status: { phase: 'Pending', capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] } },
    ['Pending', '', '', '', '', '<unset>', '3d', '<unset>'],
  ],
  [
    'v1/persistentvolumeclaims',
    {
      metadata: { name: 'sample', creationTimestamp: ago(3), deletionTimestamp: ago(1) },
      spec: { volumeName: 'disk', storageClassName: 'fast', volumeMode: 'Block' },
      status: {
        phase: 'Bound',
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOncePod', 'ReadWriteMany', 'ReadOnlyMany', 'ReadWriteOnce'],
      },
    },
    ['Terminating', 'disk', '1Gi', 'RWO,ROX,RWX,RWOP', 'fast', '<unset>', '3d', 'Block'],
  ],
  [
    'v1/persistentvolumes',
    {
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteMany'],
        persistentVolumeReclaimPolicy: 'Retain',
        claimRef: { namespace: 'a', name: 'b' },
      },
      status: { phase: 'Bound' },
    },
    ['1Gi', 'RWX', 'Retain', 'Bound', 'a/b', '', '<unset>', '', '3d', '<unset>'],
  ],
  ['v1/podtemplates', { template }, [...spread, 'a=1,b=2']],
  [
    'v1/replicationcontrollers',
    { spec: { replicas: 2, selector: { b: '2', a: '1' }, template }, status: { replicas: 1 } },
    [2, 1, 0, '3d', ...spread, 'a=1,b=2'],
  ],
  [
    'v1/resourcequotas',
    { status: { hard: { pods: '10', 'limits.cpu': '4', cpu: '2' }, used: { pods: '3' } } },
    ['cpu: 0/2, pods: 3/10', 'limits.cpu: 0/4', '3d'],
  ],
  ['v1/secrets', { type: 'Opaque', data: { a: 'AA==' } }, ['Opaque', 1, '3d']],
  ['v1/serviceaccounts', {}, ['3d']],
  [
    'v1/services',
    {
      spec: {
        type: 'ClusterIP',
        clusterIPs: ['10.0.0.2'],
        ports: [{ port: 80, protocol: 'TCP' }],
        selector: { app: 'x' },
      },
    },
    ['ClusterIP', '10.0.0.2', '<none>', '80/TCP', '3d', 'app=x'],
  ],
  [
    'v1/services',
    {
      spec: {
        type: 'LoadBalancer',
        externalIPs: ['9.9.9.9'],
        ports: [{ port: 80, nodePort: 30000, protocol: 'TCP' }],
      },
      status: { loadBalancer: balanced },
    },
    ['LoadBalancer', '<none>', '3.3.3.3,5.5.5.5,lb.example,9.9.9.9', '80:30000/TCP', '3d', '<none>'],
  ],
  [
    'v1/services',
    { spec: { type: 'LoadBalancer' } },
    ['LoadBalancer', '<none>', '<pending>', '<none>', '3d', '<none>'],
  ],
  [
    'v1/services',
    { spec: { type: 'ExternalName', externalName: 'x.example' } },
    ['ExternalName', '<none>', 'x.example', '<none>', '3d', '<none>'],
  ],
  [
    'apiregistration.k8s.io/v1/apiservices',
    {
      spec: { service: { namespace: 'n', name: 's' } },
      status: { conditions: [{ type: 'Available', status: 'False', reason: 'Missing' }] },
    },
    ['n/s', 'False (Missing)', '3d'],
  ],
  ['apiregistration.k8s.io/v1/apiservices', {}, ['Local', 'Unknown', '3d']],
  [
    'apps/v1/controllerrevisions',
    {
      metadata: {
        name: 'sample',
        creationTimestamp: ago(3),
        ownerReferences: [
          { apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'u' },
          { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'd', uid: 'u', controller: true },
        ],
      },
      revision: 4,
    },
    ['daemonset.apps/d', 4, '3d'],
  ],
  [
    'apps/v1/daemonsets',
    {
      spec: { selector, template },
      status: {
        desiredNumberScheduled: 5,
        currentNumberScheduled: 4,
        numberReady: 3,
        updatedNumberScheduled: 2,
        numberAvailable: 1,
      },
    },
    [5, 4, 3, 2, 1, 'zone=a', '3d', ...spread, selected],
  ],
  [
    'apps/v1/deployments',
    { spec: { replicas: 3, selector, template }, status: { readyReplicas: 1, updatedReplicas: 2 } },
    ['1/3', 2, 0, '3d', ...spread, selected],
  ],
  [
    'apps/v1/deployments',
    { spec: { replicas: 3, selector: {}, template } },
    ['0/3', 0, 0, '3d', ...spread, ''],
  ],
  [
    'apps/v1/replicasets',
    { spec: { replicas: 3, selector: {}, template }, status: { replicas: 2, readyReplicas: 1 } },
    [3, 2, 1, '3d', ...spread, '<none>'],
  ],
  [
    'apps/v1/statefulsets',
    { spec: { replicas: 2, selector, template }, status: { readyReplicas: 1 } },
    ['1/2', '3d', ...spread],
  ],
  [
    'v1/events',
    {
      ...event,
      involvedObject: { kind: 'Pod', name: 'p', fieldPath: 'spec' },
      message: ' m\n',
      firstTimestamp: ago(5),
      lastTimestamp: ago(4),
      source: { component: 'kubelet' },
    },
    ['4d', 'Warning', 'BackOff', 'pod/p', 'spec', 'kubelet, node-1', 'm', '5d', 1, 'sample'],
  ],
  [
    'v1/events',
    {
      ...event,
      involvedObject: { kind: 'Node' },
      eventTime: ago(6),
      series: { count: 9, lastObservedTime: ago(2) },
    },
    ['2d', 'Warning', 'BackOff', 'node', '', ', node-1', '', '6d', 9, 'sample'],
  ],
  [
    'events.k8s.io/v1/events',
    {
      ...event,
      regarding: { kind: 'Pod', name: 'p' },
      note: 'm',
      reportingController: 'c',
      deprecatedCount: 2,
      deprecatedFirstTimestamp: ago(9),
      deprecatedLastTimestamp: ago(8),
    },
    ['8d', 'Warning', 'BackOff', 'pod/p', '', 'c, node-1', 'm', '9d', 2, 'sample'],
  ],
  [
    'autoscaling/v2/horizontalpodautoscalers',
    {
      spec: { scaleTargetRef: { kind: 'Deployment', name: 'd' }, minReplicas: 2, maxReplicas: 9 },
      status: { currentReplicas: 3 },
    },
    ['Deployment/d', '<none>', '2', 9, 3, '3d'],
  ],
  [
    'autoscaling/v1/horizontalpodautoscalers',
    { spec: { scaleTargetRef: { kind: 'Deployment', name: 'd' }, maxReplicas: 9 } },
    ['Deployment/d', '<none>', '<unset>', 9, 0, '3d'],
  ],
  [
    'batch/v1/cronjobs',
    {
      spec: { schedule: '@daily', suspend: true, timeZone: 'Etc/UTC', jobTemplate: { spec: { template } } },
      status: { active: [{}], lastScheduleTime: ago(1) },
    },
    ['@daily', 'Etc/UTC', 'True', 1, '24h', '3d', ...spread, '<none>'],
  ],
  [
    'batch/v1/cronjobs',
    { spec: { schedule: '@daily' } },
    ['@daily', '<none>', '<unset>', 0, '<none>', '3d', '', '', '<none>'],
  ],
  [
    'batch/v1/jobs',
    {
      spec: { completions: 0, selector, template },
      status: {
        startTime: ago(2),
        completionTime: ago(1),
        conditions: [{ type: 'Complete', status: 'True' }],
      },
    },
    ['Complete', '0/0', '24h', '3d', ...spread, selected],
  ],
  [
    'batch/v1/jobs',
    {
      spec: { parallelism: 4, selector, template },
      status: {
        succeeded: 1,
        conditions: [
          { type: 'Failed', status: 'False' },
          { type: 'Suspended', status: 'True' },
        ],
      },
    },
    ['Suspended', '1/1 of 4', '', '3d', ...spread, selected],
  ],
  [
    'certificates.k8s.io/v1/certificatesigningrequests',
    {
      spec: { signerName: 's/x', username: 'ada', expirationSeconds: 7200 },
      status: { conditions: [{ type: 'Approved', status: 'True' }], certificate: 'AA==' },
    },
    ['3d', 's/x', 'ada', '120m', 'Approved,Issued'],
  ],
  [
    'certificates.k8s.io/v1/certificatesigningrequests',
    { status: { conditions: [{ type: 'Approved' }, { type: 'Denied' }, { type: 'Failed' }] } },
    ['3d', '<none>', '', '<none>', 'Denied,Failed'],
  ],
  ['certificates.k8s.io/v1/certificatesigningrequests', {}, ['3d', '<none>', '', '<none>', 'Pending']],
  [
    'networking.k8s.io/v1/ingressclasses',
    {
      metadata: { name: 'sample', creationTimestamp: ago(3) },
      spec: { controller: 'c/x', parameters: { apiGroup: 'g', kind: 'K', name: 'p' } },
    },
    ['c/x', 'K.g/p', '3d'],
  ],
  [
    'networking.k8s.io/v1/ingresses',
    {
      spec: { rules: [{ host: 'a' }, {}, { host: 'b' }, { host: 'c' }, { host: 'd' }], tls: [{}] },
      status: { loadBalancer: balanced },
    },
    ['<none>', 'a,b,c + 2 more...', '3.3.3.3,5.5.5.5,lb.example', '80, 443', '3d'],
  ],
  [
    'networking.k8s.io/v1/ingresses',
    { spec: { ingressClassName: 'k', rules: [{}] } },
    ['k', '*', '', '80', '3d'],
  ],
  [
    'networking.k8s.io/v1/ipaddresses',
    { spec: { parentRef: { resource: 'services', namespace: 'd', name: 's' } } },
    ['services/d/s', '3d'],
  ],
  ['networking.k8s.io/v1/networkpolicies', { spec: { podSelector: {} } }, ['<none>', '3d']],
  [
    'networking.k8s.io/v1/servicecidrs',
    { spec: { cidrs: ['10.0.0.0/8', 'fd::/64'] } },
    ['10.0.0.0/8,fd::/64', '3d'],
  ],
  [
    'policy/v1/poddisruptionbudgets',
    { spec: { maxUnavailable: '10%' }, status: { disruptionsAllowed: 1 } },
    ['N/A', '10%', 1, '3d'],
  ],
  [
    'rbac.authorization.k8s.io/v1/clusterrolebindings',
    binding,
    ['Role/reader', '3d', 'ada, bob', 'team', 'n/s'],
  ],
  ['rbac.authorization.k8s.io/v1/clusterroles', {}, [ago(3)]],
  ['rbac.authorization.k8s.io/v1/rolebindings', binding, ['Role/reader', '3d', 'ada, bob', 'team', 'n/s']],
  ['rbac.authorization.k8s.io/v1/roles', {}, [ago(3)]],
  [
    'storage.k8s.io/v1/csidrivers',
    {
      spec: {
        attachRequired: false,
        tokenRequests: [{ audience: 'a' }, { audience: 'b' }],
        volumeLifecycleModes: ['Persistent', 'Ephemeral'],
      },
    },
    [false, false, false, 'a,b', false, 'Persistent,Ephemeral', '3d'],
  ],
  ['storage.k8s.io/v1/csidrivers', { spec: {} }, [true, false, false, '<unset>', false, '<none>', '3d']],
  ['storage.k8s.io/v1/csinodes', { spec: { drivers: [{}] } }, [1, '3d']],
  ['storage.k8s.io/v1/csistoragecapacities', {}, [ago(3)]],
  ['storage.k8s.io/v1/storageclasses', { provisioner: 'p' }, ['p', 'Delete', 'Immediate', false, '3d']],
  [
    'storage.k8s.io/v1/volumeattachments',
    {
      spec: { attacher: 'a', nodeName: 'n', source: { persistentVolumeName: 'p' } },
      status: { attached: true },
    },
    ['a', 'p', 'n', true, '3d'],
  ],
  ['storage.k8s.io/v1/volumeattributesclasses', { driverName: 'd' }, ['d', '3d']],
  [
    'admissionregistration.k8s.io/v1/mutatingadmissionpolicies',
    { spec: { mutations: [{}], paramKind } },
    [1, 'g/v1/Limit', '3d'],
  ],
  [
    'admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings',
    { spec: { policyName: 'p', paramRef: { name: 'a' } } },
    ['p', '*/a', '3d'],
  ],
  ['admissionregistration.k8s.io/v1/mutatingwebhookconfigurations', { webhooks }, [2, '3d']],
  [
    'admissionregistration.k8s.io/v1/validatingadmissionpolicies',
    { spec: { validations: [{}] } },
    [1, '<unset>', '3d'],
  ],
  [
    'admissionregistration.k8s.io/v1/validatingadmissionpolicybindings',
    { spec: { policyName: 'p', paramRef: { selector } } },
    [
      'p',
      '&LabelSelector{MatchLabels:map[string]string{app: shop,tier: web,},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:canary,Operator:DoesNotExist,Values:[],},},}',
      '3d',
    ],
  ],
  ['admissionregistration.k8s.io/v1/validatingwebhookconfigurations', { webhooks }, [2, '3d']],
  ['apiextensions.k8s.io/v1/customresourcedefinitions', {}, [ago(3)]],
  [
    'scheduling.k8s.io/v1/priorityclasses',
    { value: 5, globalDefault: true, preemptionPolicy: 'Never' },
    [5, true, '3d', 'Never'],
  ],
  ['coordination.k8s.io/v1/leases', { spec: { holderIdentity: 'h' } }, ['h', '3d']],
  ['node.k8s.io/v1/runtimeclasses', { handler: 'nvidia' }, ['nvidia', '3d']],
  [
    'discovery.k8s.io/v1/endpointslices',
    {
      addressType: 'IPv4',
      ports: [{ port: 80 }, { name: 'web' }, {}],
      endpoints: [{ addresses: ['a', 'b'] }, { addresses: ['c', 'd'] }],
    },
    ['IPv4', '80,web,*', 'a,b,c + 1 more...', '3d'],
  ],
  ['resource.k8s.io/v1/deviceclasses', {}, ['3d']],
  [
    'resource.k8s.io/v1/resourceclaims',
    { status: { allocation: {}, reservedFor: [{}] } },
    ['allocated,reserved', '3d'],
  ],
  ['resource.k8s.io/v1/resourceclaims', {}, ['pending', '3d']],
  ['resource.k8s.io/v1/resourceclaimtemplates', {}, ['3d']],
  [
    'resource.k8s.io/v1/resourceslices',
    { spec: { nodeName: 'n', driver: 'd', pool: { name: 'p' } } },
    ['n', 'd', 'p', '3d'],
  ],
  [
    'flowcontrol.apiserver.k8s.io/v1/flowschemas',
    { spec: { matchingPrecedence: 5, priorityLevelConfiguration: { name: 'low' } } },
    ['low', 5, '<none>', '3d', '?'],
  ],
  [
    'flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations',
    {
      spec: {
        type: 'Limited',
        limited: {
          nominalConcurrencyShares: 30,
          limitResponse: { queuing: { queues: 64, handSize: 6, queueLengthLimit: 50 } },
        },
      },
    },
    ['Limited', 30, 64, 6, 50, '3d'],
  ],
  [
    'flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations',
    { spec: { type: 'Exempt' } },
    ['Exempt', '<none>', '<none>', '<none>', '<none>', '3d'],
  ],
];

it.each(rows)('prints %s as a real server does: %j', (path, object, cells) => {
  const row = cellsOf(path, object);
  // Events show their name last.
  expect(path.endsWith('/events') ? row : row.slice(1)).toEqual(cells);
});

it('prints every kind that is served', () => {
  const printed = new Set([...rows.map(([path]) => path), 'v1/pods']);
  expect(Object.keys(openCatalog().columns).filter((path) => !printed.has(path))).toEqual([]);
});

function cellsOf(path: string, object: JsonObject): readonly Json[] {
  const [name = '', , group] = path.split('/').reverse();
  const metadata = { name: 'sample', creationTimestamp: ago(3) };
  const table = tableOf({
    resource: group === undefined ? name : `${name}.${group}`,
    columns: openCatalog().columns[path] ?? [],
    objects: [{ apiVersion: 'v1', kind: 'Kind', metadata, ...object }],
    metadata: {},
    includeObject: 'None',
    nowMs,
  });
  return (table['rows'] as { cells: Json[] }[])[0]?.cells ?? [];
}
