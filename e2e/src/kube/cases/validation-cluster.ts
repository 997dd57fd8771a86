import { creating, setting, updating } from '../mutate.ts';
import type { Mutation } from '../mutate.ts';
import type { ContractCase, Session } from '../session.ts';

const onCreate: readonly Mutation[] = [
  setting('Role', 'rules', undefined),
  setting('Role', 'rules', []),
  setting('Role', 'rules.0', { nonResourceURLs: ['/metrics'], verbs: ['get'] }),
  setting('Role', 'rules.0', { apiGroups: [], resources: [], verbs: [] }),
  setting('Role', 'metadata.name', 'with:colon'),
  setting('Role', 'metadata.name', 'with/slash'),
  setting('Role', 'metadata.name', '..'),
  setting('ClusterRole', 'rules.0', { nonResourceURLs: ['/metrics'], verbs: ['get'] }),
  setting('ClusterRole', 'rules.0', {
    nonResourceURLs: ['/metrics'],
    apiGroups: [''],
    resources: ['pods'],
    verbs: ['get'],
  }),
  setting('ClusterRole', 'aggregationRule', { clusterRoleSelectors: [] }),
  setting('ClusterRole', 'aggregationRule', { clusterRoleSelectors: [{ matchLabels: { a: 'bad value!' } }] }),
  setting('ClusterRole', 'aggregationRule', { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] }),
  setting('RoleBinding', 'roleRef.apiGroup', ''),
  setting('RoleBinding', 'roleRef.apiGroup', 'example.com'),
  setting('RoleBinding', 'roleRef.name', 'with/slash'),
  setting('RoleBinding', 'subjects', []),
  setting('RoleBinding', 'subjects.0', { kind: 'User', name: '' }),
  setting('RoleBinding', 'subjects.0', { kind: 'User', name: 'a', namespace: 'b' }),
  setting('RoleBinding', 'subjects.0', { kind: 'User', name: 'a', apiGroup: 'example.com' }),
  setting('RoleBinding', 'subjects.0', { kind: 'ServiceAccount', name: 'a' }),
  setting('RoleBinding', 'subjects.0', { kind: 'ServiceAccount', name: 'Bad_Name', namespace: 'a' }),
  setting('RoleBinding', 'subjects.0', { kind: 'ServiceAccount', name: 'a', namespace: 'b', apiGroup: 'x' }),
  setting('RoleBinding', 'subjects.0', { kind: 'Group', name: 'a', apiGroup: '' }),
  setting('ClusterRoleBinding', 'roleRef.kind', 'Role'),
  setting('ClusterRoleBinding', 'subjects.0', { kind: 'ServiceAccount', name: 'a' }),
  setting('Namespace', 'metadata.name', 'x'.repeat(64)),
  setting('Namespace', 'metadata.labels', { 'kubernetes.io/metadata.name': 'other' }),
  setting('Namespace', 'spec.finalizers', ['example.com/mine']),
  setting('Namespace', 'spec.finalizers', ['nodomain']),
  setting('Namespace', 'status.phase', 'Terminating'),
  setting('ServiceAccount', 'metadata.name', 'Bad_Name'),
  setting('ServiceAccount', 'automountServiceAccountToken', false),
  setting('ServiceAccount', 'imagePullSecrets', [{ name: 'a' }, { name: 'a' }]),
  setting('Node', 'spec.podCIDR', 'nonsense'),
  setting('Node', 'spec.podCIDRs', ['10.1.0.0/24', '10.2.0.0/24']),
  setting('Node', 'spec.podCIDRs', ['10.244.7.0/24', 'fd00::/64']),
  setting('Node', 'spec.providerID', 'example://a'),
  setting('Node', 'spec.taints', [{ key: 'gpu', effect: 'NoSchedule' }]),
  setting('Node', 'spec.taints', [{ key: 'bad key', value: 'bad value!', effect: 'Sometimes' }]),
  setting('Node', 'spec.taints', [{ key: 'gpu', effect: '' }]),
  setting('Node', 'spec.taints', [
    { key: 'gpu', value: 'a', effect: 'NoSchedule' },
    { key: 'gpu', value: 'b', effect: 'NoSchedule' },
  ]),
  setting('Node', 'spec.unschedulable', true),
  setting('Node', 'status.capacity', { 'nvidia.com/gpu': '1500m' }),
  setting('Node', 'status.addresses', [{ type: 'InternalIP', address: '192.168.1.7' }]),
  setting('Node', 'metadata.name', 'Bad_Node'),
];

const onUpdate: readonly Mutation[] = [
  setting('Role', 'rules', []),
  setting('Role', 'rules.0.verbs', []),
  setting('RoleBinding', 'subjects', []),
  setting('RoleBinding', 'roleRef.kind', 'ClusterRole'),
  setting('Namespace', 'metadata.labels', {}),
  setting('Namespace', 'metadata.labels', { 'kubernetes.io/metadata.name': 'other' }),
  setting('ServiceAccount', 'automountServiceAccountToken', true),
  setting('Node', 'spec.podCIDR', '10.244.8.0/24'),
  setting('Node', 'spec.podCIDRs', ['10.244.8.0/24']),
  setting('Node', 'spec.providerID', 'example://a'),
  setting('Node', 'spec.taints', []),
  setting('Node', 'spec.unschedulable', true),
  setting('Node', 'metadata.labels', { zone: 'a' }),
  setting('Node', 'status.phase', 'Running'),
];

