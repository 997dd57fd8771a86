import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCluster } from '../../cluster/sim-cluster.ts';
import { itemsAt, numberAt, objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { runControllers } from '../all-controllers.ts';
import { ClusterClient } from '../cluster-client.ts';
import type { ControllerLoop } from '../controller-loop.ts';
import { VirtualClock } from '../virtual-clock.ts';

const second = 1_000;
let clock: VirtualClock;
let client: ClusterClient;
let loop: ControllerLoop;
let errors: unknown[];
beforeEach(() => {
  clock = new VirtualClock(Date.parse('2026-11-24T10:00:00Z'));
  const cluster = createCluster({ tokens: {}, address: () => '', nowMs: () => clock.nowMs() });
  client = new ClusterClient(cluster.core, 'test');
  errors = [];
  loop = runControllers(cluster.core, {
    clock,
    caPem: '',
    onError: (error) => errors.push(error instanceof Error ? error.message : error),
  });
  for (const name of ['node-0', 'node-1']) {
    const amounts = { cpu: '64', memory: '512Gi', pods: '250' };
    client.create('nodes', {
      ...{ apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { name } } },
      status: { capacity: amounts, allocatable: amounts },
    });
  }
});
afterEach(async () => {
  await loop[Symbol.asyncDispose]();
  expect(errors).toEqual([]);
});

const labels = { app: 'web' };
const templateOf = (image: string, more: JsonObject = {}, annotations = {}) => ({
  metadata: { labels, annotations },
  spec: { containers: [{ name: 'server', image }], ...more },
});
function create(resource: string, apiVersion: string, kind: string, spec: JsonObject): KubeObject {
  return client.create(resource, { apiVersion, kind, metadata: { name: 'web', namespace: 'default' }, spec });
}
const refTo = (resource: string) => ({ resource, namespace: 'default', name: 'web' });
const at = (resource: string) => client.get(refTo(resource));
const statusOf = (resource: string) => objectAt(at(resource), 'status');
const conditionOf = (resource: string, type: string) =>
  itemsAt(at(resource), 'status', 'conditions').find((one) => textAt(one, 'type') === type);
const podNames = () => client.list('pods', 'default').map(({ metadata }) => metadata.name);
const setImage = (resource: string, image: string) =>
  client.change(refTo(resource), (draft) => {
    const template = objectAt(draft, 'spec', 'template', 'spec') ?? {};
    template['containers'] = [{ name: 'server', image }];
  });
const imagesOf = () =>
  client.list('pods', 'default').map((pod) => textAt(itemsAt(pod, 'spec', 'containers')[0], 'image'));

