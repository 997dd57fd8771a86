import type { KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { followDeletions } from '../testing/deletions.ts';
import { usePlane } from '../testing/plane.ts';
import { configMap, createHandHub, startTestAgent, until } from '../testing/rig.ts';
import { isDone, startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

const signal = new AbortController().signal;
const plane = usePlane('moves');
const other = usePlane('moves-other');
const label = 'meridian.dev/application';

const deletions = (world: World) => followDeletions(plane, world);

const ownerOf = (live: KubeObject | undefined) => live?.metadata.labels?.[label];

/** Gives an application these objects, and lets it delete as many as it likes. */
const give = ({ agent, hub }: World, application: string, ...names: readonly string[]) =>
  agent.give(
    application,
    hub.sign(
      application,
      names.map((name) => configMap(name)),
      { allowedDeletions: 9 },
    ),
  );

const bothDone = async ({ agent }: World) => {
  await agent.reaches('a', 'is done', (status) => status.generation > 1 && isDone(status));
  await agent.reaches('b', 'is done', isDone);
};

const startMove = async (): Promise<World> => {
  const world = await startWorld(plane);
  await give(world, 'a', 'kept', 'moved', 'dropped');
  await world.agent.reaches('a', 'is done', isDone);
  return world;
};

describe('an object that moves from one application to another', () => {
  it('is handed over however late the new one comes, when the old one does not prune', async () => {
    await using world = await startMove();
    const gone = await deletions(world);
    const uid = (await world.live('ConfigMap', 'moved'))?.metadata.uid;
    const kept = world.hub.sign('a', [configMap('kept')], { allowedDeletions: 9, prune: false });
    await world.agent.give('a', kept);
    await world.agent.reaches('a', 'is done', (status) => status.generation > 1 && isDone(status));
    await give(world, 'b', 'moved');
    await world.agent.reaches('b', 'is done', isDone);
    expect((await world.live('ConfigMap', 'moved'))?.metadata.uid).toBe(uid);
    expect(await gone()).toEqual([]);
  });

  it('is handed over when the new one comes first, and was an error that names both until then', async () => {
    await using world = await startMove();
    const { agent } = world;
    const uid = (await world.live('ConfigMap', 'moved'))?.metadata.uid;
    const seen = await deletions(world);
    await give(world, 'b', 'moved');
    const failed = await agent.reaches('b', 'fails', ({ sync }) => sync === 'Failed');
    expect(failed.message).toContain('applications a and b both name this object, and a has it already');
    await give(world, 'a', 'kept');
    await bothDone(world);
    const moved = await world.live('ConfigMap', 'moved');
    expect([ownerOf(moved), moved?.metadata.uid]).toEqual(['b', uid]);
    expect(await seen()).toEqual(['dropped']);
    expect(agent.events.map(({ message }) => message)).toContain(
      `handed ConfigMap ${world.namespace}/moved over to application b`,
    );
  });

  it('is handed over when the old one drops it first, also as it is withdrawn', async () => {
    await using world = await startMove();
    const { agent, hub } = world;
    const seen = await deletions(world);
    await agent.give('a', hub.sign('a', undefined, { allowedDeletions: 9 }));
    await give(world, 'b', 'moved');
    await agent.reaches('b', 'is done', isDone);
    await until('the rest is gone', async () => (await world.live('ConfigMap', 'kept')) === undefined);
    expect(ownerOf(await world.live('ConfigMap', 'moved'))).toBe('b');
    expect([...(await seen())].sort()).toEqual(['dropped', 'kept']);
  });

  it('is handed over by an agent that was stopped in between, with or without its disk', async () => {
    await using world = await startMove();
    const seen = await deletions(world);
    await give(world, 'b', 'moved');
    await world.agent.reaches('b', 'fails', ({ sync }) => sync === 'Failed');
    await world.restart();
    await world.agent.reaches('b', 'fails as before', ({ sync }) => sync === 'Failed');
    expect(ownerOf(await world.live('ConfigMap', 'moved'))).toBe('a');
    await give(world, 'a', 'kept');
    await world.agent.reaches('a', 'has taken it over', ({ generation }) => generation > 1);
    await world.restart({ withoutDisk: true });
    await bothDone(world);
    expect(ownerOf(await world.live('ConfigMap', 'moved'))).toBe('b');
    await world.restart();
    await bothDone(world);
    expect(ownerOf(await world.live('ConfigMap', 'moved'))).toBe('b');
    expect(await seen()).toEqual(['dropped']);
  });

  it('is handed over whatever pruning is allowed: nothing is deleted by it', async () => {
    await using world = await startMove();
    const { agent, hub } = world;
    const seen = await deletions(world);
    await give(world, 'b', 'moved');
    const two = [configMap('kept'), configMap('dropped')];
    await agent.give('a', hub.sign('a', two, { prune: false }));
    await bothDone(world);
    expect(ownerOf(await world.live('ConfigMap', 'moved'))).toBe('b');
    expect(await seen()).toEqual([]);
  });

  it('is swapped for one of the other application in one commit: neither waits for the other for ever', async () => {
    await using world = await startMove();
    const { agent } = world;
    await give(world, 'b', 'theirs');
    await agent.reaches('b', 'is done', isDone);
    const uids = async () =>
      Promise.all(
        ['moved', 'theirs'].map(async (name) => (await world.live('ConfigMap', name))?.metadata.uid),
      );
    const before = await uids();
    await give(world, 'a', 'kept', 'theirs');
    await give(world, 'b', 'moved');
    await agent.reaches('b', 'is done', (status) => status.generation === 4 && isDone(status));
    await agent.reaches('a', 'is done', (status) => status.generation === 3 && isDone(status));
    expect(await uids()).toEqual(before);
    expect(ownerOf(await world.live('ConfigMap', 'moved'))).toBe('b');
    expect(ownerOf(await world.live('ConfigMap', 'theirs'))).toBe('a');
  });

  it('is handed over long after the old one dropped it and left it in place', async () => {
    await using world = await startMove();
    const { agent, hub } = world;
    await agent.give('a', hub.sign('a', [configMap('kept')], { prune: false }));
    await agent.reaches('a', 'is done', (status) => status.generation === 2 && isDone(status));
    expect(ownerOf(await world.live('ConfigMap', 'moved'))).toBe('a');
    await give(world, 'b', 'moved');
    await bothDone(world);
    expect(ownerOf(await world.live('ConfigMap', 'moved'))).toBe('b');
  });

  it.each([false, true])(
    'goes when the new one gives it up before it could take it over, restarted in between: %s',
    async (isRestarted) => {
      await using world = await startMove();
      const { hub } = world;
      const annotations = { 'meridian.dev/hook': 'PreSync' };
      const container = { name: 'never', image: 'registry.example/never:1' };
      const never = {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: 'never', annotations },
        spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } },
      };
      await world.agent.give('b', hub.sign('b', [never, configMap('moved')]));
      await until('it waits', () => world.live('Job', 'never', 'batch/v1'));
      await give(world, 'a', 'kept');
      const isTold = () => world.agent.events.some(({ type }) => type === 'object.handed-over');
      await until('it is handed over', isTold);
      await world.agent.reaches('a', 'is done', (status) => status.generation === 3 && isDone(status));
      expect(ownerOf(await world.live('ConfigMap', 'moved'))).toBe('a');
      if (isRestarted) await world.restart();
      await give(world, 'b', 'other');
      await until('it is gone', async () => (await world.live('ConfigMap', 'moved')) === undefined);
      expect(await world.live('ConfigMap', 'kept')).toBeDefined();
    },
  );

  it('goes when nobody names it any more', async () => {
    await using world = await startMove();
    await give(world, 'b', 'moved');
    await give(world, 'a', 'kept');
    await bothDone(world);
    await give(world, 'b');
    await until('it is gone', async () => (await world.live('ConfigMap', 'moved')) === undefined);
  });
});

