import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCluster } from '../cluster/sim-cluster.ts';
import type { JsonObject } from '../json.ts';
import { itemsAt, objectAt, textAt } from '../json.ts';
import type { KubeObject, ObjectMeta } from '../kube-object.ts';
import { runControllers } from './all-controllers.ts';
import { ClusterClient } from './cluster-client.ts';
import type { ControllerLoop } from './controller-loop.ts';
import { VirtualClock } from './virtual-clock.ts';

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
    caPem: 'certificate',
    onError: (error) => errors.push(error),
  });
});
afterEach(async () => {
  await loop[Symbol.asyncDispose]();
  expect(errors).toEqual([]);
});

function node(name: string, gpus: number, spec: JsonObject = {}) {
  const amounts = { cpu: '64', memory: '512Gi', pods: '250', 'nvidia.com/gpu': String(gpus) };
  const labels = { 'kubernetes.io/hostname': name };
  client.create('nodes', {
    ...{ apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec },
    status: { capacity: amounts, allocatable: amounts },
  });
}

function pod(name: string, spec: JsonObject = {}, metadata: ObjectMeta = {}) {
  const containers = [{ name: 'server', image: 'registry.example/triton:1' }];
  return client.create('pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', ...metadata },
    spec: { containers, ...spec },
  });
}

const withGpus = (count: number): JsonObject => ({
  containers: [
    { name: 'server', image: 'triton:1', resources: { limits: { 'nvidia.com/gpu': String(count) } } },
  ],
});
const at = (name: string, resource = 'pods') => client.get({ resource, namespace: 'default', name });
const nodeOf = (name: string) => textAt(at(name), 'spec', 'nodeName');
const condition = (name: string, type: string) =>
  itemsAt(at(name), 'status', 'conditions').find((one) => textAt(one, 'type') === type);
const waitingFor = (name: string) =>
  textAt(itemsAt(at(name), 'status', 'containerStatuses')[0], 'state', 'waiting', 'reason');

const reasonsOf = (name: string) =>
  client
    .list('events', 'default')
    .filter((event) => textAt(event, 'involvedObject', 'name') === name)
    .map((event) => `${textAt(event, 'reason') ?? ''}: ${textAt(event, 'message') ?? ''}`);

