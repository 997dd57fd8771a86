import { at, itemsAt } from '../body.ts';
import type { Body } from '../body.ts';
import { container, labels, loading, template, workload } from './samples.ts';
import { script, step } from './script.ts';
import type { Script } from './script.ts';
import { condition } from './stage.ts';
import type { Stage } from './stage.ts';

const deploy =
  (spec = {}) =>
  (stage: Stage) =>
    stage.create('deployments', 'Deployment', workload(spec));
const available = (count: number) => (stage: Stage) =>
  stage.until('deployments', 'web', (web) => (at(web, 'status.availableReplicas') ?? 0) === count);

const budget = (spec: Body) => (stage: Stage) =>
  stage.create('poddisruptionbudgets', 'PodDisruptionBudget', {
    metadata: { name: 'web' },
    spec: { selector: { matchLabels: labels }, ...spec },
  });
const allowed = (count: number) => (stage: Stage) =>
  stage.until('poddisruptionbudgets', 'web', (web) => at(web, 'status.disruptionsAllowed') === count);

const evict = async (stage: Stage) => {
  const ready = (await stage.list('pods')).find((pod) => condition(pod, 'Ready')?.['status'] === 'True');
  const name = String(at(ready, 'metadata.name'));
  const path = `/api/v1/namespaces/${stage.namespace}/pods/${name}/eviction`;
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } };
  return stage.send('POST', path, body);
};
const expectCode = (code: number) => async (stage: Stage) => {
  const { status, body } = await evict(stage);
  if (status !== code)
    throw new Error(`the eviction was answered ${String(status)}: ${JSON.stringify(body)}`);
};

const budgetSees = ['poddisruptionbudgets', 'pods', 'events'];

const budgets: readonly Script[] = [
  script(
    'a budget allows an eviction and refuses the next',
    budgetSees,
    step(deploy({ template: template('web:1', { annotations: loading('4s') }) }), available(3)),
    step(budget({ minAvailable: 2 }), allowed(1)),
    step(expectCode(201), allowed(0)),
    step(expectCode(429)),
  ),
  script(
    'a budget of what may be unavailable counts from what is wanted',
    budgetSees,
    step(deploy({ replicas: 4 }), available(4)),
    step(budget({ maxUnavailable: '25%' }), allowed(1)),
    step((stage) => stage.merge('deployments', 'web', { spec: { replicas: 8 } }), allowed(2)),
  ),
  script(
    'a budget without pods allows nothing',
    budgetSees,
    step(budget({ minAvailable: 1 }), (stage) =>
      stage.until('poddisruptionbudgets', 'web', (web) => condition(web, 'DisruptionAllowed') !== undefined),
    ),
  ),
  script(
    'a budget of lone pods cannot count in percent',
    budgetSees,
    step(
      (stage) =>
        stage.create('pods', 'Pod', {
          metadata: { name: 'lone', labels },
          spec: { containers: [container()] },
        }),
      (stage) => stage.until('pods', 'lone', (lone) => at(lone, 'status.phase') === 'Running'),
    ),
    step(budget({ maxUnavailable: '50%' }), (stage) =>
      stage.until('poddisruptionbudgets', 'web', (web) => condition(web, 'DisruptionAllowed') !== undefined),
    ),
  ),
];

const scalerSees = ['horizontalpodautoscalers', 'deployments', 'events'];
const scaler =
  (spec: Body, target: Body = {}) =>
  (stage: Stage) =>
    stage.create('horizontalpodautoscalers', 'HorizontalPodAutoscaler', {
      metadata: { name: 'web' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', ...target },
        ...spec,
      },
    });
const scaled = (reason: string) => (stage: Stage) =>
  stage.until(
    'horizontalpodautoscalers',
    'web',
    (web) => condition(web, 'AbleToScale')?.['reason'] === reason,
  );

