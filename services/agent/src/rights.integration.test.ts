import type { ApplicationStatus } from '@meridian/fleet';
import { systemClock } from '@meridian/runtime';
import { askApiServer } from '@meridian/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { bindAccount, grant } from './testing/bounded-account.ts';
import { chartRules } from './testing/chart.ts';
import type { ChartRules, RoleRule } from './testing/chart.ts';
import { noteDenials } from './testing/denials.ts';
import { setStatus } from './testing/job-end.ts';
import { usePlane } from './testing/plane.ts';
import { configMap, createHandHub, deployment, startTestAgent, until } from './testing/rig.ts';
import { clusterRights, managedVerbs, ownRights, readVerbs } from './rights.ts';
import type { AgentRight } from './rights.ts';

const plane = usePlane('rights');
const own = 'meridian-system';
const fieldManager = 'somebody';
const { signal } = new AbortController();

/** As a user gives them: the kinds that the story has. */
const managedKinds = [
  { apiGroups: [''], resources: ['configmaps'] },
  { apiGroups: ['apps'], resources: ['deployments'] },
];

let rules: ChartRules;

beforeAll(async () => {
  rules = await chartRules(plane.dir, { managedKinds });
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: own } };
  await plane.kube.apply(namespace, { fieldManager, force: true, signal });
});

describe('an agent with the rights of its chart, on an API server that enforces them', () => {
  it('has exactly the rules that the agent names', () => {
    const managed = managedKinds.map((kinds) => ({ ...kinds, verbs: managedVerbs }));
    expect(rules.cluster).toEqual([...managed, ...clusterRights.map(ruleOf)]);
    expect(rules.own).toEqual(ownRights.map(ruleOf));
  });

  it('does all of its work and is denied nothing', async () => {
    expect(await play('all', rules)).toEqual({ stoppedAt: undefined, denied: [] });
  });

  it.each([...withoutOne()])('cannot do it without %s', async (name, place, right) => {
    const fewer = { ...rules, [place]: rules[place].flatMap((rule) => without(rule, right)) };
    const { stoppedAt, denied } = await play(name.replaceAll(/[^a-z]+/g, '-'), fewer);
    expect(stoppedAt).toBeDefined();
    const [resource] = right.resources;
    if (resource !== 'secrets')
      expect(denied.join()).toContain(`cannot ${right.verb} resource "${resource}"`);
    else expect(denied.join()).toContain('Secret');
  });
});

describe('an agent that writes by the rights of service accounts', () => {
  const serviceAccount = 'deployer';
  let reading: ChartRules;

  beforeAll(async () => {
    reading = await chartRules(plane.dir, { managedKinds, impersonation: { serviceAccount } });
  });

  it('may write nothing of the fleet repo itself, and be nobody of another name', () => {
    const managed = managedKinds.map((kinds) => ({ ...kinds, verbs: readVerbs }));
    expect(reading.cluster).toEqual([...managed, impersonate, ...clusterRights.map(ruleOf)]);
    expect(reading.own).toEqual(rules.own);
  });

  it('does all of its work with that', async () => {
    expect(await play('acting', reading, serviceAccount)).toEqual({ stoppedAt: undefined, denied: [] });
  });

  it('does nothing when it may not act as the account, whatever the account may do', async () => {
    const cluster = reading.cluster.filter(({ verbs }) => !verbs.includes('impersonate'));
    const { stoppedAt, denied } = await play('alone', { ...reading, cluster }, serviceAccount);
    expect(stoppedAt).toBe('the objects are made');
    expect(denied.join()).toMatch(
      /User "system:serviceaccount:meridian-system:agent-alone" cannot impersonate/,
    );
  });

  const impersonate = {
    apiGroups: [''],
    resources: ['serviceaccounts'],
    resourceNames: [serviceAccount],
    verbs: ['impersonate'],
  };
});

