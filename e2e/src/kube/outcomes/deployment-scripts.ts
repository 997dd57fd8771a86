import { at, itemsAt } from '../body.ts';
import { labels, loading, template, workload } from './samples.ts';
import { script, step } from './script.ts';
import type { Script, Step } from './script.ts';
import { condition } from './stage.ts';
import type { Stage } from './stage.ts';

const sees = ['deployments', 'replicasets', 'pods', 'events'];

const create =
  (spec = {}, metadata = {}) =>
  (stage: Stage) =>
    stage.create('deployments', 'Deployment', workload(spec, metadata));
const change = (spec: object) => (stage: Stage) => stage.merge('deployments', 'web', { spec });

/** Waits until the rollout of the present template is complete. */
const rolledOut = (stage: Stage) =>
  stage.until('deployments', 'web', (web) => {
    const wanted = at(web, 'spec.replicas');
    const counts = ['replicas', 'updatedReplicas', 'availableReplicas'].map(
      (name) => at(web, `status.${name}`) ?? 0,
    );
    return isObserved(web) && counts.every((count) => count === wanted);
  });

const isObserved = (web: unknown) => at(web, 'metadata.generation') === at(web, 'status.observedGeneration');

const untilReason = (type: string, reason: string) => (stage: Stage) =>
  stage.until('deployments', 'web', (web) => isObserved(web) && condition(web, type)?.['reason'] === reason);

const untilCount = (path: string, count: number) => (stage: Stage) =>
  stage.until('deployments', 'web', (web) => isObserved(web) && (at(web, path) ?? 0) === count);

const forward: readonly Step[] = [
  step(create(), rolledOut),
  step(change({ template: template('web:2') }), rolledOut),
];

