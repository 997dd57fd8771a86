import type { KubeObject } from '@meridian/manifests';
import { describe, expect, inject, it } from 'vitest';
import { grant } from '../testing/bounded-account.ts';
import { usePlane } from '../testing/plane.ts';
import { configMap, until } from '../testing/rig.ts';
import { isDone, startWorld } from '../testing/world.ts';

const plane = usePlane('acting');
const serviceAccount = 'deployer';
const fieldManager = 'test';
const { signal } = new AbortController();

const make = async (object: object): Promise<void> => {
  await plane.kube.apply(object as KubeObject, { fieldManager, force: true, signal });
};

/** Whoever changes ConfigMaps of these tests must be the service account, or an administrator that disturbs. */
async function admitOnly(namespace: string): Promise<void> {
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const name = `only-${namespace}`;
  const user = `system:serviceaccount:${namespace}:${serviceAccount}`;
  await make({
    apiVersion,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            operations: ['CREATE', 'UPDATE', 'DELETE'],
            resources: ['configmaps'],
          },
        ],
      },
      validations: [
        {
          expression: `request.namespace != '${namespace}' || request.userInfo.username == '${user}'`,
          messageExpression: "'not for ' + request.userInfo.username",
        },
      ],
    },
  });
  const spec = { policyName: name, validationActions: ['Deny'] };
  await make({ apiVersion, kind: 'ValidatingAdmissionPolicyBinding', metadata: { name }, spec });
  // A policy holds a moment after it was made.
  await until('nobody else may write', async () => {
    try {
      const probe = { ...configMap('probe'), metadata: { name: 'probe', namespace } };
      await plane.kube.apply(probe, { fieldManager, force: true, dryRun: true, signal });
      return false;
    } catch (error) {
      return String(error).includes('not for');
    }
  });
}

const namespaceOf = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

/** As the chart grants nothing to accounts of applications, a person does. */
const allow = (namespace: string, verbs: readonly string[], name: string) =>
  grant(plane, {
    kind: 'Role',
    name,
    namespace,
    rules: [{ apiGroups: [''], resources: ['configmaps'], verbs }],
    subjects: [{ kind: 'ServiceAccount', name: serviceAccount, namespace }],
  });

