import { at, itemsAt } from '../body.ts';
import type { Body } from '../body.ts';
import { container, labels, template, workload } from './samples.ts';
import { script, step } from './script.ts';
import type { Script, Step } from './script.ts';
import { condition } from './stage.ts';
import type { Stage } from './stage.ts';

const sees = ['pods', 'events'];

const pod =
  (name: string, spec: Body = {}, more: Body = {}) =>
  (stage: Stage) =>
    stage.create('pods', 'Pod', {
      metadata: { name, labels, ...more },
      spec: { containers: [container()], terminationGracePeriodSeconds: 0, ...spec },
    });
const running = (name: string) => (stage: Stage) =>
  stage.until('pods', name, (one) => at(one, 'status.phase') === 'Running');
const waiting = (name: string) => (stage: Stage) =>
  stage.until('pods', name, (one) => condition(one, 'PodScheduled')?.['reason'] === 'Unschedulable');

const gpus = (count: number): Body => ({
  containers: [container('triton:1', { resources: { limits: { 'nvidia.com/gpu': String(count) } } })],
});

const hostname = 'kubernetes.io/hostname';
const term = { topologyKey: hostname, labelSelector: { matchLabels: labels } };
const required = 'requiredDuringSchedulingIgnoredDuringExecution';

/** What the scheduler makes of pods that do not change what a cluster has. */
export const schedulingScripts: readonly Script[] = [
  script(
    'a pod that asks for more than any node has waits',
    sees,
    step(pod('huge', gpus(9)), waiting('huge')),
  ),
  script(
    'a pod that is short of several things waits',
    sees,
    step(
      pod('huge', {
        containers: [container('triton:1', { resources: { requests: { cpu: '900', memory: '9Ti' } } })],
      }),
      waiting('huge'),
    ),
  ),
  script(
    'a pod for a node that is not there waits',
    sees,
    step(pod('choosy', { nodeSelector: { disk: 'fast' } }), waiting('choosy')),
  ),
  script(
    'a pod with a gate waits until it is taken away',
    sees,
    step(pod('gated', { schedulingGates: [{ name: 'example.com/quota' }] }), (stage) =>
      stage.until('pods', 'gated', (one) => condition(one, 'PodScheduled')?.['reason'] === 'SchedulingGated'),
    ),
    step((stage) => stage.merge('pods', 'gated', { spec: { schedulingGates: null } }), running('gated')),
  ),
  script(
    'a pod waits for company that it needs',
    sees,
    step(
      pod('alone', {
        affinity: {
          podAffinity: { [required]: [{ ...term, labelSelector: { matchLabels: { app: 'cache' } } }] },
        },
      }),
      waiting('alone'),
    ),
    step(pod('cache', {}, { labels: { app: 'cache' } }), running('alone')),
  ),
  script(
    'the first pod of a group needs no company',
    sees,
    step(pod('first', { affinity: { podAffinity: { [required]: [term] } } }), running('first')),
    step(pod('second', { affinity: { podAffinity: { [required]: [term] } } }), running('second')),
  ),
  script(
    'pods that avoid each other need a node each',
    sees,
    ...['a', 'b'].map((name) =>
      step(pod(name, { affinity: { podAntiAffinity: { [required]: [term] } } }), running(name)),
    ),
    step(pod('c', { affinity: { podAntiAffinity: { [required]: [term] } } }), waiting('c')),
    step(pod('d'), waiting('d')),
    step((stage) => stage.remove('pods', 'a'), running('c')),
  ),
  script(
    'pods are spread as told',
    sees,
    ...['a', 'b', 'c'].map((name) =>
      step(
        pod(name, {
          topologySpreadConstraints: [
            {
              ...{ maxSkew: 1, topologyKey: hostname, whenUnsatisfiable: 'DoNotSchedule' },
              labelSelector: { matchLabels: labels },
            },
          ],
        }),
        running(name),
      ),
    ),
    step(
      pod('zoned', {
        topologySpreadConstraints: [
          {
            ...{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' },
            labelSelector: { matchLabels: labels },
          },
        ],
      }),
      waiting('zoned'),
    ),
  ),
  script(
    'a port of the host is free once on each node',
    sees,
    ...['a', 'b'].map((name) =>
      step(
        pod(name, { containers: [container('web:1', { ports: [{ containerPort: 80, hostPort: 8080 }] })] }),
        running(name),
      ),
    ),
    step(
      pod('c', { containers: [container('web:1', { ports: [{ containerPort: 80, hostPort: 8080 }] })] }),
      waiting('c'),
    ),
  ),
  script(
    'a pod that mounts a claim that is not there waits',
    sees,
    step(
      pod('claimant', { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'absent' } }] }),
      waiting('claimant'),
    ),
  ),
  script(
    'a pod of another scheduler is left alone',
    sees,
    step(pod('other', { schedulerName: 'own-scheduler' })),
  ),
];

