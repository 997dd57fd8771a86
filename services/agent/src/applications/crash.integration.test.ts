import type { Assignment } from '@meridian/fleet';
import type { KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { dyingAfter } from '../testing/dying.ts';
import { usePlane } from '../testing/plane.ts';
import { configMap, createHandHub, startTestAgent, until } from '../testing/rig.ts';

const signal = new AbortController().signal;
const plane = usePlane('crash');

const isAt =
  (generation: number) =>
  (status: { readonly generation: number; readonly sync: string } | undefined): boolean =>
    status?.generation === generation && status.sync === 'Synced';

/** What an application has before its agent dies, and what it is given when it does. */
interface Story {
  readonly first: readonly KubeObject[];
  readonly second: readonly KubeObject[];
  readonly changes?: Partial<Assignment>;
}

let points = 0;

/**
 * Has an agent apply the first objects, and another one die after so many writes of the second. Their disks are lost with
 * them, so that only what the cluster itself keeps can help the heir.
 */
async function killDuring({ first, second, changes }: Story, calls: number, lastArrives: boolean) {
  points += 1;
  const point = points;
  const namespace = `crash-${point}`;
  const hub = createHandHub('crash', namespace);
  const start = (disk: string, more = {}) =>
    startTestAgent({
      cluster: 'crash',
      kubeconfig: plane.control.kubeconfig,
      stateNamespace: `${namespace}-state`,
      publicKey: hub.publicKey,
      dataDir: `${plane.dir}/${point}-${disk}`,
      ...more,
    });
  const prepared = await start('a');
  await prepared.give('web', hub.sign('web', first));
  await prepared.reaches('web', 'is synced', isAt(1));
  await prepared.stop();

  const dying = dyingAfter(calls, lastArrives);
  const victim = await start('b', { wrap: dying.wrap });
  const assigned = hub.sign('web', second, changes);
  await victim.give('web', assigned);
  const hasFinished = () => isAt(2)(victim.status('web'));
  await until('it dies or ends', () => dying.died() || hasFinished());
  const isFinished = !dying.died() && hasFinished();
  void victim.stop();
  return { hub, namespace, assigned, isFinished, heir: await start('c') };
}

describe('an agent that is killed between any two calls', () => {
  const passing = {
    'argocd.argoproj.io/hook': 'PreSync',
    'argocd.argoproj.io/hook-delete-policy': 'HookSucceeded',
  };
  const commits: Story = {
    first: [configMap('stays'), configMap('goes')],
    second: [
      configMap('stays', { key: 'changed' }),
      configMap('arrives'),
      configMap('passes', {}, passing),
      configMap('prepares', {}, { 'argocd.argoproj.io/hook': 'PreSync' }),
    ],
    changes: { allowedDeletions: 1 },
  };

  it.each([true, false])('leaves no orphan behind, last call arrives: %s', async (lastArrives) => {
    for (let calls = 0; ; calls += 1) {
      const { hub, namespace, isFinished, heir } = await killDuring(commits, calls, lastArrives);
      await using agent = heir;
      // The next commit drops everything that the killed agent may have made.
      await agent.give('web', hub.sign('web', [configMap('last')], { allowedDeletions: 9 }));
      await agent.reaches('web', 'is synced', isAt(3));
      const left = await plane.kube.list(
        { apiVersion: 'v1', kind: 'ConfigMap', namespace, labelSelector: 'meridian.dev/application' },
        signal,
      );
      expect(
        left.items.map(({ metadata }) => metadata.name),
        `killed after ${calls} calls`,
      ).toEqual(['last']);
      if (!isFinished) continue;
      expect(calls, 'writes that it could be killed at').toBeGreaterThanOrEqual(5);
      return;
    }
  });

  const sealed = (value: string) => ({
    ...configMap('sealed', { key: value }, { 'meridian.dev/replace': 'enabled' }),
    immutable: true,
  });

  it.each([true, false])(
    'makes again what it deleted to replace it, last call arrives: %s',
    async (lastArrives) => {
      const replacing = { first: [sealed('1')], second: [sealed('2')] };
      for (let calls = 0; ; calls += 1) {
        const { namespace, assigned, isFinished, heir } = await killDuring(replacing, calls, lastArrives);
        await using agent = heir;
        await agent.give('web', assigned);
        await agent.reaches('web', 'is synced', isAt(2));
        const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'sealed' };
        expect((await plane.kube.get(ref, signal))?.['data'], `killed after ${calls} calls`).toEqual({
          key: '2',
        });
        if (!isFinished) continue;
        expect(calls, 'writes that it could be killed at').toBeGreaterThanOrEqual(4);
        return;
      }
    },
  );
});