describe('an agent that was told of a service account of each application', () => {
  it('applies, heals, prunes and withdraws by its rights, and makes the namespace itself', async () => {
    await using world = await startWorld(plane, { serviceAccount });
    const { agent, hub, namespace } = world;
    await make(namespaceOf(namespace));
    await allow(namespace, ['create', 'patch', 'delete'], 'all');
    await admitOnly(namespace);
    await agent.give('web', hub.sign('web', [configMap('a'), configMap('b')]));
    await agent.reaches('web', 'is done', isDone);
    await plane.kube
      .as(`system:serviceaccount:${namespace}:${serviceAccount}`)
      .remove({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'a' }, { signal });
    await until('it is made again', () => world.live('ConfigMap', 'a'));
    await agent.give('web', hub.sign('web', [configMap('a')], { allowedDeletions: 1 }));
    await until('what left the bundle is gone', async () => !(await world.live('ConfigMap', 'b')));
    await agent.reaches('web', 'is done', (status) => status.generation === 2 && isDone(status));
    await agent.give('web', hub.sign('web', undefined, { allowedDeletions: 1 }));
    await until('all is gone', async () => !(await world.live('ConfigMap', 'a')));
  });

  it('reports drift by a dry-run that the account may do', async () => {
    await using world = await startWorld(plane, { serviceAccount });
    const { hub, namespace } = world;
    await make(namespaceOf(namespace));
    await allow(namespace, ['create', 'patch'], 'writes');
    await world.agent.give('web', hub.sign('web', [configMap('a')], { selfHeal: false }));
    await world.agent.reaches('web', 'is done', isDone);
    await admitOnly(namespace);
    await world.restart();
    const after = await world.agent.reaches('web', 'is done', isDone);
    expect(after.message).not.toContain('not for');
  });

  it('asks whether an object would be taken, and replaces it, by the rights of the account', async () => {
    await using world = await startWorld(plane, { serviceAccount });
    const { agent, hub, namespace } = world;
    await make(namespaceOf(namespace));
    await allow(namespace, ['create', 'patch', 'delete'], 'all');
    await admitOnly(namespace);
    const fixed = (key: string) => ({
      ...configMap('a', { key }, { 'meridian.dev/replace': 'enabled' }),
      immutable: true,
    });
    await agent.give('web', hub.sign('web', [fixed('first')]));
    await agent.reaches('web', 'is done', isDone);
    await agent.give('web', hub.sign('web', [fixed('second')]));
    await agent.reaches('web', 'is done', (status) => status.generation === 2 && isDone(status));
    expect((await world.live('ConfigMap', 'a'))?.['data']).toEqual({ key: 'second' });
  });

  // Simulated clusters know no roles: whoever they know may do everything.
  it.runIf(inject('kube') === 'real')(
    'says what the account may not do, and goes on when it may',
    async () => {
      await using world = await startWorld(plane, { serviceAccount });
      const { agent, hub, namespace } = world;
      await agent.give('web', hub.sign('web', [configMap('a')]));
      const user = `system:serviceaccount:${namespace}:${serviceAccount}`;
      const refused = await agent.reaches('web', 'is refused', ({ sync }) => sync === 'Failed');
      expect(refused.message).toContain(`User "${user}" cannot patch resource "configmaps"`);
      expect(
        await plane.kube.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, signal),
      ).toBeDefined();
      expect(await world.live('ConfigMap', 'a')).toBeUndefined();
      await allow(namespace, ['create', 'patch'], 'writes');
      await agent.reaches('web', 'is done', isDone);
      // Nothing is deleted, and nothing is lost, where deleting is not granted.
      await agent.give('web', hub.sign('web', [], { allowedDeletions: 1 }));
      const kept = await agent.reaches('web', 'cannot prune', ({ message }) =>
        message.includes('cannot delete'),
      );
      expect(kept.message).toContain(`User "${user}" cannot delete resource "configmaps"`);
      await allow(namespace, ['delete'], 'deletes');
      await until('it is pruned', async () => !(await world.live('ConfigMap', 'a')));
    },
  );

  it.runIf(inject('kube') === 'real')(
    'deletes nothing to make it again where the account may not make it, and labels no namespace that it may not',
    async () => {
      await using world = await startWorld(plane, { serviceAccount });
      const { agent, hub, namespace } = world;
      await make(namespaceOf(namespace));
      await allow(namespace, ['create', 'patch', 'delete'], 'all');
      const fixed = (key: string) => ({
        ...configMap('a', { key }, { 'meridian.dev/replace': 'enabled' }),
        immutable: true,
      });
      await agent.give('web', hub.sign('web', [fixed('first')]));
      await agent.reaches('web', 'is done', isDone);
      await allow(namespace, ['patch', 'delete'], 'all');
      await agent.give('web', hub.sign('web', [fixed('second')]));
      const kept = await agent.reaches('web', 'is refused', ({ sync }) => sync === 'Failed');
      expect(kept.message).toContain('it was not deleted, because made anew it would be refused');
      expect(kept.message).toContain('cannot create resource "configmaps"');
      expect((await world.live('ConfigMap', 'a'))?.['data']).toEqual({ key: 'first' });
      const rules = { namespaceMetadata: { labels: { mesh: 'off' }, annotations: {} } };
      await agent.give('api', hub.sign('api', [configMap('b')], { rules }));
      const refused = await agent.reaches('api', 'is refused', ({ sync }) => sync === 'Failed');
      expect(refused.message).toContain('cannot patch resource "namespaces"');
      const found = await plane.kube.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, signal);
      expect(found?.metadata.labels?.['mesh']).toBeUndefined();
    },
  );
});
