import type { KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { endJob } from '../testing/job-end.ts';
import { usePlane } from '../testing/plane.ts';
import { configMap, until } from '../testing/rig.ts';
import { inside, isDone, makeNamespace, startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

const signal = new AbortController().signal;
const plane = usePlane('hooks');

/** A Job that a test ends by hand, so that it is the same where no kubelet runs. */
function hook(name: string, annotations: { readonly [name: string]: string }): KubeObject {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, annotations },
    spec: {
      backoffLimit: 0,
      template: {
        spec: {
          restartPolicy: 'Never',
          // No node is called so, so that nothing but the test ends it.
          nodeSelector: { 'test/never': 'true' },
          containers: [{ name: 'run', image: 'registry.example/run:1' }],
        },
      },
    },
  };
}

const argo = (phase: string, more: { readonly [name: string]: string } = {}) => ({
  'argocd.argoproj.io/hook': phase,
  ...more,
});

const end = (world: World, name: string, type: 'Complete' | 'Failed') => endJob(plane, world, { name, type });

const isThere = async (world: World, kind: string, name: string, apiVersion = 'v1'): Promise<boolean> =>
  (await world.live(kind, name, apiVersion)) !== undefined;

describe('hooks', () => {
  it('run before and behind the objects, once for a bundle', async () => {
    await using world = await startWorld(plane);
    const objects = [
      hook('migrate', argo('PreSync')),
      configMap('settings'),
      hook('smoke', argo('PostSync', { 'argocd.argoproj.io/hook-delete-policy': 'HookSucceeded' })),
    ];
    await world.agent.give('web', world.hub.sign('web', objects));
    await world.agent.reaches('web', 'waits for the hook', ({ message }) =>
      message.includes('the next objects wait for the PreSync hook Job'),
    );
    expect(await isThere(world, 'ConfigMap', 'settings')).toBe(false);

    const first = await end(world, 'migrate', 'Complete');
    await until('the settings are there', () => isThere(world, 'ConfigMap', 'settings'));
    await world.agent.reaches(
      'web',
      'runs the hook behind',
      ({ message, sync }) => sync === 'Applying' && message.includes('PostSync hook Job'),
    );
    await end(world, 'smoke', 'Complete');
    await world.agent.reaches('web', 'is done', isDone);
    await until(
      'the hook that has succeeded is gone',
      async () => !(await isThere(world, 'Job', 'smoke', 'batch/v1')),
    );

    // The same bundle under another generation releases nothing new.
    await world.agent.give('web', world.hub.sign('web', objects));
    await world.agent.reaches('web', 'takes it over', (status) => status.generation === 2 && isDone(status));
    expect((await world.live('Job', 'migrate', 'batch/v1'))?.metadata.uid).toBe(first);

    await world.agent.give('web', world.hub.sign('web', [...objects, configMap('more')]));
    await until('the hook runs again', async () => {
      const job = await world.live('Job', 'migrate', 'batch/v1');
      return job !== undefined && job.metadata.uid !== first;
    });
    expect(await isThere(world, 'ConfigMap', 'more')).toBe(false);
    await end(world, 'migrate', 'Complete');
    await until('the objects follow', () => isThere(world, 'ConfigMap', 'more'));
    await end(world, 'smoke', 'Complete');
    await world.agent.reaches('web', 'is done', (status) => status.generation === 3 && isDone(status));
  });

  it('that fail keep the objects back, run what is for failure, and are named', async () => {
    await using world = await startWorld(plane);
    const objects = [
      hook('migrate', argo('PreSync')),
      configMap('settings'),
      configMap('told', {}, argo('SyncFail')),
    ];
    await world.agent.give('web', world.hub.sign('web', objects));
    await end(world, 'migrate', 'Failed');
    const status = await world.agent.reaches('web', 'has failed', ({ sync }) => sync === 'Failed');
    expect(status.message).toContain(`PreSync hook Job ${world.namespace}/migrate failed: `);
    await until('what is for failure is there', () => isThere(world, 'ConfigMap', 'told'));
    expect(await isThere(world, 'ConfigMap', 'settings')).toBe(false);

    // A better bundle does not wait for the next attempt.
    await world.agent.give('web', world.hub.sign('web', [configMap('settings')], { allowedDeletions: 2 }));
    await world.agent.reaches('web', 'is done', isDone);
    await until('no hook is left', async () => !(await isThere(world, 'Job', 'migrate', 'batch/v1')));
  });

  it('are not started twice by an agent that was restarted while they ran', async () => {
    await using world = await startWorld(plane);
    await world.agent.give('web', world.hub.sign('web', [hook('migrate', argo('PreSync')), configMap('a')]));
    const job = await until('the hook runs', () => world.live('Job', 'migrate', 'batch/v1'));
    await world.restart({ withoutDisk: true });
    await world.agent.reaches('web', 'waits for it', ({ message }) =>
      message.includes('wait for the PreSync hook'),
    );
    expect((await world.live('Job', 'migrate', 'batch/v1'))?.metadata.uid).toBe(job.metadata.uid);
    await end(world, 'migrate', 'Complete');
    await world.agent.reaches('web', 'is done', isDone);
    expect((await world.live('Job', 'migrate', 'batch/v1'))?.metadata.uid).toBe(job.metadata.uid);
    await world.restart();
    await world.agent.reaches('web', 'is done', isDone);
    expect((await world.live('Job', 'migrate', 'batch/v1'))?.metadata.uid).toBe(job.metadata.uid);
  });

  it('that are gone when they succeeded are not run again after a restart', async () => {
    await using world = await startWorld(plane);
    const gone = argo('PreSync', { 'argocd.argoproj.io/hook-delete-policy': 'HookSucceeded' });
    await world.agent.give(
      'web',
      world.hub.sign('web', [hook('migrate', gone), hook('smoke', argo('PostSync')), configMap('a')]),
    );
    await end(world, 'migrate', 'Complete');
    await until('the hook is gone', async () => !(await isThere(world, 'Job', 'migrate', 'batch/v1')));
    await world.restart({ withoutDisk: true });
    await world.agent.reaches('web', 'is behind the objects', ({ message }) =>
      message.includes('PostSync hook'),
    );
    await end(world, 'smoke', 'Complete');
    await world.agent.reaches('web', 'is done', isDone);
    expect(await isThere(world, 'Job', 'migrate', 'batch/v1')).toBe(false);
  });

  it('for the end run around the deletion of everything else, also after a restart', async () => {
    await using world = await startWorld(plane);
    const objects = [
      hook('drain', argo('PreDelete')),
      hook('goodbye', argo('PostDelete')),
      configMap('settings'),
      configMap('more'),
    ];
    await world.agent.give('web', world.hub.sign('web', objects));
    await world.agent.reaches('web', 'is done', isDone);
    expect(await isThere(world, 'Job', 'drain', 'batch/v1')).toBe(false);

    await world.agent.give('web', world.hub.sign('web', undefined, { allowedDeletions: 9 }));
    await until('the first hook runs', () => isThere(world, 'Job', 'drain', 'batch/v1'));
    expect(await isThere(world, 'ConfigMap', 'settings')).toBe(true);
    await world.restart({ withoutDisk: true });
    await world.agent.reaches('web', 'waits for the hook', ({ message }) =>
      message.includes('PreDelete hook Job'),
    );
    expect(await isThere(world, 'ConfigMap', 'settings')).toBe(true);
    await end(world, 'drain', 'Complete');
    await until('the settings are gone', async () => !(await isThere(world, 'ConfigMap', 'settings')));
    await until('the last hook runs', () => isThere(world, 'Job', 'goodbye', 'batch/v1'));
    expect((await world.agent.reaches('web', 'is at it', () => true)).sync).toBe('Applying');
    await end(world, 'goodbye', 'Complete');
    await world.agent.reaches('web', 'is over', ({ sync }) => sync === 'Synced');
  });

  it('are not taken for done because a Job of an earlier bundle is', async () => {
    await using world = await startWorld(plane);
    const kept = hook('migrate', argo('PreSync', { 'argocd.argoproj.io/hook-delete-policy': 'HookFailed' }));
    await world.agent.give('web', world.hub.sign('web', [kept, configMap('a')]));
    await end(world, 'migrate', 'Complete');
    await world.agent.reaches('web', 'is done', isDone);
    await world.agent.give('web', world.hub.sign('web', [kept, configMap('a'), configMap('b')]));
    const status = await world.agent.reaches('web', 'has failed', ({ sync }) => sync === 'Failed');
    expect(status.message).toContain('the object of an earlier run is there and would not run again');
    expect(await isThere(world, 'ConfigMap', 'b')).toBe(false);
  });

  it('that have failed are not repeated at once by the same bundle under another generation', async () => {
    await using world = await startWorld(plane);
    const objects = [hook('migrate', argo('PreSync')), configMap('a')];
    await world.agent.give('web', world.hub.sign('web', objects));
    const uid = await end(world, 'migrate', 'Failed');
    await world.agent.reaches('web', 'has failed', ({ sync }) => sync === 'Failed');
    await world.agent.give('web', world.hub.sign('web', objects));
    await world.agent.reaches('web', 'has taken it over', ({ generation }) => generation === 2);
    // A second is enough for the retries of calls, and a tenth of what a hook waits.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect((await world.live('Job', 'migrate', 'batch/v1'))?.metadata.uid).toBe(uid);
    expect(world.agent.status('web')?.sync).toBe('Failed');
  });

  it('for the end do not keep an application whose namespace goes', async () => {
    await using world = await startWorld(plane);
    await world.agent.give('web', world.hub.sign('web', [hook('drain', argo('PreDelete')), configMap('a')]));
    await world.agent.reaches('web', 'is done', isDone);
    const ref = { apiVersion: 'v1', kind: 'Namespace', namespace: '', name: world.namespace };
    const namespace = await plane.kube.get(ref, signal);
    await plane.kube.remove(ref, { uid: namespace?.metadata.uid ?? '', signal });
    await world.agent.give('web', world.hub.sign('web', undefined, { allowedDeletions: 9 }));
    await world.agent.reaches(
      'web',
      'is over',
      (status) => status.generation === 2 && status.sync === 'Synced',
    );
  });

  it('that are skipped leave what is there as it is, and are not pruned', async () => {
    await using world = await startWorld(plane);
    await world.agent.give('web', world.hub.sign('web', [configMap('a'), configMap('b')]));
    await world.agent.reaches('web', 'is done', isDone);
    const skipped = configMap('b', { key: 'other' }, argo('Skip'));
    await world.agent.give('web', world.hub.sign('web', [configMap('a'), skipped], { allowedDeletions: 9 }));
    await world.agent.reaches('web', 'is done', (status) => status.generation === 2 && isDone(status));
    expect(await world.live('ConfigMap', 'b')).toMatchObject({ data: { key: 'value' } });
    await world.agent.give('web', world.hub.sign('web', [configMap('a')], { allowedDeletions: 9 }));
    await until('what left the bundle goes', async () => !(await isThere(world, 'ConfigMap', 'b')));
  });

  it('never delete an object of their name that is no hook', async () => {
    await using world = await startWorld(plane);
    await world.agent.give('web', world.hub.sign('web', [configMap('a')]));
    await world.agent.reaches('web', 'is done', isDone);
    const { metadata, ...rest } = hook('migrate', {});
    await plane.kube.create(
      { ...rest, apiVersion: 'batch/v1', kind: 'Job', metadata: { ...metadata, namespace: world.namespace } },
      { fieldManager: 'somebody', signal },
    );
    await world.agent.give(
      'web',
      world.hub.sign('web', [hook('migrate', argo('PreSync')), configMap('b')], { allowedDeletions: 1 }),
    );
    const status = await world.agent.reaches('web', 'has failed', ({ sync }) => sync === 'Failed');
    expect(status.message).toContain('an object of this name is there that is no hook');
    expect(await isThere(world, 'Job', 'migrate', 'batch/v1')).toBe(true);
  });

  it('never delete what the application has had as an object like any other', async () => {
    await using world = await startWorld(plane);
    await world.agent.give('web', world.hub.sign('web', [configMap('data', { a: '1' })]));
    await world.agent.reaches('web', 'is done', isDone);
    const first = (await world.live('ConfigMap', 'data'))?.metadata.uid;
    for (const [index, policy] of ['BeforeHookCreation', 'HookSucceeded'].entries()) {
      const annotations = argo('PreSync', { 'argocd.argoproj.io/hook-delete-policy': policy });
      await world.agent.give(
        'web',
        world.hub.sign('web', [configMap('data', { a: policy }, annotations), configMap('b')]),
      );
      const status = await world.agent.reaches(
        'web',
        'has failed',
        ({ sync, generation }) => sync === 'Failed' && generation === index + 2,
      );
      expect(status.message).toContain('an object of this name is there that is no hook');
      expect((await world.live('ConfigMap', 'data'))?.metadata.uid).toBe(first);
    }
  });

  it('run in the namespace of an application that has nothing else', async () => {
    await using world = await startWorld(plane);
    const namespace = `${world.namespace}-own`;
    await world.agent.give(
      'web',
      world.hub.sign('web', [configMap('told', {}, argo('PreSync'))], { namespace }),
    );
    await world.agent.reaches('web', 'is done', isDone);
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'told' };
    expect(await plane.kube.get(ref, signal)).toBeDefined();
  });

  it('are written by the rules for field managers, and take over what tools before us have set', async () => {
    const kept = argo('PreSync', { 'argocd.argoproj.io/hook-delete-policy': 'HookFailed' });
    const run = async (manager: string, policy?: 'yield' | 'fail') => {
      const world = await startWorld(plane);
      await makeNamespace(plane, world);
      const theirs = inside(configMap('told', { ours: '9', beside: 'x' }, kept), world);
      await plane.kube.apply(theirs, { fieldManager: manager, force: true, signal });
      const rules = policy ? { fieldManagers: [{ manager, policy }] } : {};
      await world.agent.give('web', world.hub.sign('web', [configMap('told', { ours: '1' }, kept)], rules));
      return world;
    };
    const dataOf = async (world: World) => (await world.live('ConfigMap', 'told'))?.['data'];
    {
      await using world = await run('helm');
      await world.agent.reaches('web', 'is done', isDone);
      expect(await dataOf(world)).toEqual({ ours: '1' });
    }
    {
      await using world = await run('tuner', 'yield');
      await world.agent.reaches('web', 'is done', isDone);
      expect(await dataOf(world)).toEqual({ ours: '9', beside: 'x' });
    }
    {
      await using world = await run('tuner', 'fail');
      const { message } = await world.agent.reaches('web', 'has failed', ({ sync }) => sync === 'Failed');
      expect(message).toContain(`PreSync hook ConfigMap ${world.namespace}/told: field manager tuner has`);
      expect(await dataOf(world)).toEqual({ ours: '9', beside: 'x' });
    }
  });

  it('for a failed sync do not run for what a bundle before was refused for', async () => {
    await using world = await startWorld(plane);
    const told = configMap('told', {}, argo('SyncFail'));
    const refused = configMap('settings', { 'no key': '1' });
    await world.agent.give('web', world.hub.sign('web', [refused, told]));
    const first = await until('what is for failure is there', () => world.live('ConfigMap', 'told'));
    await world.agent.give(
      'web',
      world.hub.sign('web', [hook('migrate', argo('PreSync')), configMap('settings'), told]),
    );
    await end(world, 'migrate', 'Complete');
    await world.agent.reaches('web', 'is done', isDone);
    expect((await world.live('ConfigMap', 'told'))?.metadata.uid).toBe(first.metadata.uid);
  });
});