const autoscalers: readonly Script[] = [
  script(
    'an autoscaler raises its target to the least',
    scalerSees,
    step(deploy({ replicas: 1 }), available(1)),
    step(scaler({ minReplicas: 3, maxReplicas: 5 }), available(3)),
  ),
  script(
    'an autoscaler lowers its target to the most',
    scalerSees,
    step(deploy({ replicas: 4 }), available(4)),
    step(scaler({ minReplicas: 1, maxReplicas: 2 }), available(2)),
  ),
  script(
    'an autoscaler leaves a target at nothing alone',
    scalerSees,
    step(deploy({ replicas: 0 }), available(0)),
    step(scaler({ minReplicas: 1, maxReplicas: 2 }), (stage) =>
      stage.until('horizontalpodautoscalers', 'web', (web) => condition(web, 'ScalingActive') !== undefined),
    ),
  ),
  script(
    'autoscalers that share pods do nothing',
    ['horizontalpodautoscalers', 'deployments'],
    step(deploy({ replicas: 2 }), available(2)),
    step(scaler({ maxReplicas: 4 })),
    step(
      (stage) =>
        stage.create('horizontalpodautoscalers', 'HorizontalPodAutoscaler', {
          metadata: { name: 'again' },
          spec: {
            scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
            maxReplicas: 6,
          },
        }),
      (stage) =>
        stage.untilAll('horizontalpodautoscalers', (all) =>
          all.every((one) => condition(one, 'ScalingActive')?.['reason'] === 'AmbiguousSelector'),
        ),
    ),
  ),
  script(
    'an autoscaler says when its target is not there',
    scalerSees,
    step(scaler({ maxReplicas: 2 }, { name: 'absent' }), scaled('FailedGetScale')),
  ),
  script(
    'an autoscaler says when its target is of no kind',
    scalerSees,
    step(
      scaler({ maxReplicas: 2 }, { apiVersion: 'example.com/v1', kind: 'Absent' }),
      scaled('FailedGetScale'),
    ),
  ),
];

const serviceSees = ['services', 'endpointslices', 'endpoints'];
const service =
  (spec: Body = {}) =>
  (stage: Stage) =>
    stage.create('services', 'Service', {
      metadata: { name: 'web', labels: { team: 'ml' } },
      spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 8080 }], ...spec },
    });
const endpoints = (count: number) => (stage: Stage) =>
  stage.untilAll(
    'endpointslices',
    (slices) => slices.flatMap((slice) => itemsAt(slice, 'endpoints')).length === count,
  );

const services: readonly Script[] = [
  script(
    'a service lists ready pods',
    serviceSees,
    step(service(), endpoints(0)),
    step(deploy({ replicas: 2 }), endpoints(2)),
    step((stage) => stage.merge('deployments', 'web', { spec: { replicas: 1 } }), endpoints(1)),
    step(
      (stage) => stage.remove('services', 'web'),
      (stage) => stage.untilAll('endpointslices', (all) => all.length === 0),
    ),
  ),
  script(
    'a service lists pods that are not ready apart',
    serviceSees,
    step(service(), endpoints(0)),
    step(deploy({ replicas: 1, template: template('web:1', { annotations: loading('1h') }) }), endpoints(1)),
  ),
  script(
    'a headless service of a named port lists pods too',
    serviceSees,
    step(service({ clusterIP: 'None', ports: [{ port: 80, targetPort: 'http' }] }), endpoints(0)),
    step(
      deploy({
        replicas: 1,
        template: template('web:1', {
          spec: { containers: [container('web:1', { ports: [{ name: 'http', containerPort: 9000 }] })] },
        }),
      }),
      endpoints(1),
    ),
  ),
  script('a service without a selector lists nothing', serviceSees, step(service({ selector: null }))),
];

const maps = (stage: Stage) => stage.list('configmaps');
const map =
  (name: string, metadata: Body = {}) =>
  (stage: Stage) =>
    stage.create('configmaps', 'ConfigMap', { metadata: { name, ...metadata } });
