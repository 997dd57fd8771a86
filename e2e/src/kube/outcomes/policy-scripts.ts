import { at } from '../body.ts';
import type { Body } from '../body.ts';
import { labels, loading, template, workload } from './samples.ts';
import { script, step } from './script.ts';
import type { Script } from './script.ts';
import { condition } from './stage.ts';
import type { Stage } from './stage.ts';

const used = (name: string, amount: string) => (stage: Stage) =>
  stage.until('resourcequotas', 'team', (quota) => itemOf(quota, 'status.used', name) === amount);

function itemOf(object: unknown, path: string, name: string): unknown {
  const found = at(object, path);
  return typeof found === 'object' && found !== null ? Reflect.get(found, name) : undefined;
}

const scale = (replicas: number) => (stage: Stage) =>
  stage.merge('deployments', 'web', { spec: { replicas } });
const pods = (count: number) => (stage: Stage) => stage.untilAll('pods', (all) => all.length === count);

/** Asks to evict a pod that runs, and demands an answer. */
const evict = (code: number) => async (stage: Stage) => {
  const running = (await stage.list('pods')).find((pod) => at(pod, 'status.phase') === 'Running');
  const name = String(at(running, 'metadata.name'));
  const path = `/api/v1/namespaces/${stage.namespace}/pods/${name}/eviction`;
  const eviction: Body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } };
  const { status, body } = await stage.send('POST', path, eviction);
  if (status !== code)
    throw new Error(`the eviction was answered ${String(status)}: ${JSON.stringify(body)}`);
};

const counted = (stage: Stage) =>
  stage.until(
    'poddisruptionbudgets',
    'web',
    (web) =>
      at(web, 'status.observedGeneration') === at(web, 'metadata.generation') &&
      at(web, 'status.expectedPods') === 2,
  );

const finalizers = (names: readonly string[] | null): Body => ({ metadata: { finalizers: names } });

/** Scripts of quotas, of evictions past a budget, and of the end of a namespace. */
export const policyScripts: readonly Script[] = [
  script(
    'a quota counts what is there and gives back what goes',
    ['resourcequotas', 'pods'],
    step(
      (stage) =>
        stage.create('resourcequotas', 'ResourceQuota', {
          metadata: { name: 'team' },
          spec: {
            hard: { pods: '2', services: '3', 'count/deployments.apps': '4', 'requests.storage': '9Gi' },
          },
        }),
      used('pods', '0'),
    ),
    step((stage) => stage.create('deployments', 'Deployment', workload()), used('pods', '2')),
    step(scale(1), used('pods', '1')),
    step((stage) => stage.remove('deployments', 'web'), used('count/deployments.apps', '0')),
  ),
  script(
    'a pod that is not ready is evicted past a budget that says so',
    ['poddisruptionbudgets', 'pods'],
    step(
      (stage) =>
        stage.create(
          'deployments',
          'Deployment',
          workload({ replicas: 2, template: template('web:1', { annotations: loading('1h') }) }),
        ),
      (stage) =>
        stage.untilAll(
          'pods',
          (all) => all.filter((one) => at(one, 'status.phase') === 'Running').length === 2,
        ),
    ),
    step(
      (stage) =>
        stage.create('poddisruptionbudgets', 'PodDisruptionBudget', {
          metadata: { name: 'web' },
          spec: { selector: { matchLabels: labels }, minAvailable: 1 },
        }),
      counted,
    ),
    step(evict(429)),
    step(
      (stage) =>
        stage.merge('poddisruptionbudgets', 'web', { spec: { unhealthyPodEvictionPolicy: 'AlwaysAllow' } }),
      counted,
    ),
    step(evict(201), pods(2)),
  ),
  script(
    'a namespace goes with what is in it, and waits for finalizers',
    ['configmaps', 'pods', 'deployments', 'replicasets'],
    step(async (stage) => {
      await stage.create('configmaps', 'ConfigMap', {
        metadata: { name: 'held', finalizers: ['example.com/hold'] },
      });
      await stage.create('deployments', 'Deployment', workload({ replicas: 2 }));
    }, pods(2)),
    step(
      (stage) => stage.send('DELETE', `/api/v1/namespaces/${stage.namespace}`),
      (stage) =>
        stage.until(
          'namespaces',
          stage.namespace,
          (namespace) =>
            condition(namespace, 'NamespaceFinalizersRemaining')?.['message'] ===
              'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances' &&
            condition(namespace, 'NamespaceContentRemaining')?.['message'] ===
              'Some resources are remaining: configmaps. has 1 resource instances',
        ),
    ),
    step(
      (stage) => stage.merge('configmaps', 'held', finalizers(null)),
      (stage) => stage.until('namespaces', stage.namespace, (namespace) => namespace === undefined),
    ),
  ),
];
