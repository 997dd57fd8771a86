import type { RolloutState } from '@meridian/rollout';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startControlRig } from './testing/control-rig.ts';
import type { ControlRig } from './testing/control-rig.ts';
import { patience, reached, stateOf } from './testing/rollout-states.ts';

let rig: ControlRig;
beforeEach(async () => {
  rig = await startControlRig();
});
afterEach(() => rig[Symbol.asyncDispose]());

const maps = (name: string, value: string) => ({
  [`${name}/maps.yaml`]: `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\ndata: { value: '${value}' }\n`,
});
const cluster = (name: string) =>
  `apiVersion: meridian.dev/v1alpha1\nkind: Cluster\nmetadata: { name: ${name} }\n`;
const application = (name: string, more = '') => ({
  [`fleet/${name}.yaml`]: `apiVersion: meridian.dev/v1alpha1
kind: Application
metadata: { name: ${name} }
spec: { source: { path: ${name} }, placement: {}, namespace: ml, rolloutStrategy: all${more} }
`,
  [`${name}/kustomization.yaml`]: 'resources: [maps.yaml]\n',
  ...maps(name, '1'),
});
const fleet = {
  'fleet/clusters.yaml': `${cluster('west')}---\n${cluster('east')}`,
  'fleet/strategy.yaml': `apiVersion: meridian.dev/v1alpha1
kind: RolloutStrategy
metadata: { name: all }
spec: { stages: [{ name: all, clusters: {}, maxConcurrent: 100% }], progressDeadline: 2m }
`,
  // Read, and without dependencies decided on, before what it waits for.
  ...application('api', ', dependsOn: [{ application: registry }]'),
  ...application('registry'),
};

const eventually = (check: () => Promise<void>) => vi.waitFor(check, patience);
const reaches = (name: string, phase: RolloutState['phase'], revision: string) =>
  reached(rig, name, { phase, revision });
const waits = (name: string, reason: string) =>
  eventually(async () => expect((await stateOf(rig, name))?.reason).toContain(reason));

/** Assignments at a revision in the order of the ledger. */
const assigned = (revision: string) =>
  rig.assignments.flatMap(({ assignment }) =>
    assignment.revision === revision ? [`${assignment.application} ${assignment.cluster}`] : [],
  );

test('an application follows cluster by cluster what it waits for, when one commit brings both', async () => {
  rig.behave('west', 'Degraded');
  const first = rig.commit(fleet);
  await rig.replica('hub-1');
  await waits('api', 'west waits for registry: it is not healthy there yet');
  await eventually(async () => expect(assigned(first)).toContain('api east'));
  expect(assigned(first)).not.toContain('api west');
  rig.behave('west', 'Healthy');
  await reaches('api', 'completed', first);
  const second = rig.push({ ...maps('api', '2'), ...maps('registry', '2') });
  await reaches('api', 'completed', second);
  for (const name of ['east', 'west'])
    expect(assigned(second).indexOf(`registry ${name}`)).toBeLessThan(
      assigned(second).indexOf(`api ${name}`),
    );
  expect(rig.violations()).toEqual([]);
});

test('another leader in the middle waits as well, and a way back does not', async () => {
  const first = rig.commit(fleet);
  const killed = await rig.replica('hub-1');
  await reaches('api', 'completed', first);
  rig.behave('east', 'silent');
  const second = rig.push({ ...maps('api', '2'), ...maps('registry', '2') });
  await waits('api', 'east waits for registry');
  await killed.kill();
  await rig.replica('hub-2');
  const third = rig.push(maps('api', '3'));
  await waits('api', 'east waits for registry');
  await reaches('api', 'progressing', third);
  expect([...assigned(second), ...assigned(third)].filter((one) => one === 'api east')).toEqual([]);
  const release = (await stateOf(rig, 'api'))?.target.release.digest;
  const who = { application: 'api', author: 'lena', reason: 'slow' };
  await rig.ledger.bus.command({ kind: 'askRollout', verb: 'rollback', release, ...who }, 20_000);
  await reaches('api', 'rolledBack', first);
  expect(rig.violations()).toEqual([]);
});

test('what cannot be rendered is not there, and what nobody declares is refused', async () => {
  const first = rig.commit(fleet);
  const hub = await rig.replica('hub-1');
  await reaches('api', 'completed', first);
  rig.push({ ...maps('api', '2'), 'registry/kustomization.yaml': 'resources: [gone.yaml]\n' });
  await waits('api', 'waits for registry: it cannot be released');
  rig.push({ 'registry/kustomization.yaml': 'resources: [maps.yaml]\n' });
  await eventually(async () => expect((await stateOf(rig, 'api'))?.phase).toBe('completed'));
  const before = await stateOf(rig, 'api');
  rig.push({ 'fleet/registry.yaml': undefined, ...maps('api', '3') });
  await eventually(async () =>
    expect(hub.control.problems()).toContainEqual(
      expect.objectContaining({ application: 'api', field: 'spec.dependsOn[0].application', line: 4 }),
    ),
  );
  // The other is left alone as well: a document that is gone withdraws nothing.
  expect((await stateOf(rig, 'registry'))?.phase).toBe('completed');
  expect((await stateOf(rig, 'api'))?.target.number).toBe(before?.target.number);
  expect(rig.violations()).toEqual([]);
});

test('a dependency on the fleet waits for all clusters', async () => {
  rig.behave('west', 'Degraded');
  const first = rig.commit({
    ...fleet,
    ...application('api', ', dependsOn: [{ application: registry, scope: fleet }]'),
  });
  await rig.replica('hub-1');
  await waits('api', 'waits for registry: in west it is not healthy there yet');
  expect(assigned(first).filter((one) => one.startsWith('api'))).toEqual([]);
  rig.behave('west', 'Healthy');
  await reaches('api', 'completed', first);
  expect(rig.violations()).toEqual([]);
});
