import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCluster } from '../cluster/sim-cluster.ts';
import { textsAt } from '../json.ts';
import { ClusterClient } from './cluster-client.ts';
import { ControllerLoop } from './controller-loop.ts';
import { ResourceQuotas } from './resource-quotas.ts';
import { VirtualClock } from './virtual-clock.ts';

let clock: VirtualClock;
let client: ClusterClient;
let loop: ControllerLoop;
beforeEach(() => {
  clock = new VirtualClock(Date.parse('2026-11-24T10:00:00Z'));
  const { core } = createCluster({ tokens: {}, address: () => '', nowMs: () => clock.nowMs() });
  client = new ClusterClient(core, 'test');
  loop = new ControllerLoop({ core, controllers: [new ResourceQuotas(core)], clock });
});
afterEach(() => loop[Symbol.asyncDispose]());

const quota = { resource: 'resourcequotas', namespace: 'default', name: 'team' };

function limit(hard: Record<string, string>) {
  client.create('resourcequotas', {
    ...{ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'team', namespace: 'default' } },
    spec: { hard },
  });
}

function pod(name: string, memory: string) {
  client.create('pods', {
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' } },
    spec: { containers: [{ name: 'server', image: 'web:1', resources: { requests: { memory } } }] },
  });
}

const used = () => textsAt(client.get(quota), 'status', 'used');

test('a new quota counts what is there already, each thing by its name', async () => {
  pod('web', '100Mi');
  limit({
    pods: '3',
    'requests.memory': '1Gi',
    'count/configmaps': '9',
    services: '2',
    'count/nobody.has': '1',
  });
  await clock.advance(1);
  expect(used()).toEqual({
    pods: '1',
    'requests.memory': '100Mi',
    'count/configmaps': '0',
    services: expect.any(String) as string,
  });
  expect(textsAt(client.get(quota), 'status', 'hard')['pods']).toBe('3');
});

test('a quota gives back what is gone, and follows its own changes', async () => {
  limit({ pods: '1' });
  await clock.advance(1);
  pod('web', '1Mi');
  expect(used()).toEqual({ pods: '1' });
  expect(() => pod('more', '1Mi')).toThrow('exceeded quota: team');
  client.remove({ ...quota, resource: 'pods', name: 'web' });
  await clock.advance(1);
  expect(used()).toEqual({ pods: '0' });
  client.change(quota, (draft) => void (draft['spec'] = { hard: { secrets: '4' } }));
  await clock.advance(1);
  expect(used()).toEqual({ secrets: '0' });
});

test('a quota does not count pods that have ended', async () => {
  limit({ pods: '1', 'count/pods': '2' });
  await clock.advance(1);
  pod('once', '1Mi');
  const ref = { ...quota, resource: 'pods', name: 'once' };
  client.change(ref, (draft) => void (draft['status'] = { phase: 'Succeeded' }), 'status');
  await clock.advance(1);
  expect(used()).toEqual({ pods: '0', 'count/pods': '1' });
});