const fill: Step = step(
  (stage) =>
    stage.create(
      'deployments',
      'Deployment',
      workload({ replicas: 2, template: template('triton:1', { spec: gpus(8) }) }),
    ),
  (stage) => stage.until('deployments', 'web', (web) => at(web, 'status.availableReplicas') === 2),
);

/** The same with pods that take an hour to end. */
const fillSlowly: Step = step(
  (stage) =>
    stage.create(
      'deployments',
      'Deployment',
      workload({
        replicas: 2,
        template: template('triton:1', {
          spec: { ...gpus(8), terminationGracePeriodSeconds: 3600 },
          annotations: { 'sandbox.meridian.dev/stop-time': '1h' },
        }),
      }),
    ),
  (stage) => stage.until('deployments', 'web', (web) => at(web, 'status.availableReplicas') === 2),
);

/** A deployment of one pod that takes all accelerators of a node. */
const single = (name: string, own: Body) => (stage: Stage) =>
  stage.create('deployments', 'Deployment', {
    metadata: { name },
    spec: {
      selector: { matchLabels: own },
      template: {
        metadata: { labels: own },
        spec: { ...gpus(8), terminationGracePeriodSeconds: 0 },
      },
    },
  });
/** Waits until it has its pod. */
const runs = (name: string) => (stage: Stage) =>
  stage.until('deployments', name, (one) => at(one, 'status.availableReplicas') === 1);

const priority =
  (name: string, value: number, more: Body = {}) =>
  (stage: Stage) =>
    stage.send('POST', '/apis/scheduling.k8s.io/v1/priorityclasses', {
      ...{ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, ...more },
    });

const firstNode = async (stage: Stage): Promise<string> => {
  const [first] = itemsAt((await stage.send('GET', '/api/v1/nodes')).body, 'items');
  return String(at(first, 'metadata.name'));
};
const patchNode = (patch: Body) => async (stage: Stage) =>
  stage.send('PATCH', `/api/v1/nodes/${await firstNode(stage)}`, patch);

/** Has the first node say whether it is ready, and its agent leave that alone. */
const setReady = (status: 'True' | 'False') => async (stage: Stage) => {
  const path = `/api/v1/nodes/${await firstNode(stage)}`;
  const broken = status === 'True' ? null : 'yes';
  await stage.send('PATCH', path, { metadata: { annotations: { 'sandbox.meridian.dev/broken': broken } } });
  const conditions = itemsAt((await stage.send('GET', path)).body, 'status.conditions').map((one) =>
    at(one, 'type') === 'Ready' ? { ...(one as Body), status } : one,
  );
  await stage.send('PATCH', `${path}/status`, { status: { conditions } });
};

/** Evicts the pod of the deployment that is on the first node. Throws when the answer has another status. */
const evictFromFirst = (status: number) => async (stage: Stage) => {
  const node = await firstNode(stage);
  const found = (await stage.list('pods')).find((one) => at(one, 'spec.nodeName') === node);
  const name = String(at(found, 'metadata.name'));
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } };
  const path = `/api/v1/namespaces/${stage.namespace}/pods/${name}/eviction`;
  const answer = await stage.send('POST', path, body);
  if (answer.status !== status) throw new Error(`was answered ${JSON.stringify(answer.body)}`);
};