describe('a deployment', () => {
  const deploy = (spec: JsonObject = {}) =>
    create('deployments.apps', 'apps/v1', 'Deployment', {
      ...{ replicas: 3, selector: { matchLabels: labels }, template: templateOf('web:1') },
      ...spec,
    });

  test('comes to be available through a replica set', async () => {
    deploy();
    await clock.advance(second);
    const [set] = client.list('replicasets.apps', 'default');
    expect(statusOf('deployments.apps')).toMatchObject({
      ...{ observedGeneration: 1, replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 },
    });
    expect(conditionOf('deployments.apps', 'Progressing')).toMatchObject({
      status: 'True',
      reason: 'NewReplicaSetAvailable',
      message: `ReplicaSet "${set?.metadata.name ?? ''}" has successfully progressed.`,
    });
    expect(conditionOf('deployments.apps', 'Available')).toMatchObject({
      reason: 'MinimumReplicasAvailable',
    });
    expect(at('deployments.apps')?.metadata.annotations).toEqual({
      'deployment.kubernetes.io/revision': '1',
    });
    expect(set?.metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/desired-replicas': '3',
      'deployment.kubernetes.io/max-replicas': '4',
    });
  });

  test('never has fewer available pods, nor more pods, than its strategy allows', async () => {
    const slow = { 'sandbox.meridian.dev/load-time': '5s' };
    deploy({ template: templateOf('web:1', {}, slow) });
    await clock.advance(10 * second);
    setImage('deployments.apps', 'web:2');
    const seen: { available: number; pods: number }[] = [];
    for (let step = 0; step < 40; step += 1) {
      await clock.advance(second);
      const available = numberAt(statusOf('deployments.apps'), 'availableReplicas') ?? 0;
      seen.push({ available, pods: podNames().length });
    }
    expect(Math.min(...seen.map(({ available }) => available))).toBe(3);
    expect(Math.max(...seen.map(({ pods }) => pods))).toBe(4);
    expect(imagesOf()).toEqual(['web:2', 'web:2', 'web:2']);
    expect(at('deployments.apps')?.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('2');
  });

  test('keeps its old pods when the new image does not exist, and says when its time is over', async () => {
    deploy({ progressDeadlineSeconds: 60 });
    await clock.advance(second);
    setImage('deployments.apps', 'missing:2');
    await clock.advance(30 * second);
    expect(imagesOf().filter((image) => image === 'web:1')).toHaveLength(3);
    expect(textAt(conditionOf('deployments.apps', 'Progressing'), 'status')).toBe('True');
    await clock.advance(60 * second);
    expect(conditionOf('deployments.apps', 'Progressing')).toMatchObject({
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
    });
    setImage('deployments.apps', 'web:1');
    await clock.advance(5 * second);
    expect(imagesOf()).toEqual(['web:1', 'web:1', 'web:1']);
    expect(conditionOf('deployments.apps', 'Progressing')).toMatchObject({ status: 'True' });
    expect(at('deployments.apps')?.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3');
  });

  test('that recreates starts new pods only when the old ones are gone', async () => {
    deploy({
      strategy: { type: 'Recreate' },
      template: templateOf('web:1', {}, { 'sandbox.meridian.dev/stop-time': '5s' }),
    });
    await clock.advance(second);
    setImage('deployments.apps', 'web:2');
    await clock.advance(3 * second);
    expect(new Set(imagesOf())).toEqual(new Set(['web:1']));
    await clock.advance(5 * second);
    expect(imagesOf()).toEqual(['web:2', 'web:2', 'web:2']);
  });

  test('scales both ways, and does nothing new while it is paused', async () => {
    deploy();
    await clock.advance(second);
    const spec = (edit: (spec: JsonObject) => void) =>
      client.change(refTo('deployments.apps'), (draft) => edit(objectAt(draft, 'spec') ?? {}));
    spec((draft) => void (draft['replicas'] = 5));
    await clock.advance(second);
    expect(podNames()).toHaveLength(5);
    spec((draft) => void Object.assign(draft, { replicas: 1, paused: true }));
    setImage('deployments.apps', 'web:2');
    await clock.advance(second);
    expect(imagesOf()).toEqual(['web:1']);
    spec((draft) => void delete draft['paused']);
    await clock.advance(second);
    expect(imagesOf()).toEqual(['web:2']);
  });

  test('takes its pods along when it is deleted', async () => {
    deploy();
    await clock.advance(second);
    client.remove(refTo('deployments.apps'));
    await clock.advance(second);
    expect(podNames()).toEqual([]);
    expect(client.list('replicasets.apps')).toEqual([]);
  });
});

describe('a stateful set', () => {
  const deploy = (spec: JsonObject = {}) =>
    create('statefulsets.apps', 'apps/v1', 'StatefulSet', {
      ...{ replicas: 3, serviceName: 'web', selector: { matchLabels: labels } },
      template: templateOf('web:1', {}, { 'sandbox.meridian.dev/load-time': '5s' }),
      ...spec,
    });

  test('starts its pods one after the other, each with claims of its own', async () => {
    const resources = { requests: { storage: '1Gi' } };
    const spec = { accessModes: ['ReadWriteOnce'], resources, storageClassName: 'standard' };
    client.create('storageclasses.storage.k8s.io', {
      ...{ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'standard' } },
      provisioner: 'simulated.sandbox.meridian.dev',
    });
    deploy({ volumeClaimTemplates: [{ metadata: { name: 'data' }, spec }] });
    await clock.advance(4 * second);
    expect(podNames()).toEqual(['web-0']);
    await clock.advance(4 * second);
    expect(podNames()).toEqual(['web-0', 'web-1']);
    await clock.advance(10 * second);
    expect(statusOf('statefulsets.apps')).toMatchObject({
      replicas: 3,
      readyReplicas: 3,
      updatedReplicas: 3,
    });
    expect(client.list('persistentvolumeclaims').map(({ metadata }) => metadata.name)).toEqual([
      'data-web-0',
      'data-web-1',
      'data-web-2',
    ]);
    client.remove(refTo('statefulsets.apps'));
    client.remove({ resource: 'persistentvolumeclaims', namespace: 'default', name: 'data-web-2' });
    await clock.advance(5 * second);
    expect(client.list('persistentvolumes')).toHaveLength(2);
    expect(client.list('persistentvolumeclaims')).toHaveLength(2);
  });

  test('updates from the highest number down to its partition', async () => {
    deploy({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } });
    await clock.advance(30 * second);
    setImage('statefulsets.apps', 'web:2');
    await clock.advance(3 * second);
    expect(imagesOf()).toEqual(['web:1', 'web:1', 'web:2']);
    await clock.advance(30 * second);
    expect(imagesOf()).toEqual(['web:1', 'web:2', 'web:2']);
    const { currentRevision, updateRevision } = statusOf('statefulsets.apps') ?? {};
    expect(currentRevision).not.toBe(updateRevision);
  });

  test('scales down from the highest number', async () => {
    deploy({ podManagementPolicy: 'Parallel' });
    await clock.advance(6 * second);
    expect(podNames()).toHaveLength(3);
    client.change(
      refTo('statefulsets.apps'),
      (draft) => void Object.assign(objectAt(draft, 'spec') ?? {}, { replicas: 1 }),
    );
    await clock.advance(second);
    expect(podNames()).toEqual(['web-0']);
  });

  test('loses claims with pods that are scaled away, and waits for those before it makes new ones', async () => {
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
    deploy({
      persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete', whenDeleted: 'Retain' },
      podManagementPolicy: 'Parallel',
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec }],
    });
    const claim = { resource: 'persistentvolumeclaims', namespace: 'default', name: 'data-web-2' };
    const scale = (replicas: number) =>
      client.change(
        refTo('statefulsets.apps'),
        (draft) => void Object.assign(objectAt(draft, 'spec') ?? {}, { replicas }),
        'scale',
      );
    await clock.advance(second);
    client.change(claim, ({ metadata }) => void (metadata.finalizers = ['example.com/hold']));
    scale(1);
    await clock.advance(second);
    expect(client.list('persistentvolumeclaims').map(({ metadata }) => metadata.name)).toEqual([
      'data-web-0',
      'data-web-2',
    ]);
    scale(3);
    await clock.advance(second);
    expect(podNames()).toEqual(['web-0', 'web-1']);
    client.change(claim, ({ metadata }) => delete metadata.finalizers);
    await clock.advance(second);
    expect(podNames()).toEqual(['web-0', 'web-1', 'web-2']);
  });
});

