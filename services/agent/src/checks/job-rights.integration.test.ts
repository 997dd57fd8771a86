import type { JobCheck } from '@meridian/fleet';
import { describe, expect, inject, it } from 'vitest';
import { bindAccount, grant } from '../testing/bounded-account.ts';
import { chartRules } from '../testing/chart.ts';
import { noteDenials } from '../testing/denials.ts';
import { usePlane } from '../testing/plane.ts';
import { configMap, createHandHub, startTestAgent, until } from '../testing/rig.ts';
import { jobRefOf } from './check-job.ts';

const plane = usePlane('job-rights');
const { signal } = new AbortController();
const own = 'meridian-system';
const check: JobCheck = {
  id: 'smoke',
  when: 'healthy',
  kind: 'job',
  spec: { template: { spec: { containers: [{ name: 'smoke', image: 'registry.example/smoke:1' }] } } },
  timeoutMs: 600_000,
};

/** An agent with exactly the rights that its chart gives it with these values, and a ConfigMap and a check to look after. */
async function startBounded(name: string, values: object, serviceAccount?: string) {
  const namespaceOf = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: own } };
  await plane.kube.apply(namespaceOf, { fieldManager: 'test', force: true, signal });
  const rules = await chartRules(plane.dir, values);
  const kubeconfig = await bindAccount(plane, { name: `agent-${name}`, namespace: own, rules });
  const namespace = `work-${name}`;
  const hub = createHandHub('one', namespace);
  const denials = noteDenials();
  const agent = await startTestAgent({
    cluster: 'one',
    kubeconfig,
    dataDir: `${plane.dir}/${name}`,
    stateNamespace: own,
    publicKey: hub.publicKey,
    wrap: denials.wrap,
    ...(serviceAccount === undefined ? {} : { serviceAccount }),
  });
  const give = (checks: readonly JobCheck[]) =>
    until('the assignment is taken', async () => {
      const { decision } = await agent.give(name, hub.sign(name, [configMap('a')], { checks }));
      return decision !== 'refuse';
    });
  const job = () => plane.kube.get(jobRefOf({ application: name, namespace, check }), signal);
  return { agent, give, job, namespace, denied: denials.texts };
}

// Simulated clusters know no roles.
describe.runIf(inject('kube') === 'real')('a Job of a check', () => {
  it('needs nothing beyond what the chart gives unless told', async () => {
    const { agent, give, job, denied } = await startBounded('usual', {});
    await using _ = agent;
    await give([check]);
    await until('it is there', job);
    await give([]);
    await until('it is gone', async () => !(await job()));
    expect(denied).toEqual([]);
  });

  it('is read by the agent and made and deleted by the account, where the agent acts as one', async () => {
    const impersonation = { serviceAccount: 'deployer' };
    const { agent, give, job, namespace, denied } = await startBounded(
      'acting',
      { impersonation },
      'deployer',
    );
    await using _ = agent;
    await grant(plane, {
      kind: 'ClusterRole',
      name: 'deployer',
      rules: [
        { apiGroups: [''], resources: ['namespaces', 'configmaps'], verbs: ['create', 'patch'] },
        { apiGroups: ['batch'], resources: ['jobs'], verbs: ['create', 'delete'] },
      ],
      subjects: [{ kind: 'ServiceAccount', name: 'deployer', namespace }],
    });
    await give([check]);
    await until('it is there', job);
    await give([]);
    await until('it is gone', async () => !(await job()));
    expect(denied).toEqual([]);
  });

  it('is not known where the agent may have no Jobs, and the report names the right that lacks', async () => {
    const managedKinds = [{ apiGroups: [''], resources: ['configmaps'] }];
    const { agent, give, job } = await startBounded('without', { managedKinds });
    await using _ = agent;
    await give([check]);
    const { checks } = await agent.reaches('without', 'says why', ({ checks: all }) => {
      return all?.[0]?.message.includes('cannot get resource "jobs"') === true;
    });
    expect(checks).toMatchObject([{ id: 'smoke', phase: 'pending' }]);
    expect(await job()).toBeUndefined();
  });
});
