import { afterEach, expect, test } from 'vitest';
import { createCluster } from '../cluster/sim-cluster.ts';
import { ClusterClient } from './cluster-client.ts';
import type { Controller } from './controller.ts';
import { ControllerLoop } from './controller-loop.ts';
import { VirtualClock } from './virtual-clock.ts';

const startMs = Date.parse('2026-11-24T10:00:00Z');
const running: ControllerLoop[] = [];
afterEach(async () => {
  for (const loop of running.splice(0)) await loop[Symbol.asyncDispose]();
});

function rig(reconcile: (key: string, looks: string[]) => number | undefined) {
  const clock = new VirtualClock(startMs);
  const cluster = createCluster({ tokens: {}, address: () => '', nowMs: () => clock.nowMs() });
  const looks: string[] = [];
  const controller: Controller = {
    manager: 'test',
    keysOf: ({ key }) => (key.resource === 'configmaps' ? [key.name] : []),
    reconcile(key) {
      looks.push(`${key} at ${String((clock.nowMs() - startMs) / 1_000)} s`);
      return reconcile(key, looks);
    },
  };
  const errors: unknown[] = [];
  running.push(
    new ControllerLoop({
      core: cluster.core,
      controllers: [controller],
      clock,
      onError: (error) => errors.push(error),
    }),
  );
  const client = new ClusterClient(cluster.core, 'test');
  const create = (name: string) =>
    client.create('configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'default' },
    });
  return { clock, client, create, looks, errors };
}

test('a key is looked at once however often it changed before', async () => {
  const { clock, client, create, looks } = rig(() => undefined);
  create('one');
  client.change({ resource: 'configmaps', namespace: 'default', name: 'one' }, (draft) => {
    draft['data'] = { a: '1' };
  });
  await clock.advance(0);
  expect(looks).toEqual(['one at 0 s']);
});

test('a controller that asks for it looks again after that time, and no earlier', async () => {
  const { clock, create, looks } = rig((_key, all) => (all.length === 1 ? 5_000 : undefined));
  create('one');
  await clock.advance(4_000);
  expect(looks).toHaveLength(1);
  await clock.advance(2_000);
  expect(looks).toEqual(['one at 0 s', 'one at 5 s']);
  await clock.advance(60_000);
  expect(looks).toHaveLength(2);
});

test('what throws is tried again, later each time, and holds nobody else up', async () => {
  const { clock, create, looks, errors } = rig((key, all) => {
    if (key === 'bad' && all.filter((look) => look.startsWith('bad')).length < 4) throw new Error('no');
    return undefined;
  });
  create('bad');
  create('good');
  await clock.advance(5_000);
  expect(errors).toHaveLength(3);
  expect(looks.filter((look) => look.startsWith('bad'))).toHaveLength(4);
  expect(looks).toContain('good at 0 s');
});

test('an object that changes nothing is not written', () => {
  const { client, create } = rig(() => undefined);
  const made = create('same');
  const ref = { resource: 'configmaps', namespace: 'default', name: 'same' };
  expect(client.change(ref, () => undefined).metadata.resourceVersion).toBe(made.metadata.resourceVersion);
});
