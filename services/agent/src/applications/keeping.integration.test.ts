import { rm } from 'node:fs/promises';
import { FaultError } from '@meridian/runtime';
import { describe, expect, it } from 'vitest';
import type { KubePort } from '../ports.ts';
import { usePlane } from '../testing/plane.ts';
import { configMap, createHandHub, startTestAgent, until } from '../testing/rig.ts';
import type { HandHub, TestAgent } from '../testing/rig.ts';

const signal = new AbortController().signal;
const plane = usePlane('keeping');

let count = 0;

/** A cluster that refuses the agent's Secrets while told to, as a webhook or missing rights would. */
function createWorld() {
  count += 1;
  const namespace = `keeping-${count}`;
  const dataDir = `${plane.dir}/data-${count}`;
  const hub = createHandHub('keeping', namespace);
  const refused = { saves: false, loads: false, answers: false };
  const refuse = (what: string) => {
    throw new FaultError('denied', `Secrets cannot be ${what}`, { retry: 'later' });
  };
  const wrap = (real: KubePort): KubePort => ({
    ...real,
    put: async (object, within) => (refused.saves ? refuse('written') : real.put(object, within)),
    list: async (query, within) => {
      if (query.kind !== 'Secret') return real.list(query, within);
      if (refused.answers) await until('aborted', () => within.aborted).then(() => within.throwIfAborted());
      return refused.loads ? refuse('listed') : real.list(query, within);
    },
  });
  const start = (): Promise<TestAgent> =>
    startTestAgent({
      cluster: 'keeping',
      kubeconfig: plane.control.kubeconfig,
      dataDir,
      stateNamespace: `${namespace}-state`,
      publicKey: hub.publicKey,
      wrap,
    });
  return {
    hub,
    refused,
    start,
    loseDisk: () => rm(dataDir, { recursive: true, force: true }),
    /** The data of the only ConfigMap. */
    live: async () => {
      const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'settings' };
      return (await plane.kube.get(ref, signal))?.['data'];
    },
    secretVersion: async () => {
      const ref = {
        apiVersion: 'v1',
        kind: 'Secret',
        namespace: `${namespace}-state`,
        name: 'meridian-app-web',
      };
      return (await plane.kube.get(ref, signal))?.metadata.resourceVersion;
    },
  };
}

const settings = (hub: HandHub, value: string) => hub.sign('web', [configMap('settings', { value })]);

const synced = (agent: TestAgent, generation: number) =>
  agent.reaches('web', `is synced at ${generation}`, (status) => {
    return status.generation === generation && status.sync === 'Synced';
  });

/** A world whose agent has applied and kept a first generation. */
async function startSynced() {
  const world = createWorld();
  const agent = await world.start();
  const old = settings(world.hub, 'one');
  await agent.give('web', old);
  await synced(agent, 1);
  return { world, agent, old };
}

describe('an agent whose cluster refuses to keep its state', () => {
  it('goes on with its disk, says so, and saves again until the cluster has it as well', async () => {
    const { world, agent, old } = await startSynced();
    world.refused.saves = true;
    await agent.give('web', settings(world.hub, 'two'));
    await synced(agent, 2);
    const status = await agent.reaches('web', 'says so', ({ message }) => message.includes('kept'));
    expect(status.message).toBe(
      'the state of generation 2 is not kept everywhere and is saved again: cluster: Secrets cannot be written',
    );
    world.refused.saves = false;
    await agent.reaches('web', 'has saved it', ({ message }) => message === '');
    await agent.stop();

    await world.loseDisk();
    await using heir = await world.start();
    await synced(heir, 2);
    expect(await heir.give('web', old)).toMatchObject({ decision: 'refuse' });
    expect(await world.live()).toEqual({ value: 'two' });
  });

  it('makes up for it after a restart, without anything new from the hub', async () => {
    const { world, agent } = await startSynced();
    world.refused.saves = true;
    await agent.give('web', settings(world.hub, 'two'));
    await synced(agent, 2);
    const before = await world.secretVersion();
    await agent.stop();

    world.refused.saves = false;
    const next = await world.start();
    await until('the cluster has it', async () => (await world.secretVersion()) !== before);
    await next.stop();

    await world.loseDisk();
    await using heir = await world.start();
    await synced(heir, 2);
    expect(await world.live()).toEqual({ value: 'two' });
  });

  it('applies and accepts nothing while it cannot know what the cluster has kept', async () => {
    const { world, agent } = await startSynced();
    await agent.stop();

    world.refused.loads = true;
    await using next = await world.start();
    expect(await next.give('web', settings(world.hub, 'two'))).toMatchObject({ decision: 'refuse' });
    expect(await next.give('other', world.hub.sign('other', []))).toMatchObject({ decision: 'refuse' });
    expect(next.status('web')).toBeUndefined();
    expect(next.events).toMatchObject([
      { type: 'state.unread', message: expect.stringContaining('Secrets cannot be listed') as string },
    ]);
    world.refused.loads = false;
    await synced(next, 1);
    await next.give('web', settings(world.hub, 'three'));
    await synced(next, 4);
    expect(await world.live()).toEqual({ value: 'three' });
  });

  it('waits no longer than it must for a cluster that does not answer', async () => {
    const { world, agent } = await startSynced();
    await agent.stop();

    world.refused.answers = true;
    await using next = await world.start();
    expect(next.events).toMatchObject([{ message: expect.stringContaining('did not answer') as string }]);
    world.refused.answers = false;
    await synced(next, 1);
  });
});
