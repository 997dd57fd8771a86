import { describe, expect, it } from 'vitest';
import { dyingAfter } from '../testing/dying.ts';
import { usePlane } from '../testing/plane.ts';
import { configMap, createHandHub, startTestAgent, until } from '../testing/rig.ts';

const signal = new AbortController().signal;
const plane = usePlane('crash');

const isSynced = ({ sync }: { sync: string }) => sync === 'Synced';

// The disk is lost with the process, so that only what the cluster itself keeps can help.
describe('an agent that is killed between any two calls', () => {
  const first = [configMap('stays'), configMap('goes')];
  const passing = {
    'argocd.argoproj.io/hook': 'PreSync',
    'argocd.argoproj.io/hook-delete-policy': 'HookSucceeded',
  };
  const second = [
    configMap('stays', { key: 'changed' }),
    configMap('arrives'),
    configMap('passes', {}, passing),
    configMap('prepares', {}, { 'argocd.argoproj.io/hook': 'PreSync' }),
  ];
  let points = 0;

  it.each([true, false])('leaves no orphan behind, last call arrives: %s', async (lastArrives) => {
    for (let calls = 0; ; calls += 1) {
      points += 1;
      const namespace = `crash-${points}`;
      const hub = createHandHub('crash', namespace);
      const options = {
        cluster: 'crash',
        kubeconfig: plane.control.kubeconfig,
        stateNamespace: `${namespace}-state`,
        publicKey: hub.publicKey,
      };
      const prepared = await startTestAgent({ ...options, dataDir: `${plane.dir}/${points}-a` });
      await prepared.give('web', hub.sign('web', first));
      await prepared.reaches('web', 'is synced', isSynced);
      await prepared.stop();

      const dying = dyingAfter(calls, lastArrives);
      const victim = await startTestAgent({
        ...options,
        dataDir: `${plane.dir}/${points}-b`,
        wrap: dying.wrap,
      });
      await victim.give('web', hub.sign('web', second, { allowedDeletions: 1 }));
      const ended = await until('it dies or ends', () =>
        dying.died()
          ? 'died'
          : victim.status('web')?.generation === 2 && isSynced(victim.status('web')!)
            ? 'finished'
            : undefined,
      );
      void victim.stop();

      // The next commit drops everything that the killed agent may have made.
      await using heir = await startTestAgent({ ...options, dataDir: `${plane.dir}/${points}-c` });
      await heir.give('web', hub.sign('web', [configMap('last')], { allowedDeletions: 9 }));
      await heir.reaches('web', 'is synced', (status) => status.generation === 3 && isSynced(status));
      const left = await plane.kube.list(
        { apiVersion: 'v1', kind: 'ConfigMap', namespace, labelSelector: 'meridian.dev/application' },
        signal,
      );
      expect(
        left.items.map(({ metadata }) => metadata.name),
        `killed after ${calls} calls`,
      ).toEqual(['last']);
      if (ended === 'finished') {
        expect(calls, 'writes that it could be killed at').toBeGreaterThanOrEqual(5);
        return;
      }
    }
  });

  it.each([true, false])(
    'makes again what it deleted to replace it, last call arrives: %s',
    async (lastArrives) => {
      const sealed = (value: string) => ({
        ...configMap('sealed', { key: value }, { 'meridian.dev/replace': 'enabled' }),
        immutable: true,
      });
      for (let calls = 0; ; calls += 1) {
        points += 1;
        const namespace = `crash-${points}`;
        const hub = createHandHub('crash', namespace);
        const options = {
          cluster: 'crash',
          kubeconfig: plane.control.kubeconfig,
          stateNamespace: `${namespace}-state`,
          publicKey: hub.publicKey,
        };
        const prepared = await startTestAgent({ ...options, dataDir: `${plane.dir}/${points}-a` });
        await prepared.give('web', hub.sign('web', [sealed('1')]));
        await prepared.reaches('web', 'is synced', isSynced);
        await prepared.stop();

        const dying = dyingAfter(calls, lastArrives);
        const victim = await startTestAgent({
          ...options,
          dataDir: `${plane.dir}/${points}-b`,
          wrap: dying.wrap,
        });
        const second = hub.sign('web', [sealed('2')]);
        await victim.give('web', second);
        const ended = await until('it dies or ends', () => {
          if (dying.died()) return 'died';
          const status = victim.status('web');
          return status?.generation === 2 && isSynced(status) ? 'finished' : undefined;
        });
        void victim.stop();

        await using heir = await startTestAgent({ ...options, dataDir: `${plane.dir}/${points}-c` });
        await heir.give('web', second);
        await heir.reaches('web', 'is synced', (status) => status.generation === 2 && isSynced(status));
        const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'sealed' };
        expect((await plane.kube.get(ref, signal))?.['data'], `killed after ${calls} calls`).toEqual({
          key: '2',
        });
        if (ended === 'finished') {
          expect(calls, 'writes that it could be killed at').toBeGreaterThanOrEqual(4);
          return;
        }
      }
    },
  );
});
