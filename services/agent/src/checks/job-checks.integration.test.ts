import type { Assignment, Check, CheckReport, JobCheck } from '@meridian/fleet';
import type { KubeObject } from '@meridian/manifests';
import { systemClock } from '@meridian/runtime';
import { describe, expect, inject, it } from 'vitest';
import { createLocalLimits } from '../limits/local-limits.ts';
import { grant } from '../testing/bounded-account.ts';
import { endJobAt } from '../testing/job-end.ts';
import { usePlane } from '../testing/plane.ts';
import { configMap, deployment, until } from '../testing/rig.ts';
import { isDone, makeNamespace, startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';
import { jobRefOf } from './check-job.ts';

const plane = usePlane('job-checks');
const { signal } = new AbortController();
const release = `sha256:${'a'.repeat(64)}`;

const smoke: JobCheck = {
  id: 'smoke',
  when: 'healthy',
  kind: 'job',
  spec: { template: { spec: { containers: [{ name: 'smoke', image: 'registry.example/smoke:1' }] } } },
  timeoutMs: 600_000,
};

let signed = 0;

/** Signs the same generation again with these checks, as a gate does, unless told otherwise. */
function ask(
  { agent, hub }: World,
  checks: readonly Check[],
  { objects = [configMap('a')], ...changes }: Partial<Assignment> & { objects?: readonly KubeObject[] } = {},
) {
  signed += 1;
  const expiresAtMs = Date.now() + 86_400_000 + signed * 10_000;
  return agent.give(
    'web',
    hub.sign('web', objects, { generation: 1, release, expiresAtMs, checks, ...changes }),
  );
}

const refIn = ({ namespace }: World, check: JobCheck = smoke) =>
  jobRefOf({ application: 'web', namespace, check });

const jobIn = (world: World, check: JobCheck = smoke) => plane.kube.get(refIn(world, check), signal);

const madeIn = (world: World, check: JobCheck = smoke) =>
  until(`the Job of ${check.id} is there`, () => jobIn(world, check));

const end = (world: World, type: 'Complete' | 'Failed') =>
  endJobAt(plane, { namespace: world.namespace, name: refIn(world).name, type });

async function reported(world: World, what: Partial<CheckReport>, text = ''): Promise<CheckReport> {
  const found = (checks: readonly CheckReport[] = []) =>
    checks.find(({ id, phase, message }) => id === 'smoke' && phase === what.phase && message.includes(text));
  const status = await world.agent.reaches(
    'web',
    `says ${what.phase} ${text}`,
    ({ checks }) => !!found(checks),
  );
  const report = found(status.checks);
  if (!report) throw new Error('lost');
  return report;
}

describe('a Job of a check', () => {
  it('is made once the application is healthy, told while it runs and when it is complete, and is no object of the application', async () => {
    await using world = await startWorld(plane);
    await ask(world, [smoke]);
    const running = await reported(world, { phase: 'running' });
    expect(running).not.toHaveProperty('value');
    const job = await madeIn(world);
    expect(job.metadata.labels).toEqual({
      'meridian.dev/check': 'smoke',
      'meridian.dev/checked-application': 'web',
    });
    expect(job['spec']).toMatchObject({
      activeDeadlineSeconds: 600,
      ttlSecondsAfterFinished: 86_400,
      backoffLimit: 0,
    });
    await end(world, 'Complete');
    const { observedAtMs } = await reported(world, { phase: 'succeeded' });
    expect(Math.abs(Date.now() - observedAtMs)).toBeLessThan(60_000);
    const status = world.agent.status('web');
    expect(status && isDone(status)).toBe(true);
    expect(status?.objects.map(({ key }) => key.kind)).toEqual(['ConfigMap']);
    expect(status?.drift).toEqual([]);
    // The end of it stays when the cluster has cleared it away, and it does not run again.
    await plane.kube.remove(refIn(world), { signal });
    await ask(world, [{ ...smoke }]);
    await world.agent.reaches('web', 'is done', isDone);
    await systemClock.wait(2_500, signal);
    expect(await jobIn(world)).toBeUndefined();
    expect(world.agent.status('web')?.checks).toMatchObject([{ id: 'smoke', phase: 'succeeded' }]);
  });

  it('is told with its reason when it has failed', async () => {
    await using world = await startWorld(plane);
    await ask(world, [smoke]);
    await madeIn(world);
    await end(world, 'Failed');
    await reported(
      world,
      { phase: 'failed' },
      'BackoffLimitExceeded: Job has reached the specified backoff limit',
    );
  });

  it('is never taken from somebody who has one of this name', async () => {
    await using world = await startWorld(plane);
    await makeNamespace(plane, world);
    const { name, namespace } = refIn(world);
    const pod = { ...(smoke.spec['template'] as { spec: object }).spec, restartPolicy: 'Never' };
    const foreign: KubeObject = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name, namespace },
      spec: { template: { spec: pod as never } },
    };
    const { metadata } = await plane.kube.create(foreign, { fieldManager: 'test', signal });
    await end(world, 'Complete');
    await ask(world, [smoke]);
    await reported(world, { phase: 'failed' }, 'was not made for this check; delete or rename it');
    await ask(world, []);
    await world.agent.reaches('web', 'has no checks', ({ checks }) => checks === undefined);
    await systemClock.wait(1_000, signal);
    expect((await jobIn(world))?.metadata.uid).toBe(metadata.uid);
  });

  it('is picked up by an agent that starts in the middle, with its disk and without', async () => {
    await using world = await startWorld(plane);
    await ask(world, [smoke]);
    const first = await madeIn(world);
    await world.restart();
    await reported(world, { phase: 'running' });
    await world.restart({ withoutDisk: true });
    await reported(world, { phase: 'running' });
    expect((await jobIn(world))?.metadata.uid).toBe(first.metadata.uid);
    await end(world, 'Complete');
    await world.restart();
    await reported(world, { phase: 'succeeded' });
  });

  it('goes when its check is withdrawn while it runs, also when the agent was away meanwhile', async () => {
    await using world = await startWorld(plane);
    await ask(world, [smoke]);
    await madeIn(world);
    await ask(world, []);
    await until('it is gone', async () => !(await jobIn(world)));
    expect(world.agent.status('web')).not.toHaveProperty('checks');
    await ask(world, [smoke]);
    await madeIn(world);
    await world.restart();
    await ask(world, []);
    await until('it is gone', async () => !(await jobIn(world)));
  });

  it('stays for people to read when its check is withdrawn after its end', async () => {
    await using world = await startWorld(plane);
    await ask(world, [smoke]);
    await madeIn(world);
    await end(world, 'Failed');
    await reported(world, { phase: 'failed' });
    await ask(world, []);
    await world.agent.reaches('web', 'has no checks', ({ checks }) => checks === undefined);
    await systemClock.wait(1_000, signal);
    expect(await jobIn(world)).toBeDefined();
  });

  it('is made again when somebody has deleted it before it ended', async () => {
    await using world = await startWorld(plane);
    await ask(world, [smoke]);
    const { uid } = (await madeIn(world)).metadata;
    await plane.kube.remove(refIn(world), { signal });
    await until('there is another', async () => {
      const found = await jobIn(world);
      return found && found.metadata.uid !== uid;
    });
  });

  it('runs anew for the next generation, whose result is never that of the one before', async () => {
    await using world = await startWorld(plane);
    await ask(world, [smoke]);
    const { uid } = (await madeIn(world)).metadata;
    await end(world, 'Complete');
    await reported(world, { phase: 'succeeded' });
    await ask(world, [smoke], { generation: 2, release: `sha256:${'b'.repeat(64)}` });
    await until('there is another', async () => {
      const found = await jobIn(world);
      return found && found.metadata.uid !== uid;
    });
    await reported(world, { phase: 'running' });
    const later = world.agent.reports.filter(({ generation }) => generation === 2);
    expect(later.flatMap(({ checks = [] }) => checks).map(({ phase }) => phase)).not.toContain('succeeded');
  });

  it('is not made while the application is not healthy, unless it is asked for always', async () => {
    await using world = await startWorld(plane);
    const always: JobCheck = { ...smoke, id: 'always', when: 'always' };
    // Nothing in this cluster makes its pods, so that it does not become healthy.
    await ask(world, [smoke, always], { objects: [deployment('server')] });
    await madeIn(world, always);
    await reported(world, { phase: 'pending' }, 'waits until the application is Synced and Healthy');
    expect(await jobIn(world)).toBeUndefined();
  });

  it('has failed with what is wrong when no API server would take it', async () => {
    await using world = await startWorld(plane);
    await ask(world, [{ ...smoke, spec: { template: { spec: { containers: [] } } } }]);
    await reported(world, { phase: 'failed' }, 'no template.spec.containers');
    const twice = [1, 2].map(() => ({ name: 'same', image: 'registry.example/smoke:1' }));
    await ask(world, [{ ...smoke, spec: { template: { spec: { containers: twice } } } }]);
    const { message } = await reported(world, { phase: 'failed' }, 'is refused');
    expect(message).toContain('Duplicate value');
  });
});

