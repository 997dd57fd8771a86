import type { KubeObject } from '@meridian/manifests';
import { describe, expect, inject, it } from 'vitest';
import { grant } from '../testing/bounded-account.ts';
import { usePlane } from '../testing/plane.ts';
import { configMap, until } from '../testing/rig.ts';
import { isDone, makeNamespace, startWorld } from '../testing/world.ts';

const plane = usePlane('named-accounts');
const fieldManager = 'test';
const { signal } = new AbortController();
const asked = (serviceAccount: string) => ({ rules: { serviceAccount } });
const namespaceOf = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

const make = async (object: KubeObject): Promise<void> => {
  await plane.kube.apply(object, { fieldManager, force: true, signal });
};

/** Notes on each ConfigMap who wrote it last, and with which groups. */
async function noteWriters(): Promise<void> {
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const metadata = { name: 'writers' };
  const rule = {
    apiGroups: [''],
    apiVersions: ['v1'],
    operations: ['CREATE', 'UPDATE'],
    resources: ['configmaps'],
  };
  const expression =
    'Object{metadata: Object.metadata{annotations: {"writer": request.userInfo.username + " " + request.userInfo.groups.join(",")}}}';
  await make({
    apiVersion,
    kind: 'MutatingAdmissionPolicy',
    metadata,
    spec: {
      matchConstraints: { resourceRules: [rule] },
      failurePolicy: 'Fail',
      reinvocationPolicy: 'Never',
      mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }],
    },
  });
  const spec = { policyName: metadata.name };
  await make({ apiVersion, kind: 'MutatingAdmissionPolicyBinding', metadata, spec });
}

/** Lets an account of a namespace write ConfigMaps of another; a person does that, for the chart grants accounts nothing. */
const allow = (home: string, name: string, where: string) =>
  grant(plane, {
    kind: 'Role',
    name: `${home}-${name}`,
    namespace: where,
    rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['create', 'patch', 'delete'] }],
    subjects: [{ kind: 'ServiceAccount', name, namespace: home }],
  });

