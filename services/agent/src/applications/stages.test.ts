import { orderObjects } from '@meridian/manifests';
import type { Assignment } from '@meridian/fleet';
import { describe, expect, it } from 'vitest';
import { prepareObjects } from '../assignments/prepare.ts';
import { configMap, deployment } from '../testing/rig.ts';
import { journalFor, sameInventory, settledInventory } from './inventory.ts';
import { planApplyStages } from './stages.ts';

const assignment = { application: 'web', cluster: 'one', namespace: 'ml' } as Assignment;
const prepared = (objects: Parameters<typeof orderObjects>[0]) =>
  prepareObjects(orderObjects(objects), assignment, () => Promise.resolve(undefined));
const inWave = (wave: number, object: ReturnType<typeof configMap>) => ({
  ...object,
  metadata: { ...object.metadata, annotations: { 'meridian.dev/wave': String(wave) } },
});

describe('planApplyStages', () => {
  it('applies equal kinds of a wave together and closes each wave with a gate', async () => {
    const objects = await prepared([
      deployment('d'),
      configMap('a'),
      configMap('b'),
      inWave(1, configMap('late')),
      inWave(-1, configMap('early')),
    ]);
    const stages = planApplyStages(objects);
    expect(
      stages.map(({ wave, objects: together, gate }) => [
        wave,
        together.map(({ entry }) => entry.name),
        gate,
      ]),
    ).toEqual([
      [-1, ['early'], true],
      [0, ['a', 'b'], false],
      [0, ['d'], true],
      [1, ['late'], false],
    ]);
  });

  it('waits for namespaces and resource definitions before what needs them', async () => {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ml' } };
    const stages = planApplyStages(await prepared([configMap('a'), namespace]));
    expect(stages.map(({ objects, gate }) => [objects[0]?.entry.kind, gate])).toEqual([
      ['Namespace', true],
      ['ConfigMap', false],
    ]);
  });
});

const hook = (phase: string, object: ReturnType<typeof configMap>, wave = 0) => ({
  ...object,
  metadata: {
    ...object.metadata,
    annotations: { 'meridian.dev/hook': phase, 'meridian.dev/wave': String(wave) },
  },
});

const shown = (stages: ReturnType<typeof planApplyStages>) =>
  stages.map(({ phase, wave, objects, hooks, gate }) => [
    `${phase} ${wave}`,
    [...objects, ...hooks].map(({ entry }) => `${entry.kind} ${entry.name}`),
    gate,
  ]);

describe('phases', () => {
  it('put hooks before, with and behind the objects, each by its waves', async () => {
    const objects = await prepared([
      inWave(1, configMap('late')),
      configMap('early'),
      hook('PreSync', configMap('second'), 1),
      hook('PreSync', configMap('first'), -1),
      hook('Sync', configMap('beside')),
      hook('PostSync,SyncFail', configMap('last')),
      hook('PreDelete', configMap('end')),
    ]);
    expect(shown(planApplyStages(objects))).toEqual([
      ['PreSync -1', ['ConfigMap first'], true],
      ['PreSync 1', ['ConfigMap second'], true],
      ['Sync 0', ['ConfigMap early', 'ConfigMap beside'], true],
      ['Sync 1', ['ConfigMap late'], true],
      ['PostSync 0', ['ConfigMap last'], false],
    ]);
    expect(shown(planApplyStages(objects, ['SyncFail']))).toEqual([
      ['SyncFail 0', ['ConfigMap last'], false],
    ]);
    expect(shown(planApplyStages(objects, ['PreDelete']))).toEqual([
      ['PreDelete 0', ['ConfigMap end'], false],
    ]);
  });

  it('bring a namespace and a definition along with the first hook that needs them', async () => {
    const spec = { group: 'ml.example', names: { kind: 'Task' }, scope: 'Namespaced' };
    const objects = await prepared([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'jobs' } },
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } },
      {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'tasks.ml.example' },
        spec,
      },
      hook('PreSync', { ...configMap('a'), metadata: { name: 'a', namespace: 'jobs' } }, 1),
      hook('PreSync', { ...configMap('t'), apiVersion: 'ml.example/v1', kind: 'Task' }, -2),
      configMap('settings'),
    ]);
    expect(shown(planApplyStages(objects))).toEqual([
      ['PreSync -2', ['CustomResourceDefinition tasks.ml.example'], true],
      ['PreSync -2', ['Task t'], true],
      ['PreSync 1', ['Namespace jobs'], true],
      ['PreSync 1', ['ConfigMap a'], true],
      ['Sync 0', ['Namespace other'], true],
      ['Sync 0', ['ConfigMap settings'], false],
    ]);
  });
});

describe('the journal', () => {
  it('has old and new objects, keeps known UIDs, and lists what goes away first', async () => {
    const desired = await prepared([configMap('stays'), configMap('new')]);
    const entry = (name: string, uid: string) => ({
      group: '',
      kind: 'ConfigMap',
      namespace: 'ml',
      name,
      apiVersion: 'v1',
      uid,
    });
    const journal = journalFor([entry('gone', 'u1'), entry('stays', 'u2')], desired);
    expect(journal.map(({ name, uid }) => [name, uid])).toEqual([
      ['gone', 'u1'],
      ['new', ''],
      ['stays', 'u2'],
    ]);
    const settled = settledInventory([], desired, (id) => ({ uid: `uid of ${id}` }));
    expect(settled.map(({ uid }) => uid)).toEqual(['uid of /ConfigMap/ml/new', 'uid of /ConfigMap/ml/stays']);
    expect(sameInventory(journal, settled)).toBe(false);
    expect(sameInventory(settled, [...settled])).toBe(true);
  });
});