describe('a daemon set', () => {
  const deploy = (spec: JsonObject = {}) =>
    create('daemonsets.apps', 'apps/v1', 'DaemonSet', {
      ...{ selector: { matchLabels: labels }, template: templateOf('web:1') },
      ...spec,
    });
  const nodesOf = () => client.list('pods').map((pod) => textAt(pod, 'spec', 'nodeName'));

  test('has a pod on every node that takes it, also on one that comes later', async () => {
    deploy();
    await clock.advance(second);
    expect(nodesOf().sort()).toEqual(['node-0', 'node-1']);
    client.create('nodes', {
      ...{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-2' } },
      status: { allocatable: { pods: '10' } },
    });
    await clock.advance(second);
    expect(statusOf('daemonsets.apps')).toMatchObject({ desiredNumberScheduled: 3, numberReady: 3 });
  });

  test('keeps to its node selector', async () => {
    deploy({ template: templateOf('web:1', { nodeSelector: { name: 'node-1' } }) });
    await clock.advance(second);
    expect(nodesOf()).toEqual(['node-1']);
  });

  test('replaces its pods one node at a time', async () => {
    deploy({ template: templateOf('web:1', {}, { 'sandbox.meridian.dev/load-time': '5s' }) });
    await clock.advance(10 * second);
    setImage('daemonsets.apps', 'web:2');
    await clock.advance(second);
    expect(imagesOf().sort()).toEqual(['web:1', 'web:2']);
    await clock.advance(20 * second);
    expect(imagesOf()).toEqual(['web:2', 'web:2']);
  });
});

describe('a job', () => {
  const run = (spec: JsonObject = {}, image = 'train:1') =>
    create('jobs.batch', 'batch/v1', 'Job', {
      template: templateOf(image, { restartPolicy: 'Never' }, { 'sandbox.meridian.dev/run-time': '5s' }),
      ...spec,
    });

  test('completes once enough pods have succeeded', async () => {
    run({ completions: 3, parallelism: 2 });
    await clock.advance(3 * second);
    expect(statusOf('jobs.batch')).toMatchObject({ active: 2 });
    await clock.advance(20 * second);
    expect(statusOf('jobs.batch')).toMatchObject({ succeeded: 3 });
    expect(conditionOf('jobs.batch', 'Complete')).toMatchObject({
      status: 'True',
      reason: 'CompletionsReached',
    });
  });

  test('with indexes does each of them once', async () => {
    run({ completions: 3, parallelism: 3, completionMode: 'Indexed' });
    await clock.advance(10 * second);
    expect(statusOf('jobs.batch')).toMatchObject({ completedIndexes: '0-2', succeeded: 3 });
  });

  test('fails when its pods have failed too often', async () => {
    run({ backoffLimit: 2 }, 'fail:1');
    await clock.advance(60 * second);
    expect(statusOf('jobs.batch')).toMatchObject({ failed: 3 });
    expect(conditionOf('jobs.batch', 'Failed')).toMatchObject({ reason: 'BackoffLimitExceeded' });
  });

  test('fails when its time is over, and goes when that is long enough ago', async () => {
    run({ activeDeadlineSeconds: 3, ttlSecondsAfterFinished: 10 });
    await clock.advance(5 * second);
    expect(conditionOf('jobs.batch', 'Failed')).toMatchObject({ reason: 'DeadlineExceeded' });
    await clock.advance(20 * second);
    expect(at('jobs.batch')).toBeUndefined();
    expect(podNames()).toEqual([]);
  });

  test('that is suspended runs nothing until it is resumed', async () => {
    run({ suspend: true });
    await clock.advance(second);
    expect(podNames()).toEqual([]);
    expect(conditionOf('jobs.batch', 'Suspended')).toMatchObject({ status: 'True' });
    client.change(
      refTo('jobs.batch'),
      (draft) => void Object.assign(objectAt(draft, 'spec') ?? {}, { suspend: false }),
    );
    await clock.advance(10 * second);
    expect(conditionOf('jobs.batch', 'Complete')).toMatchObject({ status: 'True' });
  });
});

test('a disruption budget tells how many pods may be missed', async () => {
  const selector = { matchLabels: labels };
  create('deployments.apps', 'apps/v1', 'Deployment', {
    replicas: 3,
    selector,
    template: templateOf('web:1'),
  });
  create('poddisruptionbudgets.policy', 'policy/v1', 'PodDisruptionBudget', {
    minAvailable: '50%',
    selector,
  });
  await clock.advance(second);
  expect(statusOf('poddisruptionbudgets.policy')).toMatchObject({
    ...{ expectedPods: 3, currentHealthy: 3, desiredHealthy: 2, disruptionsAllowed: 1 },
  });
});

describe('an autoscaler', () => {
  const autoscaler = 'horizontalpodautoscalers.autoscaling';
  const scale = (spec: JsonObject, replicas = 1) => {
    const selector = { matchLabels: labels };
    create('deployments.apps', 'apps/v1', 'Deployment', {
      replicas,
      selector,
      template: templateOf('web:1'),
    });
    create(autoscaler, 'autoscaling/v2', 'HorizontalPodAutoscaler', {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      ...{ minReplicas: 3, maxReplicas: 10, ...spec },
    });
  };
  const load = (percent: string) =>
    client.change(refTo(autoscaler), ({ metadata }) => {
      metadata.annotations = { 'sandbox.meridian.dev/utilization': percent };
    });
  const replicas = () => numberAt(at('deployments.apps'), 'spec', 'replicas');

  test('keeps to its bounds without metrics, and follows the load that is set', async () => {
    scale({});
    await clock.advance(20 * second);
    expect(statusOf('deployments.apps')).toMatchObject({ readyReplicas: 3 });
    expect(conditionOf(autoscaler, 'ScalingActive')).toMatchObject({ reason: 'FailedGetResourceMetric' });
    load('160');
    await clock.advance(second);
    expect(statusOf('deployments.apps')).toMatchObject({ readyReplicas: 6 });
    await clock.advance(60 * second);
    expect(statusOf('deployments.apps')).toMatchObject({ readyReplicas: 10 });
    expect(conditionOf(autoscaler, 'ScalingLimited')).toMatchObject({ reason: 'TooManyReplicas' });
  });

  test('takes pods away five minutes after the load went', async () => {
    scale({}, 9);
    load('80');
    await clock.advance(10 * 60 * second);
    load('20');
    await clock.advance(4 * 60 * second);
    expect(replicas()).toBe(9);
    expect(conditionOf(autoscaler, 'AbleToScale')).toMatchObject({ reason: 'ScaleDownStabilized' });
    await clock.advance(60 * second);
    expect(replicas()).toBe(3);
  });

  test('takes pods away at once when its behavior says so', async () => {
    scale({ behavior: { scaleDown: { stabilizationWindowSeconds: 0 } } }, 9);
    load('20');
    await clock.advance(second);
    expect(replicas()).toBe(3);
    expect(conditionOf(autoscaler, 'ScalingLimited')).toMatchObject({ reason: 'DesiredWithinRange' });
  });

  test('goes no faster than its policies let it', async () => {
    const policies = [{ type: 'Pods', value: 1, periodSeconds: 60 }];
    scale({ behavior: { scaleUp: { policies } } }, 3);
    load('800');
    await clock.advance(second);
    expect(replicas()).toBe(4);
    expect(conditionOf(autoscaler, 'ScalingLimited')).toMatchObject({ reason: 'ScaleUpLimit' });
    await clock.advance(130 * second);
    expect(replicas()).toBe(6);
  });

  test('puts up with a load that its own tolerance takes', async () => {
    scale({ behavior: { scaleUp: { tolerance: '500m' } } }, 4);
    load('110');
    await clock.advance(60 * second);
    expect(replicas()).toBe(4);
    load('130');
    await clock.advance(second);
    expect(replicas()).toBe(7);
  });

  test('does nothing where another scales the same pods', async () => {
    scale({}, 4);
    load('160');
    client.create(autoscaler, {
      ...{ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' },
      metadata: { name: 'again', namespace: 'default' },
      spec: objectAt(at(autoscaler), 'spec') ?? {},
    });
    await clock.advance(60 * second);
    expect(replicas()).toBe(8);
    expect(conditionOf(autoscaler, 'ScalingActive')).toMatchObject({
      reason: 'AmbiguousSelector',
      message: 'pods by selector app=web are controlled by multiple HPAs: [{again default} {web default}]',
    });
    client.remove({ ...refTo(autoscaler), name: 'again' });
    await clock.advance(second);
    expect(conditionOf(autoscaler, 'ScalingActive')).toMatchObject({ reason: 'ValidMetricFound' });
  });
});