const event = (more: object) => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: 'a' },
  involvedObject: { kind: 'Pod', name: 'a', namespace: '{ns}' },
  reason: 'Started',
  message: 'Started it',
  type: 'Normal',
  ...more,
});

const events: readonly (readonly [string, object])[] = [
  ['good', {}],
  ['of an object elsewhere', { involvedObject: { kind: 'Pod', name: 'a', namespace: 'elsewhere' } }],
  ['of an object of the cluster', { involvedObject: { kind: 'Node', name: 'a' } }],
  ['of a type that is none', { type: 'Loud' }],
  ['with times', { firstTimestamp: '2026-01-01T00:00:00Z', lastTimestamp: '2026-01-01T00:00:00Z', count: 3 }],
  ['with a time of its own', { eventTime: '2026-01-01T00:00:00.000000Z' }],
  [
    'in the newer style',
    {
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingComponent: 'example.com/a',
      reportingInstance: 'a-1',
      action: 'Starting',
    },
  ],
  ['with a name that only a path takes', { metadata: { name: 'Bad_Name!' } }],
  ['in a series of one', { series: { count: 1 } }],
  ['with a message that is too long', { message: 'z'.repeat(1025), eventTime: '2026-01-01T00:00:00.000000Z' }],
];

const time = '2026-01-01T00:00:00.000000Z';

const ownEvent = (more: object) => ({
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  metadata: { name: 'a' },
  eventTime: time,
  reportingController: 'example.com/a',
  reportingInstance: 'a-1',
  action: 'Starting',
  reason: 'Started',
  regarding: { kind: 'Pod', name: 'a', namespace: '{ns}' },
  note: 'Started it',
  type: 'Normal',
  ...more,
});

const tooLong = 'a'.repeat(129);

/** Events of the group of their own: each is created, and put in the place of a good one. */
const ownEvents: readonly (readonly [string, object])[] = [
  ['good', {}],
  ...[
    ...['eventTime', 'reportingController', 'reportingInstance', 'action', 'reason', 'regarding'],
    ...['note', 'type'],
  ].map((field) => [`without ${field}`, { [field]: undefined }] as const),
  ['with a bad name', { metadata: { name: 'Bad_Name' } }],
  ['with labels', { metadata: { name: 'a', labels: { a: 'c' } } }],
  ['of a type that is none', { type: 'Loud' }],
  ['in a series of one', { series: { count: 1 } }],
  ['in a series', { series: { count: 2, lastObservedTime: time } }],
  [
    'with fields of the older style',
    {
      deprecatedFirstTimestamp: '2026-01-01T00:00:00Z',
      deprecatedLastTimestamp: '2026-01-01T00:00:00Z',
      deprecatedCount: 3,
      deprecatedSource: { component: 'a' },
    },
  ],
  ['of an object elsewhere', { regarding: { kind: 'Pod', name: 'a', namespace: 'elsewhere' } }],
  ['of an object of the cluster', { regarding: { kind: 'Node', name: 'a' } }],
  ['with all too long', { action: tooLong, reason: tooLong, reportingInstance: tooLong, note: tooLong.repeat(9) }],
  [
    'other in all',
    {
      ...{ regarding: { kind: 'Pod', name: 'b', namespace: '{ns}', uid: 'u' }, related: { kind: 'Pod', name: 'x' } },
      ...{ reason: 'Other', note: 'other', type: 'Warning', action: 'x' },
      ...{ reportingController: 'example.com/b', reportingInstance: 'b', eventTime: time.replace('0Z', '1Z') },
    },
  ],
];

/** Bad and borderline objects of the cluster itself: roles, namespaces, nodes and events. */
export const clusterValidationCases: readonly ContractCase[] = [
  ...onCreate.map(creating),
  ...onUpdate.map(updating),
  ...events.map(([title, more]) => ({
    title: `event: ${title}`,
    async run(session: Session) {
      const text = JSON.stringify(event(more)).replaceAll('{ns}', session.namespace);
      const path = '/api/v1/namespaces/{ns}/events';
      await session.ask('POST', path, text);
      await session.ask('PUT', `${path}/a`, text.replace('Started it', 'Again'));
      await session.ask('GET', `/apis/events.k8s.io/v1/namespaces/{ns}/events/a`);
    },
  })),
  ...ownEvents.map(([title, more]) => ({
    title: `event of its own group: ${title}`,
    async run(session: Session) {
      const text = (of: object) => JSON.stringify(ownEvent(of)).replaceAll('{ns}', session.namespace);
      const path = '/apis/events.k8s.io/v1/namespaces/{ns}/events';
      await session.ask('POST', `${path}?dryRun=All`, text(more));
      await session.ask('PUT', `${path}/a`, text(more));
      await session.attempt('DELETE', `${path}/a`);
      await session.prepare('POST', path, text({}));
      await session.ask('PUT', `${path}/a`, text(more));
      await session.ask('GET', '/api/v1/namespaces/{ns}/events/a');
    },
  })),
];