describe('an agent that lets applications name service accounts', () => {
  const mayBe = (...resourceNames: string[]) => ({
    apiGroups: [''],
    resources: ['serviceaccounts'],
    ...(resourceNames.length === 0 ? {} : { resourceNames }),
    verbs: ['impersonate'],
  });
  const chart = (impersonation: object) => chartRules(plane.dir, { managedKinds, impersonation });

  it('may act as these and no others, in the namespaces that are named', async () => {
    const allowed = ['blue', 'team-*/green', 'ml/one', 'ml/two', 'web/*'];
    const given = await chart({ allowed });
    expect(given.cluster).toEqual([
      ...managedKinds.map((kinds) => ({ ...kinds, verbs: managedVerbs })),
      mayBe('blue', 'green'),
      ...clusterRights.map(ruleOf),
    ]);
    expect(given.elsewhere).toEqual({ ml: [mayBe('one', 'two')], web: [mayBe()] });
    const both = await chart({ serviceAccount: 'deployer', allowed: ['blue', 'deployer'] });
    expect(both.cluster).toContainEqual(mayBe('blue', 'deployer'));
    expect((await chart({ allowed: ['b*'] })).cluster).toContainEqual(mayBe());
    expect((await chart({ allowed: [] })).cluster).toEqual(rules.cluster);
  });

  it('writes as an account of another namespace with the right to be that one, and says so without it', async () => {
    const home = 'accounts';
    await plane.kube.apply(extraNamespace(home), { fieldManager, force: true, signal });
    const given = await chart({ serviceAccount: 'nobody', allowed: [`${home}/deployer`] });
    await letWrite(home, 'deployer');
    const named = async (name: string, granted: ChartRules) => {
      await forgetState();
      const kubeconfig = await bindAccount(plane, { name: `agent-${name}`, namespace: own, rules: granted });
      const hub = createHandHub('one', `work-${name}`);
      await using agent = await startTestAgent({
        cluster: 'one',
        kubeconfig,
        dataDir: `${plane.dir}/${name}`,
        stateNamespace: own,
        publicKey: hub.publicKey,
        serviceAccount: 'nobody',
        allowedAccounts: [`${home}/deployer`],
      });
      const serviceAccount = `${home}/deployer`;
      const signed = hub.sign('web', [configMap('a')], { rules: { serviceAccount } });
      await until('it is taken', async () => (await agent.give('web', signed)).decision !== 'refuse');
      return await agent.reaches('web', 'has an end', ({ sync }) => sync === 'Synced' || sync === 'Failed');
    };
    expect(await named('named', given)).toMatchObject({ sync: 'Synced' });
    const denied = await named('unnamed', { ...given, elsewhere: {} });
    const agent = 'system:serviceaccount:meridian-system:agent-unnamed';
    expect(denied.message).toContain(`User "${agent}" cannot impersonate`);
    expect(denied.message).toContain(
      `let ${agent} impersonate that account: { apiGroups: [""], resources: ["serviceaccounts"], verbs: ["impersonate"] }`,
    );
  });
});

const extraNamespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

function ruleOf({ apiGroups, resources, verbs }: AgentRight): RoleRule {
  return { apiGroups, resources, verbs };
}

interface OneVerb {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verb: string;
}

/** Every verb of every rule. The kinds that are managed have the same verbs, so one of them stands for all. */
function* withoutOne(): Generator<[string, 'cluster' | 'own', OneVerb]> {
  const [first = { apiGroups: [], resources: [] }] = managedKinds;
  const places = [
    ...[{ ...first, verbs: managedVerbs }, ...clusterRights].map((right) => ['cluster', right] as const),
    ...ownRights.map((right) => ['own', right] as const),
  ];
  for (const [place, { apiGroups, resources, verbs }] of places)
    for (const verb of verbs)
      yield [`${verb} ${resources.join()} ${place}`, place, { apiGroups, resources, verb }];
}