const ready = (count: number) => (stage: Stage) =>
  stage.until('deployments', 'web', (web) => (at(web, 'status.readyReplicas') ?? 0) === count);
const pending = (count: number) => (stage: Stage) =>
  stage.untilAll(
    'pods',
    (pods) => pods.filter((one) => condition(one, 'PodScheduled')?.['status'] === 'False').length === count,
  );

/** Scripts that use up or change what all pods of a cluster share. */
export const nodeScripts: readonly Script[] = [
  script(
    'accelerators that are all in use make a pod wait until some are free',
    sees,
    fill,
    step(pod('third', gpus(8)), waiting('third')),
    step((stage) => stage.merge('deployments', 'web', { spec: { replicas: 1 } }), running('third')),
    step(
      (stage) => stage.remove('deployments', 'web'),
      (stage) => stage.untilAll('pods', (all) => all.length === 1),
    ),
    step((stage) => stage.remove('pods', 'third')),
  ),
  script(
    'a pod of higher priority takes the place of another',
    sees,
    fill,
    step(priority('script-high', 1000)),
    step(pod('urgent', { ...gpus(8), priorityClassName: 'script-high' }), async (stage) => {
      await running('urgent')(stage);
      await pending(1)(stage);
    }),
    step(priority('script-polite', 2000, { preemptionPolicy: 'Never' })),
    step(pod('polite', { ...gpus(8), priorityClassName: 'script-polite' }), waiting('polite')),
    step(
      async (stage) => {
        await stage.remove('pods', 'polite');
        await stage.remove('deployments', 'web');
        await stage.untilAll('pods', (all) => all.length === 1);
        await stage.remove('pods', 'urgent');
        for (const name of ['script-high', 'script-polite']) await stage.remove('priorityclasses', name);
      },
      (stage) => stage.untilAll('pods', (all) => all.length === 0),
    ),
  ),
  script(
    'a pod of higher priority spares what a budget keeps as long as it can',
    ['pods', 'events', 'poddisruptionbudgets'],
    // The younger of equal pods would have to go, were it not for its budget.
    step(single('free', { app: 'free' }), runs('free')),
    step(single('web', labels), runs('web')),
    step(pod('small'), running('small')),
    step(
      (stage) =>
        stage.create('poddisruptionbudgets', 'PodDisruptionBudget', {
          metadata: { name: 'web' },
          spec: { minAvailable: 2, selector: { matchLabels: labels } },
        }),
      (stage) => stage.until('poddisruptionbudgets', 'web', (web) => at(web, 'status.currentHealthy') === 2),
    ),
    step(priority('script-high', 1000)),
    step(pod('urgent', { ...gpus(8), priorityClassName: 'script-high' }, { labels: {} }), async (stage) => {
      await running('urgent')(stage);
      await pending(1)(stage);
      await runs('web')(stage);
    }),
    step(pod('pressing', { ...gpus(8), priorityClassName: 'script-high' }, { labels: {} }), async (stage) => {
      await running('pressing')(stage);
      await pending(2)(stage);
    }),
    step(
      async (stage) => {
        for (const name of ['free', 'web']) await stage.remove('deployments', name);
        for (const name of ['urgent', 'pressing', 'small']) await stage.remove('pods', name);
        await stage.remove('priorityclasses', 'script-high');
      },
      (stage) => stage.untilAll('pods', (all) => all.length === 0),
    ),
  ),
  script(
    'a pod waits where others leave for it, and keeps weaker ones from the room',
    sees,
    fillSlowly,
    step(priority('script-high', 1000)),
    step(pod('urgent', { ...gpus(8), priorityClassName: 'script-high' }), (stage) =>
      stage.until('pods', 'urgent', (urgent) => at(urgent, 'status.nominatedNodeName') !== undefined),
    ),
    step(pod('meek', gpus(8)), waiting('meek')),
    step(
      async (stage) => {
        const all = await stage.list('pods');
        const leaving = all.find((one) => at(one, 'metadata.deletionTimestamp') !== undefined);
        const options = { gracePeriodSeconds: 0 };
        await stage.remove('pods', String(at(leaving, 'metadata.name')), options);
      },
      async (stage) => {
        await running('urgent')(stage);
        await pending(2)(stage);
      },
    ),
    step(
      async (stage) => {
        // The one that still waits goes first, so that it does not get the room of the others.
        for (const name of ['meek', 'urgent']) await stage.remove('pods', name);
        await stage.remove('deployments', 'web');
        await stage.remove('priorityclasses', 'script-high');
        // Nobody makes pods any more then.
        await stage.untilAll('replicasets', (all) => all.length === 0);
        await stage.send('DELETE', `/api/v1/namespaces/${stage.namespace}/pods`, { gracePeriodSeconds: 0 });
      },
      (stage) => stage.untilAll('pods', (all) => all.length === 0),
    ),
  ),
  script(
    'a cordoned node takes no pods and keeps those that it has',
    ['pods'],
    fill,
    step(patchNode({ spec: { unschedulable: true } })),
    step(async (stage) => {
      const name = await firstNode(stage);
      const all = await stage.list('pods');
      const there = all.find((one) => at(one, 'spec.nodeName') === name);
      await stage.remove('pods', String(at(there, 'metadata.name')));
    }, pending(1)),
    step(patchNode({ spec: { unschedulable: null } }), ready(2)),
    step(
      (stage) => stage.remove('deployments', 'web'),
      (stage) => stage.untilAll('pods', (all) => all.length === 0),
    ),
  ),
  script(
    'a node is drained as far as a budget lets it',
    ['pods', 'poddisruptionbudgets'],
    fill,
    step(
      (stage) =>
        stage.create('poddisruptionbudgets', 'PodDisruptionBudget', {
          metadata: { name: 'web' },
          spec: { minAvailable: 2, selector: { matchLabels: labels } },
        }),
      (stage) => stage.until('poddisruptionbudgets', 'web', (web) => at(web, 'status.currentHealthy') === 2),
    ),
    step(patchNode({ spec: { unschedulable: true } })),
    step(evictFromFirst(429)),
    step(
      (stage) => stage.merge('poddisruptionbudgets', 'web', { spec: { minAvailable: 1 } }),
      (stage) =>
        stage.until('poddisruptionbudgets', 'web', (web) => at(web, 'status.disruptionsAllowed') === 1),
    ),
    step(evictFromFirst(201), pending(1)),
    step(patchNode({ spec: { unschedulable: null } }), ready(2)),
    step(
      (stage) => stage.remove('deployments', 'web'),
      (stage) => stage.untilAll('pods', (all) => all.length === 0),
    ),
  ),
  // The simulated agents of the real cluster leave a node alone that is marked as broken.
  script(
    'a node that is not ready loses its pods after the time that they tolerate',
    // What the scheduler says while a node comes back depends on when it looks.
    ['nodes', 'pods', 'deployments'],
    step((stage) => {
      const key = 'node.kubernetes.io/not-ready';
      const tolerations = [{ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 2 }];
      const spec = { ...gpus(8), tolerations };
      return stage.create(
        'deployments',
        'Deployment',
        workload({ replicas: 2, template: template('triton:1', { spec }) }),
      );
    }, ready(2)),
    step(setReady('False'), pending(1)),
    step(setReady('True'), async (stage) => {
      await ready(2)(stage);
      await stage.untilAll('nodes', (all) => all.every((one) => at(one, 'spec.taints') === undefined));
    }),
    step(
      (stage) => stage.remove('deployments', 'web'),
      (stage) => stage.untilAll('pods', (all) => all.length === 0),
    ),
  ),
  script(
    'a taint that pods do not tolerate drives them away',
    ['pods', 'deployments'],
    fill,
    step(patchNode({ spec: { taints: [{ key: 'broken', value: 'yes', effect: 'NoExecute' }] } }), pending(1)),
    step(patchNode({ spec: { taints: null } }), ready(2)),
    step(
      (stage) => stage.remove('deployments', 'web'),
      (stage) => stage.untilAll('pods', (all) => all.length === 0),
    ),
  ),
];
