import { writeFileSync } from 'node:fs';
import { FaultError } from '@meridian/runtime';
import { describe, expect, it } from 'vitest';
import type { KubePort } from '../ports.ts';
import { usePlane } from '../testing/plane.ts';
import { configMap, createHandHub, startTestAgent, until } from '../testing/rig.ts';

const signal = new AbortController().signal;
const plane = usePlane('tough');
let count = 0;

async function startWorld(
  options: { readonly dataDir?: string; readonly wrap?: (real: KubePort) => KubePort } = {},
) {
  count += 1;
  const namespace = `tough-${count}`;
  const hub = createHandHub('tough', namespace);
  const agent = await startTestAgent({
    cluster: 'tough',
    kubeconfig: plane.control.kubeconfig,
    dataDir: `${plane.dir}/data-${count}`,
    stateNamespace: `${namespace}-state`,
    publicKey: hub.publicKey,
    ...options,
  });
  const ref = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name });
  const edit = (name: string, key: string, fieldManager = 'kubectl-edit') =>
    plane.kube.patch(ref(name), { type: 'merge', patch: { data: { key } } }, { fieldManager, signal });
  const dataOf = async (name: string) => (await plane.kube.get(ref(name), signal))?.['data'];
  return { agent, hub, edit, dataOf, [Symbol.asyncDispose]: () => agent.stop() };
}

const isSynced = ({ sync }: { sync: string }) => sync === 'Synced';

/** Counts what is written to the cluster. */
function counting(): {
  readonly wrap: (real: KubePort) => KubePort;
  readonly applied: string[];
  readonly kept: () => number;
} {
  const applied: string[] = [];
  let kept = 0;
  return {
    applied,
    kept: () => kept,
    wrap: (real) => ({
      ...real,
      apply: (object, options) => {
        applied.push(object.metadata.name);
        return real.apply(object, options);
      },
      put: (object, within) => {
        kept += 1;
        return real.put(object, within);
      },
    }),
  };
}

describe('an agent that has to endure something', () => {
  it('writes one object and its state twice when one of many objects changed', async () => {
    const calls = counting();
    await using world = await startWorld({ wrap: calls.wrap });
    const many = Array.from({ length: 20 }, (_, index) => configMap(`c${index}`));
    await world.agent.give('web', world.hub.sign('web', many));
    await world.agent.reaches('web', 'is synced', isSynced);
    await until('its state is kept', () => calls.kept() >= 2);
    const [before, keptBefore] = [calls.applied.length, calls.kept()];
    await world.agent.give('web', world.hub.sign('web', [...many.slice(1), configMap('c0', { key: 'new' })]));
    await world.agent.reaches('web', 'is synced', (status) => status.generation === 2 && isSynced(status));
    await until('its state is kept', () => calls.kept() >= keptBefore + 2);
    expect(calls.applied.slice(before)).toEqual(['c0']);
    expect(calls.kept()).toBe(keptBefore + 2);
  });

  it('takes a renewed signature without touching anything', async () => {
    const calls = counting();
    await using world = await startWorld({ wrap: calls.wrap });
    const fixed = { release: `sha256:${'0'.repeat(64)}`, generation: 7 };
    await world.agent.give('web', world.hub.sign('web', [configMap('a')], fixed));
    await world.agent.reaches('web', 'is synced', isSynced);
    const before = calls.applied.length;
    const again = world.hub.sign('web', [configMap('a')], {
      ...fixed,
      term: 2,
      expiresAtMs: Date.now() + 999_999_999,
    });
    expect(await world.agent.give('web', again)).toEqual({ decision: 'renew' });
    const renewed = await world.agent.reaches('web', 'has the new term', ({ term }) => term === 2);
    expect(renewed.sync).toBe('Synced');
    expect(world.agent.reports.filter(({ term, sync }) => term === 2 && sync !== 'Synced')).toEqual([]);
    expect(calls.applied.length).toBe(before);
  });

  it('says when its assignment expired, and keeps what it has', async () => {
    await using world = await startWorld();
    await world.agent.give('web', world.hub.sign('web', [configMap('a')], { expiresAtMs: 1 }));
    const status = await world.agent.reaches('web', 'is synced', isSynced);
    expect(status.message).toContain('the assignment expired at 1970-01-01');
    expect(await world.dataOf('a')).toEqual({ key: 'value' });
  });

  it('applies nothing that it cannot keep, and heals what it had', async () => {
    const state = { full: false };
    const file = `${plane.dir}/a-file`;
    writeFileSync(file, '');
    const wrap = (real: KubePort): KubePort => ({
      ...real,
      put: (object, within) =>
        state.full
          ? Promise.reject(new FaultError('exhausted', 'etcd is full', { retry: 'later' }))
          : real.put(object, within),
    });
    await using world = await startWorld({ dataDir: file, wrap });
    await world.agent.give('web', world.hub.sign('web', [configMap('a')]));
    await world.agent.reaches('web', 'is synced', isSynced);
    state.full = true;
    await world.agent.give('web', world.hub.sign('web', [configMap('a', { key: 'new' })]));
    const stuck = await world.agent.reaches('web', 'says so', ({ message }) =>
      message.includes('cannot be kept'),
    );
    expect(stuck.message).toContain(
      'generation 2 cannot be kept and is not applied, the one before stays: disk: ENOTDIR',
    );
    expect(stuck.message).toContain('cluster: etcd is full');
    expect(stuck.generation).toBe(1);
    await world.edit('a', 'edited');
    await world.agent.reaches('web', 'has healed', ({ drift }) => drift[0]?.healedAtMs !== undefined);
    expect(await world.dataOf('a')).toEqual({ key: 'value' });
    state.full = false;
    await world.agent.reaches('web', 'goes on', (status) => status.generation === 2 && isSynced(status));
    expect(await world.dataOf('a')).toEqual({ key: 'new' });
  });

  it('slows down and names the fighter when something undoes every heal', async () => {
    await using world = await startWorld();
    await world.agent.give('web', world.hub.sign('web', [configMap('a')]));
    await world.agent.reaches('web', 'is synced', isSynced);
    for (let round = 0; round < 6; round += 1) {
      await world.edit('a', `edit ${round}`, 'other-operator');
      if (round < 5)
        await until(
          'it was healed',
          async () => JSON.stringify(await world.dataOf('a')) === '{"key":"value"}',
        );
    }
    const status = await world.agent.reaches('web', 'names the fighter', ({ message }) =>
      message.includes('again after each heal'),
    );
    expect(status.message).toContain(
      'was modified by other-operator again after each heal, so healing slows down; stop other-operator',
    );
    await until(
      'it was healed in the end',
      async () => JSON.stringify(await world.dataOf('a')) === '{"key":"value"}',
    );
  });

  it('finds what changed while the API server was away', async () => {
    await using world = await startWorld();
    await world.agent.give('web', world.hub.sign('web', [configMap('a'), configMap('b')]));
    await world.agent.reaches('web', 'is synced', isSynced);
    await plane.control.crash('kube-apiserver');
    await world.agent.give('web', world.hub.sign('web', [configMap('a', { key: 'new' }), configMap('b')]));
    const failed = await world.agent.reaches('web', 'cannot apply', ({ sync }) => sync === 'Failed');
    expect(failed.generation).toBe(2);
    await plane.control.restart('kube-apiserver');
    await world.agent.reaches('web', 'is synced', isSynced);
    expect(await world.dataOf('a')).toEqual({ key: 'new' });
    await world.edit('b', 'edited');
    await until(
      'drift is healed again',
      async () => JSON.stringify(await world.dataOf('b')) === '{"key":"value"}',
    );
  });
});
