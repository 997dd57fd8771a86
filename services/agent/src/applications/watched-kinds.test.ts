import type { Assignment } from '@meridian/fleet';
import type { KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { prepareObjects } from '../assignments/prepare.ts';
import type { ApplicationRecord } from '../ports.ts';
import { emptyRecord } from '../testing/record.ts';
import { configMap, deployment } from '../testing/rig.ts';
import { holdAssignment } from './held.ts';
import { watchedKinds } from './watched-kinds.ts';

const assignment = { application: 'web', namespace: 'ml', bundle: 'sha256:01' } as Assignment;
const raycluster: KubeObject = { apiVersion: 'ray.io/v1', kind: 'RayCluster', metadata: { name: 'a' } };

async function kindsOf(objects: readonly KubeObject[], changes: Partial<ApplicationRecord> = {}) {
  const prepared = await prepareObjects(objects, assignment, () => Promise.resolve(true));
  const held = holdAssignment({ ...emptyRecord, ...changes }, assignment, prepared, undefined);
  return watchedKinds(held).map(({ apiVersion, kind }) => `${apiVersion} ${kind}`);
}

describe('the kinds that are watched', () => {
  it('are those of the bundle, each once', async () => {
    const kinds = await kindsOf([configMap('a'), configMap('b'), deployment('c'), configMap('d')]);
    expect(kinds).toEqual(['v1 ConfigMap', 'apps/v1 Deployment']);
  });

  it('have one that a definition brings only when an object of it was made', async () => {
    expect(await kindsOf([raycluster])).toEqual([]);
    const entry = {
      apiVersion: 'ray.io/v1',
      group: 'ray.io',
      kind: 'RayCluster',
      namespace: 'ml',
      name: 'a',
    };
    expect(await kindsOf([raycluster], { inventory: [{ ...entry, uid: '' }] })).toEqual([]);
    expect(await kindsOf([raycluster], { inventory: [{ ...entry, uid: 'u1' }] })).toEqual([
      'ray.io/v1 RayCluster',
    ]);
  });
});
