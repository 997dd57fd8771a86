import type { ApplicationStatus, Health } from '@meridian/fleet';
import type { KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { openDiskStore } from '../state/disk-store.ts';
import { definition } from '../testing/definition.ts';
import { endJob, setStatus } from '../testing/job-end.ts';
import { usePlane } from '../testing/plane.ts';
import { configMap, deployment, silent, until } from '../testing/rig.ts';
import { bring, isDone, startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

const { signal } = new AbortController();
const plane = usePlane('waiting');
const isSynced = ({ sync }: { readonly sync: string }) => sync === 'Synced';

/** Says of Deployment `server` what its controller would. */
async function say(world: World, ready: number, failing = false): Promise<void> {
  const live = await world.live('Deployment', 'server', 'apps/v1');
  const nowText = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const condition = (type: string, status: string, reason: string) => ({
    type,
    status,
    reason,
    message: reason,
    lastUpdateTime: nowText,
    lastTransitionTime: nowText,
  });
  await setStatus(plane, `/apis/apps/v1/namespaces/${world.namespace}/deployments/server/status`, {
    observedGeneration: live?.metadata.generation,
    replicas: 1,
    updatedReplicas: 1,
    readyReplicas: ready,
    availableReplicas: ready,
    unavailableReplicas: 1 - ready,
    conditions: [
      condition('Available', ready === 1 ? 'True' : 'False', 'MinimumReplicas'),
      failing
        ? condition('Progressing', 'False', 'ProgressDeadlineExceeded')
        : condition('Progressing', 'True', ready === 1 ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated'),
    ],
  });
}

/** Waits until it is told, too: reports that follow each other closely are merged. */
async function hasHealth(world: World, health: Health): Promise<ApplicationStatus> {
  const status = await world.agent.reaches('web', `is ${health}`, (now) => now.health === health);
  await until(`${health} is told`, () => world.agent.reports.at(-1)?.health === health);
  return status;
}

const healthReports = (world: World): readonly Health[] =>
  world.agent.reports
    .map(({ health }) => health)
    .filter((health, index, all) => health !== all[index - 1] && health !== 'Unknown');

describe('the health of what was applied', () => {
  it('is told as it goes: progressing, healthy, degraded with its reason, healthy again, and of a new revision', async () => {
    await using world = await startWorld(plane);
    await bring(world, [deployment('server')], {}, isSynced);
    await say(world, 0);
    await hasHealth(world, 'Progressing');
    await say(world, 1);
    await hasHealth(world, 'Healthy');
    await say(world, 0, true);
    const degraded = await hasHealth(world, 'Degraded');
    expect(degraded.message).toContain(`Deployment ${world.namespace}/server: `);
    await say(world, 1);
    await hasHealth(world, 'Healthy');
    const image = 'registry.example/server:2';
    await bring(world, [deployment('server', 1, image)], {}, isSynced);
    await hasHealth(world, 'Progressing');
    await say(world, 1);
    const last = await hasHealth(world, 'Healthy');
    expect(last.generation).toBe(2);
    const story = /Progressing.*Healthy.*Degraded.*Healthy.*Progressing.*Healthy$/;
    expect(healthReports(world).join(' ')).toMatch(story);
  });

  it('holds no new revision back: it is applied while a wave of the old one waits or has failed', async () => {
    await using world = await startWorld(plane);
    const later = (name: string) => configMap(name, {}, { 'meridian.dev/wave': '1' });
    const waiting = world.hub.sign('web', [deployment('server'), later('first')]);
    await world.agent.give('web', waiting);
    await until('it is there', () => world.live('Deployment', 'server', 'apps/v1'));
    await say(world, 0, true);
    const blocked = await hasHealth(world, 'Degraded');
    expect(blocked.message).toContain('the next objects wait for Deployment');
    expect(await world.live('ConfigMap', 'first')).toBeUndefined();
    const image = 'registry.example/server:2';
    await world.agent.give('web', world.hub.sign('web', [deployment('server', 1, image), later('second')]));
    await until('the new image is there', async () => {
      const live = await world.live('Deployment', 'server', 'apps/v1');
      return JSON.stringify(live?.['spec']).includes(image);
    });
    await say(world, 1);
    await world.agent.reaches('web', 'is done', (status) => status.generation === 2 && isDone(status));
    expect(await world.live('ConfigMap', 'first')).toBeUndefined();
    expect(await world.live('ConfigMap', 'second')).toBeDefined();
  });

  it('waits for no object that is to be left alone', async () => {
    await using world = await startWorld(plane);
    const alone: KubeObject = {
      ...deployment('server'),
      metadata: { name: 'server', annotations: { 'meridian.dev/reconcile': 'disabled' } },
    };
    await bring(world, [deployment('server')], {}, isSynced);
    await say(world, 0, true);
    await hasHealth(world, 'Degraded');
    await bring(world, [alone, configMap('later', {}, { 'meridian.dev/wave': '1' })]);
  });
});

describe('a kind that comes and goes', () => {
  it('is missed by name when its definition is deleted, and its objects are made again when it is back', async () => {
    await using world = await startWorld(plane);
    const group = `${world.namespace}.example.org`;
    const made = definition({ group, kind: 'Model' });
    await plane.kube.create(made, { fieldManager: 'test', signal });
    const model = { apiVersion: `${group}/v1`, kind: 'Model', metadata: { name: 'm' }, spec: { size: 1 } };
    await bring(world, [model, configMap('a')]);
    const ref = { apiVersion: made.apiVersion, kind: made.kind, name: made.metadata.name };
    await plane.kube.remove(ref, { signal });
    await until('the definition is gone', async () => !(await plane.kube.get(ref, signal)));
    const next = world.hub.sign('web', [{ ...model, spec: { size: 2 } }, configMap('a', { key: 'new' })]);
    await world.agent.give('web', next);
    await world.agent.reaches(
      'web',
      'misses the kind',
      ({ generation, message }) => generation === next.generation && message.includes('Model'),
    );
    await until('what is beside it is written', async () =>
      JSON.stringify((await world.live('ConfigMap', 'a'))?.['data']).includes('new'),
    );
    await plane.kube.create(made, { fieldManager: 'test', signal });
    await world.agent.reaches('web', 'is done', isDone);
    expect((await world.live('Model', 'm', `${group}/v1`))?.['spec']).toEqual({ size: 2 });
  });
});

describe('a Job that is removed some time after its end', () => {
  const job = (ttlSecondsAfterFinished?: number): KubeObject => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'once' },
    spec: {
      ...(ttlSecondsAfterFinished === undefined ? {} : { ttlSecondsAfterFinished }),
      template: {
        spec: { restartPolicy: 'Never', containers: [{ name: 'job', image: 'registry.example/job:1' }] },
      },
    },
  });
  const remove = async (world: World) => {
    const ref = { apiVersion: 'batch/v1', kind: 'Job', namespace: world.namespace, name: 'once' };
    await plane.kube.remove(ref, { signal });
    await until('it is gone', async () => !(await world.live('Job', 'once', 'batch/v1')));
  };

  it('has done its work: it is healthy and is not run again, also not after a restart or beside another change', async () => {
    await using world = await startWorld(plane);
    await bring(world, [job(60)], {}, ({ sync }) => sync !== 'Failed');
    await endJob(plane, world, { name: 'once', type: 'Complete' });
    await world.agent.reaches('web', 'is done', isDone);
    await remove(world);
    const status = await world.agent.reaches('web', 'tells', ({ objects }) =>
      objects.some(({ reason }) => reason.includes('ttlSecondsAfterFinished')),
    );
    expect(status).toMatchObject({ sync: 'Synced', health: 'Healthy', drift: [] });
    await world.restart();
    await world.agent.reaches('web', 'is done', isDone);
    await bring(world, [job(60), configMap('more')]);
    expect(await world.live('Job', 'once', 'batch/v1')).toBeUndefined();
    expect(world.agent.events.filter(({ type }) => type === 'drift.seen')).toEqual([]);
  });

  it('is not run again either when it was removed while the agent was away', async () => {
    await using world = await startWorld(plane);
    await bring(world, [job(60)], {}, ({ sync }) => sync !== 'Failed');
    await endJob(plane, world, { name: 'once', type: 'Complete' });
    await world.agent.reaches('web', 'is done', isDone);
    await until('its end is kept', async () => {
      const [record] = await openDiskStore(world.dataDir, silent).load();
      return record?.inventory.some(({ ended }) => ended !== undefined);
    });
    await world.agent.stop();
    await remove(world);
    await world.restart();
    await world.agent.reaches('web', 'is done', isDone);
    await bring(world, [job(60), configMap('more')]);
    expect(await world.live('Job', 'once', 'batch/v1')).toBeUndefined();
  });

  it('is run again when it says nothing of being removed, or was removed before its end', async () => {
    await using world = await startWorld(plane);
    await bring(world, [job(60)], {}, ({ sync }) => sync !== 'Failed');
    const first = await until('it is there', () => world.live('Job', 'once', 'batch/v1'));
    await plane.kube.remove(
      { apiVersion: 'batch/v1', kind: 'Job', namespace: world.namespace, name: 'once' },
      { signal },
    );
    await until('there is another', async () => {
      const uid = (await world.live('Job', 'once', 'batch/v1'))?.metadata.uid;
      return uid !== undefined && uid !== first.metadata.uid;
    });
    await bring(
      world,
      [job()],
      { allowedDeletions: 1, rules: { replaceImmutable: true } },
      (status) => status.sync !== 'Failed',
    );
    const second = await endJob(plane, world, { name: 'once', type: 'Complete' });
    await world.agent.reaches('web', 'is done', isDone);
    await plane.kube.remove(
      { apiVersion: 'batch/v1', kind: 'Job', namespace: world.namespace, name: 'once' },
      { signal },
    );
    await until('there is a third', async () => {
      const uid = (await world.live('Job', 'once', 'batch/v1'))?.metadata.uid;
      return uid !== undefined && uid !== second;
    });
  });
});