describe('what the administrator and people of a cluster forbid', () => {
  const limited = async () => {
    const limits = createLocalLimits(systemClock, { isRequired: false });
    const world = await startWorld(plane, { limits });
    return { world, limits };
  };

  it('keeps a Job from being made until it is lifted: kinds, registries, freezes', async () => {
    const { world, limits } = await limited();
    await using _ = world;
    await ask(world, []);
    await world.agent.reaches('web', 'is done', isDone);
    limits.set({ kinds: { denied: ['batch/Job'] } });
    await ask(world, [smoke]);
    await reported(world, { phase: 'pending' }, 'deny batch/Job');
    limits.set({ registries: ['other.example'] });
    await reported(world, { phase: 'pending' }, 'allow only images of other.example');
    limits.set({ freeze: { author: 'lena', reason: 'audit' } });
    await reported(world, { phase: 'pending' }, 'frozen by lena');
    expect(await jobIn(world)).toBeUndefined();
    limits.set({});
    await madeIn(world);
  }, 120_000);

  it('keeps a Job from being made or deleted while the application is paused', async () => {
    await using world = await startWorld(plane);
    const pause = { sinceMs: Date.now(), untilMs: Date.now() + 3_600_000, author: 'lena', reason: 'patch' };
    await ask(world, []);
    await world.agent.reaches('web', 'is done', isDone);
    await ask(world, [smoke], { pause });
    await reported(world, { phase: 'pending' }, 'paused by lena');
    expect(await jobIn(world)).toBeUndefined();
    await ask(world, [smoke]);
    const { uid } = (await madeIn(world)).metadata;
    await ask(world, [], { pause });
    await systemClock.wait(2_000, signal);
    expect((await jobIn(world))?.metadata.uid).toBe(uid);
    await ask(world, []);
    await until('it is gone', async () => !(await jobIn(world)));
  }, 120_000);

  // Simulated clusters know no roles.
  it.runIf(inject('kube') === 'real')(
    'is what the account of the application may not do, named with the right that lacks',
    async () => {
      await using world = await startWorld(plane, { serviceAccount: 'deployer' });
      const { namespace } = world;
      await makeNamespace(plane, world);
      const subjects = [{ kind: 'ServiceAccount', name: 'deployer', namespace }];
      const role = { kind: 'Role', namespace, subjects } as const;
      const maps = { apiGroups: [''], resources: ['configmaps'], verbs: ['create', 'patch'] };
      await grant(plane, { ...role, name: 'maps', rules: [maps] });
      await ask(world, [smoke]);
      const { message } = await reported(world, { phase: 'pending' }, 'cannot create resource "jobs"');
      expect(message).toContain(`system:serviceaccount:${namespace}:deployer`);
      const jobs = { apiGroups: ['batch'], resources: ['jobs'], verbs: ['create', 'delete'] };
      await grant(plane, { ...role, name: 'jobs', rules: [jobs] });
      await madeIn(world);
      await ask(world, []);
      await until('it is gone', async () => !(await jobIn(world)));
    },
    120_000,
  );

  it('is the namespace of the agent', async () => {
    await using world = await startWorld(plane);
    await ask(world, [smoke], { namespace: `${world.namespace}-state`, objects: [] });
    await reported(world, { phase: 'failed' }, 'is that of this agent');
  });
});