test('a node is registered, and labelled by the older names too', async () => {
  client.create('nodes', {
    ...{ apiVersion: 'v1', kind: 'Node' },
    metadata: { name: 'gpu-0', labels: { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' } },
  });
  await clock.advance(second);
  expect(client.get({ resource: 'nodes', namespace: '', name: 'gpu-0' })?.metadata.labels).toEqual({
    ...{ 'kubernetes.io/os': 'linux', 'beta.kubernetes.io/os': 'linux' },
    ...{ 'kubernetes.io/arch': 'amd64', 'beta.kubernetes.io/arch': 'amd64' },
  });
  expect(reasonsOf('gpu-0')).toEqual([
    'RegisteredNode: Node gpu-0 event: Registered Node gpu-0 in Controller',
  ]);
});

describe('a pod', () => {
  test('is put on a node and becomes ready', async () => {
    node('gpu-0', 8);
    pod('web');
    await clock.advance(second);
    expect(nodeOf('web')).toBe('gpu-0');
    expect(textAt(at('web'), 'status', 'phase')).toBe('Running');
    expect(textAt(condition('web', 'Ready'), 'status')).toBe('True');
  });

  test('loads its model for as long as its annotation says before it is ready', async () => {
    node('gpu-0', 8);
    pod('llm', {}, { annotations: { 'sandbox.meridian.dev/load-time': '1m30s' } });
    await clock.advance(80 * second);
    expect(textAt(at('llm'), 'status', 'phase')).toBe('Running');
    expect(textAt(condition('llm', 'Ready'), 'reason')).toBe('ContainersNotReady');
    await clock.advance(20 * second);
    expect(textAt(condition('llm', 'Ready'), 'status')).toBe('True');
    expect(textAt(condition('llm', 'Ready'), 'lastTransitionTime')).toBe('2026-11-24T10:01:30Z');
  });

  test('is told to be pulled when that takes time, and that its image is there otherwise', async () => {
    node('gpu-0', 8);
    const containers = [{ name: 'server', image: 'llm:1' }];
    pod('pulled', { containers }, { annotations: { 'sandbox.meridian.dev/pull-time': '1m30s' } });
    pod('present', { containers });
    await clock.advance(100 * second);
    const words = (name: string) => reasonsOf(name).filter((one) => one.startsWith('Pull'));
    expect(words('pulled')).toEqual([
      'Pulling: Pulling image "llm:1"',
      'Pulled: Successfully pulled image "llm:1" in 1m30s (1m30s including waiting). Image size: 8589934592 bytes.',
    ]);
    expect(words('present')).toEqual([
      'Pulled: Container image "llm:1" already present on machine and can be accessed by the pod',
    ]);
  });

  test('of an image that nobody has backs off', async () => {
    node('gpu-0', 8);
    pod('typo', { containers: [{ name: 'server', image: 'registry.example/missing:1' }] });
    await clock.advance(second);
    expect(waitingFor('typo')).toBe('ErrImagePull');
    await clock.advance(5 * second);
    expect(waitingFor('typo')).toBe('ImagePullBackOff');
  });

  test('whose process ends crashes again and again', async () => {
    node('gpu-0', 8);
    pod('bad', { containers: [{ name: 'server', image: 'crash:1' }] });
    await clock.advance(second);
    expect(waitingFor('bad')).toBe('CrashLoopBackOff');
    await clock.advance(25 * second);
    expect(objectAt(itemsAt(at('bad'), 'status', 'containerStatuses')[0])?.['restartCount']).toBe(3);
  });

  test('that is killed for its memory says so', async () => {
    node('gpu-0', 8);
    pod('greedy', {}, { annotations: { 'sandbox.meridian.dev/crash': 'oom' } });
    await clock.advance(second);
    const [status] = itemsAt(at('greedy'), 'status', 'containerStatuses');
    expect(objectAt(status, 'lastState', 'terminated')).toMatchObject({ reason: 'OOMKilled', exitCode: 137 });
  });

  test('waits for the config map that its variables come from', async () => {
    node('gpu-0', 8);
    const envFrom = [{ configMapRef: { name: 'settings' } }];
    pod('server', { containers: [{ name: 'server', image: 'triton:1', envFrom }] });
    await clock.advance(second);
    expect(waitingFor('server')).toBe('CreateContainerConfigError');
    expect(reasonsOf('server')).toContain('Failed: Error: configmap "settings" not found');
    const metadata = { name: 'settings', namespace: 'default' };
    client.create('configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata });
    await clock.advance(second);
    expect(textAt(condition('server', 'Ready'), 'status')).toBe('True');
  });

  test('waits for the secret that it mounts', async () => {
    node('gpu-0', 8);
    pod('server', { volumes: [{ name: 'key', secret: { secretName: 'token' } }] });
    await clock.advance(second);
    expect(waitingFor('server')).toBe('ContainerCreating');
    expect(reasonsOf('server')).toContain(
      'FailedMount: MountVolume.SetUp failed for volume "key" : secret "token" not found',
    );
  });

  test('leaves a node that is not ready after the time that it tolerates', async () => {
    node('gpu-0', 8);
    pod('web', {
      tolerations: [
        {
          key: 'node.kubernetes.io/not-ready',
          operator: 'Exists',
          effect: 'NoExecute',
          tolerationSeconds: 30,
        },
      ],
    });
    await clock.advance(second);
    const ref = { resource: 'nodes', namespace: '', name: 'gpu-0' };
    client.change(
      ref,
      (draft) => void (draft['status'] = { conditions: [{ type: 'Ready', status: 'False' }] }),
      'status',
    );
    await clock.advance(20 * second);
    expect(at('web')).toBeDefined();
    await clock.advance(20 * second);
    expect(at('web')).toBeUndefined();
  });

  test('is not ready while its node is not heard of, and stays when that comes back in time', async () => {
    node('gpu-0', 8);
    pod('web');
    await clock.advance(second);
    const says = (status: string) =>
      client.change(
        { resource: 'nodes', namespace: '', name: 'gpu-0' },
        (draft) => void (draft['status'] = { conditions: [{ type: 'Ready', status }] }),
        'status',
      );
    says('Unknown');
    await clock.advance(20 * second);
    expect(textAt(condition('web', 'Ready'), 'status')).toBe('False');
    says('True');
    await clock.advance(second);
    expect(textAt(condition('web', 'Ready'), 'status')).toBe('True');
    await clock.advance(600 * second);
    expect(reasonsOf('web').slice(-2)).toEqual([
      'NodeNotReady: Node is not ready',
      'TaintManagerEviction: Cancelling deletion of Pod default/web',
    ]);
  });

  test('that is deleted stops for as long as its annotation says', async () => {
    node('gpu-0', 8);
    pod('slow', {}, { annotations: { 'sandbox.meridian.dev/stop-time': '5s' } });
    await clock.advance(second);
    client.remove({ resource: 'pods', namespace: 'default', name: 'slow' });
    await clock.advance(4 * second);
    expect(at('slow')?.metadata.deletionTimestamp).toBeDefined();
    await clock.advance(2 * second);
    expect(at('slow')).toBeUndefined();
  });

  test('whose last finalizer goes after its grace is gone', async () => {
    node('gpu-0', 8);
    pod('held', {}, { finalizers: ['example.com/hold'] });
    await clock.advance(second);
    const ref = { resource: 'pods', namespace: 'default', name: 'held' };
    client.remove(ref);
    await clock.advance(60 * second);
    expect(at('held')).toBeDefined();
    client.change(ref, ({ metadata }) => void delete metadata.finalizers);
    await clock.advance(second);
    expect(at('held')).toBeUndefined();
  });
});

describe('the scheduler', () => {
  test('says which resource is short, and places the pod once there is room', async () => {
    node('gpu-0', 8);
    node('gpu-1', 4);
    pod('first', withGpus(8));
    await clock.advance(second);
    pod('second', withGpus(8));
    await clock.advance(second);
    expect(nodeOf('first')).toBe('gpu-0');
    expect(textAt(condition('second', 'PodScheduled'), 'message')).toBe(
      '0/2 nodes are available: 2 Insufficient nvidia.com/gpu. no new claims to deallocate, preemption: 0/2 nodes are available: ' +
        '1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.',
    );
    client.remove({ resource: 'pods', namespace: 'default', name: 'first' });
    await clock.advance(second);
    expect(nodeOf('second')).toBe('gpu-0');
  });

  test('places a pod when a node comes', async () => {
    pod('early');
    await clock.advance(second);
    expect(textAt(condition('early', 'PodScheduled'), 'message')).toBe('no nodes available to schedule pods');
    node('gpu-0', 8);
    await clock.advance(second);
    expect(nodeOf('early')).toBe('gpu-0');
  });

  test('keeps to taints, selectors and affinity', async () => {
    node('tainted', 8, { taints: [{ key: 'gpu', value: 'h100', effect: 'NoSchedule' }] });
    pod('plain');
    pod('tolerant', { tolerations: [{ key: 'gpu', operator: 'Exists' }] });
    pod('choosy', {
      tolerations: [{ operator: 'Exists' }],
      nodeSelector: { 'kubernetes.io/hostname': 'other' },
    });
    await clock.advance(second);
    expect(nodeOf('tolerant')).toBe('tainted');
    const words = ['plain', 'choosy'].map(
      (name) => textAt(condition(name, 'PodScheduled'), 'message')?.split('.')[0],
    );
    expect(words).toEqual([
      '0/1 nodes are available: 1 node(s) had untolerated taint(s)',
      "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector",
    ]);
  });

  test('spreads pods over equal nodes', async () => {
    node('gpu-0', 8);
    node('gpu-1', 8);
    for (const name of ['a', 'b', 'c', 'd']) pod(name);
    await clock.advance(second);
    const nodes = ['a', 'b', 'c', 'd'].map(nodeOf);
    expect(nodes.filter((name) => name === 'gpu-0')).toHaveLength(2);
  });
});

describe('the garbage collector', () => {
  const map = (name: string, owners: readonly KubeObject[] = []) =>
    client.create('configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name,
        namespace: 'default',
        ownerReferences: owners.map(({ apiVersion, kind, metadata: { name: owner = '', uid = '' } }) => ({
          ...{ apiVersion, kind, name: owner, uid, blockOwnerDeletion: true },
        })),
      },
    });
  const ref = (name: string) => ({ resource: 'configmaps', namespace: 'default', name });

  test('deletes what belonged to an object that is gone, and what belonged to that', async () => {
    const owner = map('owner');
    map('grandchild', [map('child', [owner])]);
    await clock.advance(second);
    client.remove(ref('owner'));
    await clock.advance(second);
    expect(['owner', 'child', 'grandchild'].map((name) => at(name, 'configmaps'))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('keeps what still has another owner', async () => {
    const [one, two] = [map('one'), map('two')];
    map('shared', [one, two]);
    client.remove(ref('one'));
    await clock.advance(second);
    const owners = itemsAt(at('shared', 'configmaps'), 'metadata', 'ownerReferences');
    expect(owners.map((owner) => textAt(owner, 'name'))).toEqual(['two']);
  });

  test('lets dependents go first when an owner is deleted in the foreground', async () => {
    const owner = map('owner');
    map('held', [owner]);
    client.change(ref('held'), ({ metadata }) => void (metadata.finalizers = ['example.com/hold']));
    client.remove(ref('owner'), { propagation: 'Foreground' });
    await clock.advance(second);
    expect(at('owner', 'configmaps')?.metadata.finalizers).toEqual(['foregroundDeletion']);
    expect(at('held', 'configmaps')?.metadata.deletionTimestamp).toBeDefined();
    client.change(ref('held'), ({ metadata }) => void delete metadata.finalizers);
    await clock.advance(second);
    expect([at('owner', 'configmaps'), at('held', 'configmaps')]).toEqual([undefined, undefined]);
  });

  test('lets dependents loose when an owner is deleted without them', async () => {
    map('child', [map('owner')]);
    client.remove(ref('owner'), { propagation: 'Orphan' });
    await clock.advance(second);
    expect(at('owner', 'configmaps')).toBeUndefined();
    expect(at('child', 'configmaps')?.metadata['ownerReferences']).toBeUndefined();
  });

  test('deletes nothing for an owner of a kind that is not served', async () => {
    map('kept', [
      { apiVersion: 'example.com/v1', kind: 'Absent', metadata: { name: 'x', uid: 'no-such-uid' } },
    ]);
    await clock.advance(60 * second);
    expect(at('kept', 'configmaps')).toBeDefined();
  });
});

describe('a namespace', () => {
  const ref = { resource: 'namespaces', namespace: '', name: 'team' };
  beforeEach(() => {
    client.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } });
  });

  test('gets a service account and the certificate of the cluster', async () => {
    await clock.advance(second);
    const has = (resource: string, name: string) => client.get({ resource, namespace: 'team', name });
    expect(has('serviceaccounts', 'default')).toBeDefined();
    expect(has('configmaps', 'kube-root-ca.crt')?.['data']).toEqual({ 'ca.crt': 'certificate' });
  });

  test('that is deleted goes once everything in it is gone', async () => {
    const map = { resource: 'configmaps', namespace: 'team', name: 'held' };
    client.create('configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'held', namespace: 'team', finalizers: ['example.com/hold'] },
    });
    client.remove(ref);
    await clock.advance(2 * second);
    const conditions = itemsAt(client.get(ref), 'status', 'conditions');
    expect(conditions.map((one) => textAt(one, 'message'))).toContain(
      'Some resources are remaining: configmaps. has 1 resource instances',
    );
    client.change(map, ({ metadata }) => void delete metadata.finalizers);
    await clock.advance(2 * second);
    expect(client.get(ref)).toBeUndefined();
    expect(client.list('serviceaccounts', 'team')).toEqual([]);
  });
});

test('a service lists the pods that it selects, ready or not', async () => {
  node('gpu-0', 8);
  client.create('services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  });
  const containers = [{ name: 'server', image: 'web:1', ports: [{ name: 'http', containerPort: 8080 }] }];
  pod('web-1', { containers }, { labels: { app: 'web' } });
  pod(
    'web-2',
    { containers },
    { labels: { app: 'web' }, annotations: { 'sandbox.meridian.dev/load-time': '1h' } },
  );
  pod('other');
  await clock.advance(second);
  const [slice] = client
    .list('endpointslices.discovery.k8s.io', 'default')
    .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === 'web');
  const seen = itemsAt(slice, 'endpoints').map((one) => [
    textAt(one, 'targetRef', 'name'),
    objectAt(one, 'conditions')?.['ready'],
  ]);
  expect(seen).toEqual([
    ['web-1', true],
    ['web-2', false],
  ]);
  expect(slice?.['ports']).toEqual([{ name: 'http', port: 8080, protocol: 'TCP' }]);
});
