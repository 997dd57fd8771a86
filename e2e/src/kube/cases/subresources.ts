import { bodyAt, set, textAt } from '../body.ts';
import { objectPath, sampleOf } from '../objects.ts';
import type { ContractCase, Session } from '../session.ts';

const merge = { type: 'application/merge-patch+json' };

async function made(session: Session, kind: string): Promise<string> {
  const sample = sampleOf(kind);
  const answer = await session.prepare('POST', sample.path, sample.make(session.namespace));
  return objectPath(sample, answer.body);
}

const scalable = ['Deployment', 'ReplicaSet', 'StatefulSet', 'ReplicationController'];
const statuses: readonly (readonly [kind: string, status: object])[] = [
  ['Deployment', { replicas: 3, observedGeneration: 1 }],
  ['ReplicaSet', { replicas: 2, readyReplicas: 1 }],
  ['StatefulSet', { replicas: 1, currentRevision: 'a' }],
  [
    'DaemonSet',
    { currentNumberScheduled: 1, numberMisscheduled: 0, desiredNumberScheduled: 2, numberReady: 1 },
  ],
  ['Job', { active: 1, startTime: '2026-01-01T00:00:00Z' }],
  ['CronJob', { lastScheduleTime: '2026-01-01T00:00:00Z' }],
  ['Pod', { phase: 'Running', podIP: '192.168.7.7' }],
  ['Service', { loadBalancer: { ingress: [{ ip: '192.168.0.1' }] } }],
  ['HorizontalPodAutoscaler', { currentReplicas: 2, desiredReplicas: 3 }],
  ['PodDisruptionBudget', { disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 }],
  ['Ingress', { loadBalancer: { ingress: [{ hostname: 'lb.example.com' }] } }],
  ['PersistentVolumeClaim', { phase: 'Bound', capacity: { storage: '1Gi' } }],
  ['Namespace', { phase: 'Active' }],
  ['Node', { capacity: { 'nvidia.com/gpu': '8', cpu: '64' } }],
  ['ResourceQuota', { used: { 'requests.nvidia.com/gpu': '1' } }],
  ['ReplicationController', { replicas: 1 }],
];

/** Scale, status and the other subresources. */
export const subresourceCases: readonly ContractCase[] = [
  ...scalable.map((kind) => ({
    title: `scale: of a ${kind}`,
    async run(session: Session) {
      const path = await made(session, kind);
      const scale = await session.ask('GET', `${path}/scale`);
      await session.ask('PATCH', `${path}/scale`, { spec: { replicas: 4 } }, merge);
      await session.ask('PUT', `${path}/scale?fieldManager=scaler`, scale.body);
      set(scale.body, 'metadata.resourceVersion', undefined);
      await session.ask('PUT', `${path}/scale?fieldManager=scaler`, { ...scale.body, spec: { replicas: 6 } });
      await session.ask('PUT', `${path}/scale`, { ...scale.body, spec: { replicas: -1 } });
      await session.ask('GET', path);
    },
  })),
  ...statuses.map(([kind, status]) => ({
    title: `status: of a ${kind}`,
    async run(session: Session) {
      const path = await made(session, kind);
      await session.ask(
        'PATCH',
        `${path}/status?fieldManager=controller`,
        { status, spec: { replicas: 99 } },
        merge,
      );
      await session.ask('PATCH', path, { status: {}, metadata: { labels: { touched: 'yes' } } }, merge);
      await session.ask('GET', `${path}/status`);
      await session.prepare('DELETE', path);
    },
  })),
  {
    title: 'status: applied by a manager of its own',
    async run(session) {
      const path = await made(session, 'Deployment');
      const apply = { type: 'application/apply-patch+yaml' };
      const status = { apiVersion: 'apps/v1', kind: 'Deployment', status: { replicas: 3 } };
      await session.ask('PATCH', `${path}/status?fieldManager=one`, status, apply);
      await session.ask(
        'PATCH',
        `${path}/status?fieldManager=two`,
        { ...status, status: { replicas: 4 } },
        apply,
      );
      await session.ask('GET', path);
    },
  },
  {
    title: 'binding: a pod to a node, once',
    async run(session) {
      const path = await made(session, 'Pod');
      const binding = {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name: 'sample' },
        target: { kind: 'Node', name: 'node-1' },
      };
      await session.ask('POST', `${path}/binding`, binding);
      await session.ask('POST', `${path}/binding`, binding);
      await session.ask('GET', path);
    },
  },
  {
    title: 'eviction: of a pod that a budget protects, and of the same without it',
    async run(session) {
      const path = await made(session, 'Pod');
      const budget = await made(session, 'PodDisruptionBudget');
      // A pod that never ran may always be evicted.
      const running = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
      await session.prepare('PATCH', `${path}/status`, { status: running }, merge);
      const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'sample' } };
      await session.ask('POST', `${path}/eviction`, eviction);
      await session.prepare('DELETE', budget);
      await session.ask('POST', `${path}/eviction`, eviction);
      await session.ask('GET', path);
    },
  },
  {
    title: 'token: of a service account',
    async run(session) {
      const path = await made(session, 'ServiceAccount');
      const answer = await session.prepare('POST', `${path}/token`, {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { expirationSeconds: 3600 },
      });
      const headers = { authorization: `Bearer ${textAt(answer.body, 'status.token')}` };
      await session.ask(
        'POST',
        '/apis/authentication.k8s.io/v1/selfsubjectreviews',
        { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
        { headers },
      );
    },
  },
  {
    title: 'log: of a pod that has no node',
    async run(session) {
      const path = await made(session, 'Pod');
      await session.ask('GET', `${path}/log`);
      await session.ask('GET', `${path}/log?container=none`);
    },
  },
  {
    title: 'autoscaler: the same object in both versions',
    async run(session) {
      const path = await made(session, 'HorizontalPodAutoscaler');
      const first = path.replace('/v2/', '/v1/');
      const read = await session.ask('GET', first);
      await session.ask('PUT', first, {
        ...read.body,
        spec: { ...bodyAt(read.body, 'spec'), maxReplicas: 12 },
      });
      await session.ask('GET', path);
    },
  },
];