function without(rule: RoleRule, { resources, verb }: OneVerb): readonly RoleRule[] {
  if (rule.resources.join() !== resources.join()) return [rule];
  const verbs = rule.verbs.filter((each) => each !== verb);
  return verbs.length === 0 ? [] : [{ ...rule, verbs }];
}

interface Played {
  /** What was not reached; undefined when all was. */
  readonly stoppedAt: string | undefined;
  readonly denied: readonly string[];
}

/** How long after a denial the story may still go on. What was denied is tried again within it, more than once. */
const graceMs = 2_500;

/** All that an agent does: make, see, heal, meet another writer of its state, prune, and start again without its disk. */
async function play(name: string, granted: ChartRules, serviceAccount?: string): Promise<Played> {
  await forgetState();
  const denials = noteDenials();
  const kubeconfig = await bindAccount(plane, { name: `agent-${name}`, namespace: own, rules: granted });
  const namespace = `work-${name}`;
  const hub = createHandHub('one', namespace);
  if (serviceAccount !== undefined) await letWrite(namespace, serviceAccount);
  const start = (disk: string) =>
    startTestAgent({
      cluster: 'one',
      kubeconfig,
      dataDir: `${plane.dir}/${name}-${disk}`,
      stateNamespace: own,
      publicKey: hub.publicKey,
      ...(serviceAccount === undefined ? {} : { serviceAccount }),
      wrap: denials.wrap,
    });
  const extra = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `${namespace}-more` } };
  const objects = [extra, configMap('stays'), deployment('server')];
  const live = (object: string) =>
    plane.kube.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: object }, signal);

  let agent = await start('first');
  let deniedAtMs: number | undefined;
  const reach = async (what: string, condition: () => unknown) => {
    const limit = AbortSignal.timeout(20_000);
    for (;;) {
      if (await condition()) return;
      if (denials.texts.length > 0) deniedAtMs ??= performance.now();
      if (performance.now() - (deniedAtMs ?? performance.now()) > graceMs) throw new NotReached(what);
      if (limit.aborted) throw new Error(`${what}, in vain: ${JSON.stringify(agent.status('web'))}`);
      await systemClock.wait(20, limit);
    }
  };
  const isSynced = (generation: number) => () => {
    const status = agent.status('web');
    return status?.generation === generation && status.sync === 'Synced';
  };
  const offer = async (signed: ReturnType<typeof hub.sign>) =>
    reach('the assignment is taken', async () => (await agent.give('web', signed)).decision !== 'refuse');

  try {
    await offer(hub.sign('web', [...objects, configMap('goes')]));
    await reach('the objects are made', isSynced(1));
    await strand(namespace);
    await reach('it says why there is no node', () =>
      agent.status('web')?.message.includes('pods too large'),
    );
    const stays = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'stays' };
    await plane.kube.remove(stays, { signal });
    await reach('what was deleted is made again', () => live('stays'));
    await plane.kube.patch(
      extraRef(extra.metadata.name),
      { type: 'merge', patch: { metadata: { labels: { 'meridian.dev/application': null } } } },
      { fieldManager, signal },
    );
    await reach('the namespace is healed', async () => {
      const found = await plane.kube.get(extraRef(extra.metadata.name), signal);
      return found?.metadata.labels?.['meridian.dev/application'];
    });
    await autoscale(namespace);
    await reach('its state is kept in the cluster', () => plane.kube.get(stateRef, signal));
    await touchState();
    const changed = deployment('server', 1, 'registry.example/server:2');
    await offer(hub.sign('web', [...objects.slice(0, 2), changed], { allowedDeletions: 1 }));
    await reach('what left the bundle is pruned', async () => !(await live('goes')));
    await reach('the second generation is in place', isSynced(2));
    await reach('replicas are left to the autoscaler', async () => !(await hasReplicas(namespace)));
    await agent.stop();
    agent = await start('second');
    await reach('the state is read without the disk', isSynced(2));
    // What only makes it slower so far: without a watch it lists again and again, and says that it is blind.
    if (denials.texts.length > 0)
      throw new NotReached((await agent.reaches('web', 'is blind', isBlind)).message);
    return { stoppedAt: undefined, denied: denials.texts };
  } catch (error) {
    if (!(error instanceof NotReached)) throw error;
    return { stoppedAt: error.message, denied: denials.texts };
  } finally {
    await agent.stop();
  }
}

