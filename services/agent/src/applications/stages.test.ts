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
    const settled = settledInventory([], desired, (id) => `uid of ${id}`);
    expect(settled.map(({ uid }) => uid)).toEqual(['uid of /ConfigMap/ml/new', 'uid of /ConfigMap/ml/stays']);
    expect(sameInventory(journal, settled)).toBe(false);
    expect(sameInventory(settled, [...settled])).toBe(true);
  });
});