const ownedBy =
  (owner: string, more: Body = {}) =>
  async (stage: Stage) => {
    const found = await stage.get('configmaps', owner);
    return {
      ownerReferences: [
        { ...{ apiVersion: 'v1', kind: 'ConfigMap', name: owner, uid: at(found, 'metadata.uid') }, ...more },
      ],
    };
  };
const names = async (stage: Stage) => (await maps(stage)).map((one) => at(one, 'metadata.name'));
const left =
  (...wanted: string[]) =>
  async (stage: Stage) => {
    await stage.untilAll('configmaps', (all) => {
      const found = all
        .map((one) => String(at(one, 'metadata.name')))
        .filter((name) => name !== 'kube-root-ca.crt');
      return found.sort().join() === wanted.sort().join();
    });
    await names(stage);
  };

const collector: readonly Script[] = [
  script(
    'what belonged to an object goes with it, and what belonged to that',
    ['configmaps'],
    step(map('owner')),
    step(async (stage) => map('child', await ownedBy('owner')(stage))(stage)),
    step(async (stage) => map('grandchild', await ownedBy('child')(stage))(stage)),
    step((stage) => stage.remove('configmaps', 'owner'), left()),
  ),
  script(
    'an owner waits for dependents that block it',
    ['configmaps'],
    step(map('owner')),
    step(async (stage) =>
      map('held', {
        ...(await ownedBy('owner', { blockOwnerDeletion: true })(stage)),
        finalizers: ['example.com/hold'],
      })(stage),
    ),
    step(
      (stage) => stage.remove('configmaps', 'owner', { propagationPolicy: 'Foreground' }),
      (stage) =>
        stage.until('configmaps', 'held', (held) => at(held, 'metadata.deletionTimestamp') !== undefined),
    ),
    step((stage) => stage.merge('configmaps', 'held', { metadata: { finalizers: null } }), left()),
  ),
  script(
    'dependents are let loose when asked',
    ['configmaps'],
    step(map('owner')),
    step(async (stage) => map('child', await ownedBy('owner')(stage))(stage)),
    step((stage) => stage.remove('configmaps', 'owner', { propagationPolicy: 'Orphan' }), left('child')),
  ),
  script(
    'an owner that never was is gone',
    ['configmaps'],
    step(
      map('orphan', {
        ownerReferences: [
          { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'a3b1c2d3-0000-4000-8000-000000000000' },
        ],
      }),
      left(),
    ),
  ),
  script(
    'a namespace gets what pods need',
    ['configmaps', 'serviceaccounts'],
    step(
      async () => undefined,
      (stage) => stage.until('configmaps', 'kube-root-ca.crt', (found) => found !== undefined),
    ),
    step(
      (stage) => stage.remove('serviceaccounts', 'default'),
      (stage) => stage.until('serviceaccounts', 'default', (found) => found !== undefined),
    ),
  ),
];

const claim =
  (spec: Body = {}) =>
  (stage: Stage) =>
    stage.create('persistentvolumeclaims', 'PersistentVolumeClaim', {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
    });

const storage: readonly Script[] = [
  script(
    'a claim without a class waits for a volume',
    ['persistentvolumeclaims', 'events'],
    step(claim({ storageClassName: '' }), async (stage) => {
      await stage.untilAll('events', (all) => all.length > 0);
    }),
  ),
  script(
    'a claim of a class that is not there waits',
    ['persistentvolumeclaims', 'events'],
    step(claim({ storageClassName: 'absent' }), async (stage) => {
      await stage.untilAll('events', (all) => all.length > 0);
    }),
  ),
];

/** What services, budgets, autoscalers, claims and the collector of garbage come to. */
export const clusterScripts: readonly Script[] = [
  ...budgets,
  ...autoscalers,
  ...services,
  ...collector,
  ...storage,
];