/** What deployments come to. */
export const deploymentScripts: readonly Script[] = [
  script(
    'a deployment rolls forward, back to its first template, and forward again',
    sees,
    ...forward,
    step(change({ template: template('web:1') }), rolledOut),
    step(change({ template: template('web:2') }), rolledOut),
  ),
  script(
    'a deployment scales up, down and to nothing',
    sees,
    step(create({ replicas: 1 }), rolledOut),
    step(change({ replicas: 4 }), rolledOut),
    step(change({ replicas: 2 }), rolledOut),
    step(change({ replicas: 0 }), rolledOut),
    step((stage) => stage.merge('deployments', 'web', { spec: { replicas: 2 } }, 'scale'), rolledOut),
  ),
  script(
    'a paused deployment changes nothing until it goes on',
    sees,
    step(create(), rolledOut),
    step(
      change({ paused: true, template: template('web:2') }),
      untilReason('Progressing', 'DeploymentPaused'),
    ),
    step(change({ replicas: 5 }), untilCount('status.availableReplicas', 5)),
    step(change({ paused: false }), rolledOut),
  ),
  script(
    'a bad image is held by what may be unavailable',
    sees,
    step(create({ replicas: 4, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } }), rolledOut),
    step(change({ template: template('missing:2') }), untilCount('status.unavailableReplicas', 2)),
    step(change({ replicas: 6 }), untilCount('status.replicas', 7)),
    step(change({ template: template('web:1') }), rolledOut),
  ),
  script(
    'a deployment exceeds its progress deadline and recovers',
    sees,
    step(create(), rolledOut),
    step(
      change({ progressDeadlineSeconds: 2, template: template('missing:2') }),
      untilReason('Progressing', 'ProgressDeadlineExceeded'),
    ),
    step(change({ template: template('web:3') }), rolledOut),
  ),
  script(
    'a first rollout that never comes exceeds its deadline',
    sees,
    step(
      create({ progressDeadlineSeconds: 2, template: template('missing:1') }),
      untilReason('Progressing', 'ProgressDeadlineExceeded'),
    ),
    step(change({ progressDeadlineSeconds: 600 }), (stage) => stage.until('deployments', 'web', isObserved)),
  ),
  script(
    'recreate takes old pods away before new ones come',
    sees,
    step(create({ strategy: { type: 'Recreate' } }), rolledOut),
    step(change({ template: template('web:2') }), rolledOut),
  ),
  script(
    'percentages of surge and absence are rounded',
    sees,
    step(
      create({ replicas: 5, strategy: { rollingUpdate: { maxSurge: '30%', maxUnavailable: '30%' } } }),
      rolledOut,
    ),
    step(change({ template: template('missing:2') }), untilCount('status.updatedReplicas', 3)),
  ),
  script(
    'old replica sets beyond the limit are deleted',
    sees,
    step(create({ revisionHistoryLimit: 1 }), rolledOut),
    step(change({ template: template('web:2') }), rolledOut),
    step(change({ template: template('web:3') }), rolledOut),
    step(change({ revisionHistoryLimit: 0 }), (stage) =>
      stage.untilAll('replicasets', (sets) => sets.length === 1),
    ),
  ),
  script(
    'a model that loads is available after it has been ready long enough',
    sees,
    step(
      create({
        replicas: 1,
        minReadySeconds: 2,
        template: template('web:1', { annotations: loading('1s') }),
      }),
      rolledOut,
    ),
  ),
  script(
    'labels, annotations and change causes come to replica sets',
    sees,
    step(
      create(
        {},
        { labels: { team: 'ml' }, annotations: { 'kubernetes.io/change-cause': 'first', note: 'a' } },
      ),
      rolledOut,
    ),
    step(
      (stage) =>
        stage.merge('deployments', 'web', {
          metadata: { annotations: { 'kubernetes.io/change-cause': 'second', note: 'b' } },
          spec: { template: template('web:2') },
        }),
      rolledOut,
    ),
    step(
      (stage) => stage.merge('deployments', 'web', { metadata: { annotations: { note: 'c' } } }),
      (stage) => stage.untilAll('replicasets', (sets) => JSON.stringify(sets).includes('"note":"c"')),
    ),
  ),
  script(
    'a deployment is deleted with its dependents, by default and in the foreground',
    sees,
    step(create({ replicas: 2 }), rolledOut),
    step((stage) => stage.remove('deployments', 'web', { propagationPolicy: 'Foreground' }), gone),
    step(create({ replicas: 2 }), rolledOut),
    step((stage) => stage.remove('deployments', 'web'), gone),
  ),
  script(
    'a deployment is deleted without its dependents, and another adopts them',
    sees,
    step(create({ replicas: 2 }), rolledOut),
    step(
      (stage) => stage.remove('deployments', 'web', { propagationPolicy: 'Orphan' }),
      (stage) =>
        stage.untilAll('replicasets', (sets) =>
          sets.every((set) => itemsAt(set, 'metadata.ownerReferences').length === 0),
        ),
    ),
    step(create({ replicas: 3 }), rolledOut),
  ),
  script(
    'a pod that is deleted is replaced',
    sees,
    step(create({ replicas: 2 }), rolledOut),
    step(
      async (stage) => {
        const [first] = await stage.list('pods');
        await stage.remove('pods', String(at(first, 'metadata.name')));
      },
      async (stage) => {
        await stage.untilAll('pods', (pods) => pods.length === 2);
        await rolledOut(stage);
      },
    ),
  ),
  script(
    'the selector takes what its labels say, by label of the pods',
    ['replicasets', 'pods', 'events'],
    step(
      (stage) => stage.create('replicasets', 'ReplicaSet', workload({ replicas: 2 })),
      (stage) => stage.until('replicasets', 'web', (set) => at(set, 'status.availableReplicas') === 2),
    ),
    step(
      async (stage) => {
        const [first] = await stage.list('pods');
        await stage.merge('pods', String(at(first, 'metadata.name')), {
          metadata: { labels: { app: 'other' } },
        });
      },
      (stage) =>
        stage.untilAll(
          'pods',
          (pods) => pods.length === 3 && pods.every((pod) => at(pod, 'status.phase') === 'Running'),
        ),
    ),
    step(
      async (stage) => {
        const pods = await stage.list('pods');
        const other = pods.find((pod) => at(pod, 'metadata.labels.app') === 'other');
        await stage.merge('pods', String(at(other, 'metadata.name')), { metadata: { labels } });
      },
      (stage) => stage.untilAll('pods', (pods) => pods.length === 2),
    ),
  ),
  script(
    'a replica set adopts pods that match it',
    ['replicasets', 'pods', 'events'],
    step(
      (stage) => stage.create('pods', 'Pod', { metadata: { name: 'lone', labels }, ...specOf(template()) }),
      (stage) => stage.until('pods', 'lone', (pod) => at(pod, 'status.phase') === 'Running'),
    ),
    step(
      (stage) => stage.create('replicasets', 'ReplicaSet', workload({ replicas: 2 })),
      (stage) => stage.until('replicasets', 'web', (set) => at(set, 'status.availableReplicas') === 2),
    ),
  ),
];

function specOf(from: object): object {
  return { spec: at(from, 'spec') };
}

async function gone(stage: Stage): Promise<void> {
  for (const resource of ['deployments', 'replicasets', 'pods']) {
    await stage.untilAll(resource, (objects) => objects.length === 0);
  }
}