/** What the agent would do itself, to the account that it acts as. */
async function letWrite(namespace: string, name: string): Promise<void> {
  const verbs = managedVerbs.filter((verb) => !readVerbs.some((read) => read === verb));
  const namespaces = { apiGroups: [''], resources: ['namespaces'], verbs: ['create', 'patch'] };
  await grant(plane, {
    kind: 'ClusterRole',
    name: `${namespace}-${name}`,
    rules: [...managedKinds.map((kinds) => ({ ...kinds, verbs })), namespaces],
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  });
}

class NotReached extends Error {}

const isBlind = ({ health }: ApplicationStatus): boolean => health === 'Unknown';

const extraRef = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', name });

/** A pod of the Deployment that no node takes, and an autoscaler that says why it adds none. */
async function strand(namespace: string): Promise<void> {
  const { control } = plane;
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  await askApiServer(control, 'POST', pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'server-1', labels: { app: 'server' } },
    spec: { containers: [{ name: 'server', image: 'registry.example/server:1' }] },
  });
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message: 'no node fits',
  };
  const server = `/apis/apps/v1/namespaces/${namespace}/deployments/server/status`;
  await setStatus(plane, server, { observedGeneration: 1, replicas: 1, updatedReplicas: 1 });
  await setStatus(plane, `${pods}/server-1/status`, { phase: 'Pending', conditions: [condition] });
  await askApiServer(control, 'POST', `/api/v1/namespaces/${namespace}/events`, {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'server-1.event' },
    involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace, name: 'server-1' },
    reason: 'NotTriggerScaleUp',
    message: 'pods too large',
    lastTimestamp: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
  });
}

const serverRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'server' };

/** An autoscaler that is in no bundle, and what it does. */
async function autoscale(namespace: string): Promise<void> {
  const { apiVersion, kind, name } = serverRef;
  const path = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`;
  await askApiServer(plane.control, 'POST', path, {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'server' },
    spec: { scaleTargetRef: { apiVersion, kind, name }, minReplicas: 2, maxReplicas: 5 },
  });
  const patch = { spec: { replicas: 3 } };
  await plane.kube.patch({ ...serverRef, namespace }, { type: 'merge', patch }, { fieldManager, signal });
}

const managedFields = z.array(z.object({ manager: z.string(), fieldsV1: z.object({}).loose() }));

async function hasReplicas(namespace: string): Promise<boolean> {
  const found = await plane.kube.get({ ...serverRef, namespace }, signal);
  const entries = managedFields.parse(found?.metadata['managedFields']);
  const ours = entries.find(({ manager }) => manager === 'meridian');
  return JSON.stringify(ours?.fieldsV1).includes('"f:replicas"');
}

const secrets = { apiVersion: 'v1', kind: 'Secret', namespace: own };
const stateRef = { ...secrets, name: 'meridian-app-web' };

async function forgetState(): Promise<void> {
  const { items } = await plane.kube.list({ ...secrets, labelSelector: 'meridian.dev/state' }, signal);
  for (const { metadata } of items) await plane.kube.remove({ ...secrets, name: metadata.name }, { signal });
}

/** As another agent of the cluster would: the next save meets a version that it has not read. */
async function touchState(): Promise<void> {
  const patch = { metadata: { annotations: { touched: 'yes' } } };
  await plane.kube.patch(stateRef, { type: 'merge', patch }, { fieldManager, signal });
}
