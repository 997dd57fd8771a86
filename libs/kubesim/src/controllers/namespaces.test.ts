import { expect, it } from 'vitest';
import { createCluster } from '../cluster/sim-cluster.ts';
import { runControllers } from './all-controllers.ts';
import { ClusterClient } from './cluster-client.ts';
import { VirtualClock } from './virtual-clock.ts';

it('says once what a namespace waits for, and since when', async () => {
  const clock = new VirtualClock(Date.parse('2026-11-24T10:00:00Z'));
  const { core, store } = createCluster({ tokens: {}, address: () => '', nowMs: () => clock.nowMs() });
  const client = new ClusterClient(core, 'test');
  await using _loop = runControllers(core, { clock, caPem: 'certificate', onError: () => undefined });
  client.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } });
  const metadata = { name: 'held', namespace: 'team', finalizers: ['example.com/hold'] };
  client.create('configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata });
  await clock.advance(1_000);
  client.remove({ resource: 'namespaces', namespace: '', name: 'team' });
  await clock.advance(2_000);
  const { revision } = store;
  const before = client.get({ resource: 'namespaces', namespace: '', name: 'team' });
  expect(JSON.stringify(before)).toContain('configmaps. has 1 resource instances');
  await clock.advance(60_000);
  expect(store.revision).toBe(revision);
});