describe('an agent that is pointed at another cluster', () => {
  it('applies what it knows there, and neither prunes nor claims by what it made in the old one', async () => {
    const hub = createHandHub('one', 'fresh');
    const options = {
      cluster: 'one',
      dataDir: `${plane.dir}/pointed`,
      stateNamespace: 'fresh-state',
      publicKey: hub.publicKey,
    };
    const { kubeconfig } = plane.control;
    {
      await using first = await startTestAgent({ ...options, kubeconfig });
      await first.give('web', hub.sign('web', [configMap('a'), configMap('b')]));
      await first.reaches('web', 'is done', isDone);
    }
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'fresh' } };
    const restored = configMap('b');
    await other.kube.create(namespace, { fieldManager: 'restore', signal });
    await other.kube.create(
      { ...restored, metadata: { name: 'b', namespace: 'fresh', labels: { [label]: 'web' } } },
      { fieldManager: 'restore', signal },
    );
    await using second = await startTestAgent({ ...options, kubeconfig: other.control.kubeconfig });
    await second.reaches('web', 'is applied here', (status) => status.generation === 1 && isDone(status));
    const at = (name: string) =>
      other.kube.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'fresh', name }, signal);
    expect(await at('a')).toBeDefined();
    await second.give('web', hub.sign('web', [configMap('a')], { allowedDeletions: 0 }));
    const refused = await second.reaches('web', 'refuses', ({ refusedDeletions }) => refusedDeletions === 1);
    expect(refused.message).toContain('ConfigMap fresh/b');
  });

  it('leaves alone there what a bundle has dropped by the time it comes', async () => {
    const hub = createHandHub('one', 'late');
    const options = {
      cluster: 'one',
      dataDir: `${plane.dir}/late`,
      stateNamespace: 'late-state',
      publicKey: hub.publicKey,
    };
    {
      await using first = await startTestAgent({ ...options, kubeconfig: plane.control.kubeconfig });
      await first.give(
        'web',
        hub.sign('web', [configMap('a'), configMap('b', {}, { 'meridian.dev/prune': 'disabled' })]),
      );
      await first.reaches('web', 'is done', isDone);
      await first.give('web', hub.sign('web', [configMap('a')]));
      await first.reaches('web', 'is done', (status) => status.generation === 2 && isDone(status));
    }
    const metadata = { name: 'b', namespace: 'late', labels: { [label]: 'web' } };
    await other.kube.create(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'late' } },
      { fieldManager: 'restore', signal },
    );
    await other.kube.create(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata },
      { fieldManager: 'restore', signal },
    );
    await using second = await startTestAgent({ ...options, kubeconfig: other.control.kubeconfig });
    await second.give('web', hub.sign('web', [configMap('a'), configMap('c')], { allowedDeletions: 9 }));
    await second.reaches('web', 'is done', (status) => status.generation === 3 && isDone(status));
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'late', name: 'b' };
    expect(await other.kube.get(ref, signal)).toBeDefined();
  });
});
