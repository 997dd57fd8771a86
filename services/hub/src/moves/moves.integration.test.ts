import { decodeState } from '@meridian/rollout';
import type { RolloutState } from '@meridian/rollout';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startControlRig } from '../testing/control-rig.ts';
import type { ControlRig } from '../testing/control-rig.ts';

let rig: ControlRig;
beforeEach(async () => {
  rig = await startControlRig();
});
afterEach(() => rig[Symbol.asyncDispose]());

const cluster = (name: string) =>
  `apiVersion: meridian.dev/v1alpha1\nkind: Cluster\nmetadata: { name: ${name}, labels: { region: ${name} } }\n`;
const application = (name: string, more = '') => `apiVersion: meridian.dev/v1alpha1
kind: Application
metadata: { name: ${name} }
spec:
  source: { path: applications/${name}, overlays: [base] }
  placement: { matchExpressions: [{ key: region, operator: Exists }] }
  namespace: ml
  rolloutStrategy: by-region
${more}`;
const budget = (most: string) => `  syncPolicy: { deletionBudget: ${most} }\n`;
const strategy = `apiVersion: meridian.dev/v1alpha1
kind: RolloutStrategy
metadata: { name: by-region }
spec:
  stages:
    - { name: canary, clusters: { matchLabels: { region: west } } }
  progressDeadline: 60s
`;
/** The objects of an application, in its namespace unless they name another. */
const objects = (name: string, ...names: readonly string[]) => ({
  [`applications/${name}/base/maps.yaml`]: names
    .map((each) => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${each} }\ndata: { value: '1' }\n`)
    .join('---\n'),
});
const fleet = {
  'fleet/clusters.yaml': `${cluster('west')}---\n${cluster('east')}`,
  'fleet/strategies.yaml': strategy,
  'fleet/old.yaml': application('old'),
  'fleet/new.yaml': application('new'),
  'applications/old/base/kustomization.yaml': 'resources: [maps.yaml]\n',
  'applications/new/base/kustomization.yaml': 'resources: [maps.yaml]\n',
  ...objects('old', 'kept', 'moved'),
  ...objects('new', 'own'),
};
/** One commit moves an object. */
const move = { ...objects('old', 'kept'), ...objects('new', 'own', 'moved') };
const toNew = { to: { new: ['/ConfigMap/ml/moved'] } };
const patience = { timeout: 20_000, interval: 50 };

async function stateOf(name: string): Promise<RolloutState | undefined> {
  const message = await rig.ledger.last(`ledger.main.rollout.${name}`);
  const read = message && decodeState(new TextDecoder().decode(message.body));
  return read?.ok ? read.state : undefined;
}

const reaches = (name: string, revision: string, phase: RolloutState['phase'] = 'completed') =>
  vi.waitFor(async () => {
    const state = await stateOf(name);
    expect([state?.phase, state?.target.release.revision]).toEqual([phase, revision]);
  }, patience);

/** Every assignment that `old` was given in a cluster at a generation, with what it says of moves, in ledger order. */
const given = (name: string, generation: number) =>
  rig.assignments
    .map(({ assignment }) => assignment)
    .filter((one) => one.application === 'old' && one.cluster === name && one.generation === generation)
    .map(({ moves }) => moves);

const renewed = (name: string, generation: number, moves: unknown) =>
  vi.waitFor(() => {
    const all = given(name, generation);
    expect(all.length).toBeGreaterThan(1);
    expect(all.at(-1)).toEqual(moves);
  }, patience);

const startFleet = async (files: { readonly [path: string]: string } = {}): Promise<void> => {
  const first = rig.commit({ ...fleet, ...files });
  await rig.replica('hub-1');
  await reaches('old', first);
  await reaches('new', first);
};

describe('a commit that moves an object from one application to another', () => {
  it('is no deletion: nobody has to approve it, and the assignments name what moves', async () => {
    await startFleet({ 'fleet/old.yaml': application('old', budget('0')) });
    const second = rig.push(move);
    await reaches('old', second);
    await reaches('new', second);
    expect([given('west', 2)[0], given('east', 2)[0]]).toEqual([toNew, toNew]);
    expect((await stateOf('old'))?.target.removals).toEqual({});
    expect(rig.violations()).toEqual([]);
  });

  it('needs an approval for what is deleted beside it', async () => {
    await startFleet({
      'fleet/old.yaml': application('old', budget('0')),
      ...objects('old', 'kept', 'moved', 'dropped'),
    });
    const second = rig.push(move);
    await reaches('old', second, 'waiting');
    await reaches('new', second);
    expect((await stateOf('old'))?.reason).toContain('it deletes up to 1 of 3 objects in west');
  });

  it('is a move also when the old application is withdrawn, whole', async () => {
    await startFleet();
    const elsewhere = application('old').replace('key: region', 'key: nowhere');
    const second = rig.push({ ...objects('new', 'own', 'kept', 'moved'), 'fleet/old.yaml': elsewhere });
    await reaches('old', second);
    const all = { to: { new: ['/ConfigMap/ml/kept', '/ConfigMap/ml/moved'] } };
    await vi.waitFor(() => expect(given('west', 2)[0]).toEqual(all), patience);
    expect((await stateOf('old'))?.target.withdrawals).toEqual(['east', 'west']);
  });

  it('is said to be over when the new application gives it up before it has it', async () => {
    await startFleet();
    rig.behave('west', 'silent');
    const second = rig.push(move);
    await reaches('old', second, 'progressing');
    await vi.waitFor(() => expect(given('west', 2)).toEqual([toNew]), patience);
    rig.push(objects('new', 'own'));
    await renewed('west', 2, undefined);
  });

  it('is said to be over when the new application reports that it has it', async () => {
    await startFleet();
    const second = rig.push(move);
    await reaches('old', second);
    await reaches('new', second);
    rig.push(objects('new', 'own', 'moved', 'more'));
    await renewed('west', 2, undefined);
  });

  it('goes on to a third application, in another namespace by its own word', async () => {
    await startFleet({
      'fleet/third.yaml': application('third').replace('namespace: ml', 'namespace: other'),
      'applications/third/base/kustomization.yaml': 'namespace: ml\nresources: [maps.yaml]\n',
      ...objects('third', 'third'),
    });
    rig.behave('west', 'silent');
    await reaches('old', rig.push(move), 'progressing');
    await vi.waitFor(() => expect(given('west', 2)).toEqual([toNew]), patience);
    rig.push({ ...objects('new', 'own'), ...objects('third', 'third', 'moved') });
    await renewed('west', 2, { to: { third: ['/ConfigMap/ml/moved'] } });
  });

  it('is none when the other object of that name is in another namespace', async () => {
    await startFleet({
      'fleet/old.yaml': application('old', budget('0')),
      'fleet/new.yaml': application('new').replace('namespace: ml', 'namespace: other'),
    });
    const second = rig.push(move);
    await reaches('old', second, 'waiting');
    expect(given('west', 2)).toEqual([]);
  });

  it('may be one while the commit has broken the other application, and is settled by the next good one', async () => {
    await startFleet({ 'fleet/old.yaml': application('old', budget('100%')) });
    rig.behave('west', 'silent');
    const second = rig.push({
      ...move,
      'applications/new/base/kustomization.yaml': 'resources: [lost.yaml]\n',
    });
    await reaches('old', second, 'progressing');
    await vi.waitFor(() => expect(given('west', 2)).toEqual([toNew]), patience);
    rig.push({ 'applications/unrelated': 'x' });
    const mended = rig.push({
      ...objects('new', 'own'),
      'applications/new/base/kustomization.yaml': 'resources: [maps.yaml]\n# mended\n',
    });
    expect(mended).not.toBe(second);
    await renewed('west', 2, undefined);
  });

  it('is known to a hub that goes on where another one was killed', async () => {
    const first = rig.commit(fleet);
    const one = await rig.replica('hub-1');
    await reaches('old', first);
    await reaches('new', first);
    rig.behave('west', 'silent');
    const second = rig.push(move);
    await reaches('old', second, 'progressing');
    await vi.waitFor(() => expect(given('west', 2)).toEqual([toNew]), patience);
    await one.kill();
    await rig.replica('hub-2');
    rig.behave('west', 'Healthy');
    await reaches('old', second);
    await reaches('new', second);
    expect(given('east', 2)[0]).toEqual(toNew);
    expect(rig.violations()).toEqual([]);
  });

  it('is known whichever of the two applications is rendered first', async () => {
    const first = rig.commit(fleet);
    const replica = await rig.replica('hub-1', { deaf: true, idle: true, impatient: true });
    await reaches('old', first);
    await reaches('new', first);
    rig.behave('west', 'silent');
    const heavier = Array.from({ length: 300 }, (_, index) => `more-${index}`);
    rig.commit({ ...move, ...objects('new', 'own', 'moved', ...heavier) });
    replica.control.look();
    await vi.waitFor(() => expect(given('west', 2).length).toBeGreaterThan(0), patience);
    for (const moves of given('west', 2)) expect(moves).toEqual(toNew);
  });
});
