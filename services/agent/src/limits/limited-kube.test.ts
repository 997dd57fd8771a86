import type { AgentLimits } from '@meridian/fleet';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '@meridian/manifests';
import { systemClock } from '@meridian/runtime';
import type { KubePort } from '../ports.ts';
import { configMap } from '../testing/rig.ts';
import { LimitFault, limitKube } from './limited-kube.ts';
import { createLocalLimits } from './local-limits.ts';

const { signal } = new AbortController();

/** A cluster that notes what reaches it; its kind Wide is outside namespaces. */
function noting() {
  const calls: string[] = [];
  const note = (name: string, answer: unknown) => {
    calls.push(name);
    return Promise.resolve(answer);
  };
  const stored = configMap('a');
  const kube: KubePort = {
    identity: () => note('identity', {}) as never,
    isNamespaced: ({ kind }) => Promise.resolve(kind !== 'Wide'),
    get: () => note('get', undefined) as never,
    list: () => note('list', []) as never,
    apply: () => note('apply', stored) as never,
    applyUncontested: () => note('applyUncontested', { ok: true, object: stored }) as never,
    rewrite: () => note('rewrite', stored) as never,
    rewriteManagers: () => note('rewriteManagers', undefined) as never,
    tryCreate: () => note('tryCreate', undefined) as never,
    isAboutOtherVersion: () => false,
    immutableFields: () => [],
    remove: () => note('remove', 'removed') as never,
    // A watch that tells nothing.
    watch: async function* () {
      calls.push('watch');
    },
    put: () => note('put', stored) as never,
    as: () => kube,
  };
  return { kube, calls };
}

function limited(first: AgentLimits) {
  const limits = createLocalLimits(systemClock, { isRequired: false });
  limits.set(first);
  const { kube, calls } = noting();
  return { kube: limitKube(kube, limits), calls, limits };
}

const inside = (kind: string, image = ''): KubeObject => ({
  apiVersion: kind === 'ConfigMap' ? 'v1' : 'example.com/v1',
  kind,
  metadata: { name: 'a', namespace: 'ml' },
  spec: { image },
});

const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'ml', name: 'a' };

const writes = (kube: KubePort, object: KubeObject): readonly (() => Promise<unknown>)[] => [
  () => kube.apply(object, { signal }),
  () => kube.applyUncontested(object, signal),
  () => kube.rewrite(object, object, { signal }),
  () => kube.rewriteManagers(object, [], signal),
  () => kube.put(object, signal),
  () => kube.remove({ ...ref, kind: object.kind, apiVersion: object.apiVersion }, 'uid', signal),
];

describe('a cluster with limits', () => {
  it('takes no write of any kind while it is frozen, and all looks', async () => {
    const { kube, calls, limits } = limited({ freeze: { author: 'lena', reason: 'audit' } });
    for (const each of [kube, kube.as('somebody')])
      for (const write of writes(each, inside('ConfigMap')))
        await expect(write()).rejects.toMatchObject({ isStop: true, retry: 'later' });
    await kube.apply(inside('ConfigMap'), { dryRun: true, signal });
    await kube.rewrite(inside('ConfigMap'), inside('ConfigMap'), { dryRun: true, signal });
    await kube.get(ref, signal);
    expect(calls).toEqual(['apply', 'rewrite', 'get']);
    limits.set({});
    for (const write of writes(kube, inside('ConfigMap'))) await write();
    expect(calls).toHaveLength(9);
  });

  it('takes no write where it must not be, by whosever rights', async () => {
    const { kube, calls } = limited({ namespaces: { denied: ['ml'] } });
    for (const each of [kube, kube.as('somebody')])
      for (const write of writes(each, inside('ConfigMap')))
        await expect(write()).rejects.toThrow(LimitFault);
    expect(calls).toEqual([]);
  });

  it('asks of a kind outside namespaces what it is, whatever namespace its object names', async () => {
    const { kube, calls } = limited({ kinds: { clusterScoped: [] } });
    for (const write of writes(kube, inside('Wide')))
      await expect(write()).rejects.toThrow('kinds.clusterScoped');
    expect(calls).toEqual([]);
    for (const write of writes(kube, inside('Narrow'))) await write();
    expect(calls).toHaveLength(6);
  });

  it('deletes what has an image that is not allowed any more, but does not write it', async () => {
    const { kube, calls } = limited({ registries: [] });
    const [apply, uncontested, rewrite, managers, put, remove] = writes(kube, inside('Narrow', 'nginx'));
    for (const write of [apply, uncontested, rewrite, put])
      await expect(write?.()).rejects.toThrow('registries');
    await managers?.();
    await remove?.();
    expect(calls).toEqual(['rewriteManagers', 'remove']);
  });
});
