import type { HealthRule } from '@meridian/fleet';
import type { KubeObject } from '@meridian/manifests';
import { expect, it } from 'vitest';
import { usePlane } from '../testing/plane.ts';
import { configMap, until } from '../testing/rig.ts';
import { inside, isDone, startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

const signal = new AbortController().signal;
const plane = usePlane('health-rules');

const ruleFor = (kind: string, checks: HealthRule['checks']): HealthRule => ({
  name: `for-${kind.toLowerCase()}`,
  resourceRules: [{ apiGroups: [''], kinds: [kind] }],
  checks,
  otherwise: { health: 'Progressing', message: 'it is loaded' },
});
const ready: HealthRule = ruleFor('ConfigMap', [
  {
    expression: "object.data.?phase.orValue('') == 'Failed'",
    health: 'Degraded',
    messageExpression: "'the model failed: ' + object.data.why",
  },
  { expression: "object.data.?phase.orValue('') == 'Ready'", health: 'Healthy', message: 'it is ready' },
]);

const account: KubeObject = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'server' } };
const objects = [configMap('model', { size: '1' }), account];

const give = (world: World, health: readonly HealthRule[], more: object = {}) =>
  world.agent.give('web', world.hub.sign('web', objects, { rules: { health }, ...more }));

const reasonOf = (world: World, kind: string): string | undefined =>
  world.agent.status('web')?.objects.find(({ key }) => key.kind === kind)?.reason;

/** What a controller does: it adds fields that the bundle does not name. */
const set = (world: World, data: { readonly [key: string]: string }) =>
  plane.kube.apply(
    inside({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'model' }, data }, world),
    {
      fieldManager: 'controller',
      force: true,
      signal,
    },
  );

it('objects are judged by the rules of the fleet, with every change of them', async () => {
  await using world = await startWorld(plane);
  await give(world, [ready]);
  await until('it is judged', () => reasonOf(world, 'ConfigMap') === 'it is loaded');
  expect(world.agent.status('web')?.health).toBe('Progressing');
  await set(world, { phase: 'Failed', why: 'no GPU' });
  const { message } = await world.agent.reaches('web', 'is bad', ({ health }) => health === 'Degraded');
  expect(message).toContain('the model failed: no GPU');
  await set(world, { phase: 'Ready' });
  await world.agent.reaches('web', 'is done', isDone);
  await world.restart({ withoutDisk: true });
  await world.agent.reaches('web', 'is judged alike after a start', isDone);
  expect(reasonOf(world, 'ConfigMap')).toBe('it is ready');
});

it('a rule that changes counts at once, without a write or a restart, and so does its end', async () => {
  await using world = await startWorld(plane);
  await give(world, []);
  await world.agent.reaches('web', 'is done', isDone);
  const version = (await world.live('ConfigMap', 'model'))?.metadata.resourceVersion;
  await give(world, [ready]);
  await world.agent.reaches('web', 'is judged anew', ({ health }) => health === 'Progressing');
  await give(world, [
    ruleFor('ConfigMap', [{ expression: 'true', health: 'Suspended', message: 'it rests' }]),
  ]);
  await world.agent.reaches('web', 'is judged anew', ({ health }) => health === 'Suspended');
  expect(reasonOf(world, 'ConfigMap')).toBe('it rests');
  await give(world, []);
  await world.agent.reaches('web', 'is done', (status) => status.generation === 4 && isDone(status));
  expect((await world.live('ConfigMap', 'model'))?.metadata.resourceVersion).toBe(version);
});

it('drift that is only reported is not healed because a rule changes', async () => {
  await using world = await startWorld(plane);
  const report = { selfHeal: false };
  await give(world, [], report);
  await world.agent.reaches('web', 'is done', isDone);
  await set(world, { size: '2', phase: 'Ready' });
  await world.agent.reaches('web', 'tells', ({ sync }) => sync === 'OutOfSync');
  await give(world, [ready], report);
  await world.agent.reaches('web', 'is judged anew', ({ generation }) => generation === 2);
  await world.agent.reaches('web', 'tells on', ({ sync }) => sync === 'OutOfSync');
  expect(reasonOf(world, 'ConfigMap')).toBe('it is ready');
  expect((await world.live('ConfigMap', 'model'))?.['data']).toMatchObject({ size: '2' });
});

it('a rule that this agent cannot read makes its kind Unknown with the reason, and stops nothing else', async () => {
  await using world = await startWorld(plane);
  const later = ruleFor('ConfigMap', [{ expression: 'object.ofALaterVersion()', health: 'Healthy' }]);
  const rests = ruleFor('ServiceAccount', [{ expression: 'true', health: 'Healthy', message: 'it serves' }]);
  await give(world, [later, rests]);
  const { message, sync } = await world.agent.reaches(
    'web',
    'is unknown',
    ({ health }) => health === 'Unknown',
  );
  expect(sync).toBe('Synced');
  expect(message).toContain('health rule for-configmap cannot be read');
  expect(reasonOf(world, 'ServiceAccount')).toBe('it serves');
});
