import { expect, test } from 'vitest';
import { createCluster } from '../cluster/sim-cluster.ts';
import type { KubeObject } from '../kube-object.ts';
import type { StoreEvent } from '../store/store.ts';
import { ClusterClient } from './cluster-client.ts';
import { EventLog } from './events/event-log.ts';
import { Kubelet } from './kubelet.ts';
import { OwnerIndex } from './owner-index.ts';

const { core } = createCluster({ tokens: {}, address: () => '', nowMs: () => 0 });
const client = new ClusterClient(core, 'test');

const event = (type: StoreEvent['type'], resource: string, object: KubeObject): StoreEvent => ({
  ...{ type, revision: 1, object },
  key: { resource, namespace: 'default', name: object.metadata.name ?? '' },
});
const configMap: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' } };

function waitingPod(name: string): KubeObject {
  const envFrom = [{ configMapRef: { name: 'settings' } }];
  return client.create('pods', {
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' } },
    spec: { nodeName: 'gpu-0', containers: [{ name: 'server', image: 'web:1', envFrom }] },
  });
}

test('pods that wait for a config map are looked at when it comes, and those that went are not', () => {
  const kubelet = new Kubelet({ core, owners: new OwnerIndex(), events: new EventLog(core) });
  const [gone] = [waitingPod('gone'), waitingPod('left')];
  for (const key of ['default/gone', 'default/left']) {
    kubelet.reconcile(key);
    kubelet.reconcile(key);
  }
  expect(kubelet.keysOf(event('ADDED', 'configmaps', configMap))).toEqual(['default/gone', 'default/left']);
  kubelet.keysOf(event('DELETED', 'pods', gone));
  expect(kubelet.keysOf(event('ADDED', 'configmaps', configMap))).toEqual(['default/left']);
});