describe('an application that names the service account it is written by', () => {
  it('is written by the account that it names, with its groups, and others by the one of the cluster', async () => {
    await using world = await startWorld(plane, {
      serviceAccount: 'usual',
      allowedAccounts: ['blue', 'teams/*'],
    });
    const { agent, hub, namespace } = world;
    await make(namespaceOf('teams'));
    await makeNamespace(plane, world);
    for (const [home, name] of [
      [namespace, 'usual'],
      [namespace, 'blue'],
      ['teams', 'red'],
    ] as const)
      await allow(home, name, namespace);
    await noteWriters();
    const writerOf = (object: KubeObject | undefined) => object?.metadata.annotations?.['writer'];
    await until('the policy holds', async () => {
      const probe = { ...configMap('probe'), metadata: { name: 'probe', namespace } };
      return writerOf(
        (await plane.kube.apply(probe, { fieldManager, force: true, dryRun: true, signal })).object,
      );
    });
    const stories: readonly (readonly [string, object, string, string])[] = [
      ['a', {}, namespace, 'usual'],
      ['b', asked('blue'), namespace, 'blue'],
      ['c', asked('teams/red'), 'teams', 'red'],
      ['d', asked(`${namespace}/usual`), namespace, 'usual'],
    ];
    for (const [application, changes, home, name] of stories) {
      await agent.give(application, hub.sign(application, [configMap(application)], changes));
      await agent.reaches(application, 'is done', isDone);
      const groups = `system:serviceaccounts,system:serviceaccounts:${home},system:authenticated`;
      expect(writerOf(await world.live('ConfigMap', application))).toBe(
        `system:serviceaccount:${home}:${name} ${groups}`,
      );
    }
    await agent.give('c', hub.sign('c', [], { ...asked('teams/red'), allowedDeletions: 1 }));
    await until('what left the bundle is gone', async () => !(await world.live('ConfigMap', 'c')));
  });

  it('is not written at all by an account that the cluster does not allow, also after a restart', async () => {
    await using world = await startWorld(plane, { allowedAccounts: ['blue'] });
    const { hub } = world;
    await makeNamespace(plane, world);
    const mayBe = async (accounts: object) => {
      await world.restart(accounts);
      return world.agent.reaches('web', 'has an end', ({ sync }) => sync === 'Failed' || sync === 'Synced');
    };
    await world.agent.give('web', hub.sign('web', [configMap('a')], asked('root')));
    const refused = await world.agent.reaches('web', 'is refused', ({ sync }) => sync === 'Failed');
    expect(refused.message).toContain('nothing is written: service account');
    expect(refused.message).toContain('is not allowed in this cluster: it allows blue. Name one of these');
    expect(await mayBe({})).toMatchObject({ sync: 'Failed' });
    expect(await world.live('ConfigMap', 'a')).toBeUndefined();
    await allow(world.namespace, 'root', world.namespace);
    expect(await mayBe({ allowedAccounts: ['root'] })).toMatchObject({ sync: 'Synced' });
    // What was allowed once is not any more: what is there stays as it is.
    expect(await mayBe({ allowedAccounts: [] })).toMatchObject({ sync: 'Failed', generation: 1 });
    await plane.kube.remove(
      { apiVersion: 'v1', kind: 'ConfigMap', namespace: world.namespace, name: 'a' },
      { signal },
    );
    await world.agent.reaches('web', 'sees what is missing', ({ drift }) => drift.length > 0);
    expect(await world.live('ConfigMap', 'a')).toBeUndefined();
    await world.restart({ allowedAccounts: ['root'] });
    await until('it is made again', () => world.live('ConfigMap', 'a'));
  });

  it('stays as it is and is healed when a newer assignment names an account that is not allowed', async () => {
    await using world = await startWorld(plane, { allowedAccounts: ['blue'] });
    const { agent, hub, namespace } = world;
    await makeNamespace(plane, world);
    await allow(namespace, 'blue', namespace);
    await agent.give('web', hub.sign('web', [configMap('a'), configMap('b')], asked('blue')));
    await agent.reaches('web', 'is done', isDone);
    for (const account of ['kube-system/root', `${namespace}-state/agent`]) {
      const next = hub.sign('web', [configMap('a', { key: 'next' })], {
        ...asked(account),
        allowedDeletions: 5,
      });
      expect(await agent.give('web', next)).toMatchObject({ decision: 'refuse' });
    }
    await agent.reaches('web', 'says why', ({ message }) =>
      message.includes('in the namespace of this agent'),
    );
    expect(agent.events.filter(({ type }) => type === 'assignment.refused')).toHaveLength(2);
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'b' };
    await plane.kube.remove(ref, { signal });
    await until('it is made again', () => world.live('ConfigMap', 'b'));
    expect((await world.live('ConfigMap', 'a'))?.['data']).toEqual({ key: 'value' });
    await agent.give('web', hub.sign('web', [configMap('a', { key: 'next' })], asked('blue')));
    await agent.reaches('web', 'is done', (status) => isDone(status) && status.message === '');
  });

  // Simulated clusters know no roles: whoever they know may do everything.
  it.runIf(inject('kube') === 'real')(
    'is told which right its account lacks, and how to give it',
    async () => {
      await using world = await startWorld(plane, { allowedAccounts: ['blue'] });
      const { agent, hub, namespace } = world;
      const secret = {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 's' },
        stringData: { token: 'hunter2' },
      };
      await agent.give('web', hub.sign('web', [configMap('a'), secret], asked('blue')));
      const { message } = await agent.reaches('web', 'is refused', (status) =>
        status.message.includes('Secret'),
      );
      const user = `system:serviceaccount:${namespace}:blue`;
      for (const [object, resource] of [
        [`ConfigMap ${namespace}/a`, 'configmaps'],
        [`Secret ${namespace}/s`, 'secrets'],
      ] as const) {
        expect(message).toContain(`apply ${object} was refused with status 403`);
        expect(message).toContain(`User "${user}" cannot patch resource "${resource}" in API group ""`);
        expect(message).toContain(
          `give ${user} a role with { apiGroups: [""], resources: ["${resource}"], verbs: ["patch"] } by a RoleBinding`,
        );
      }
      expect(JSON.stringify(agent.reports)).not.toContain('hunter2');
      await allow(namespace, 'blue', namespace);
      await until('what it may is written', () => world.live('ConfigMap', 'a'));
    },
  );
});
