import { join } from 'node:path';
import type { DoctorView, FleetView, RolloutView } from '@meridian/fleet';
import { describe, expect, inject, test } from 'vitest';
import { alive, edit, Fleet, until } from '@meridian/testkit';
import { allHealthy, generationsOf, reached, rolloutOf } from '../views.ts';

const fleet = new Fleet(inject('fleetData'));
const application = 'inference-server';
let version = 0;

function nextModel(dir: string): void {
  version += 1;
  edit(
    join(dir, 'applications/inference-server/base/configmap.yaml'),
    /MODEL_VERSION: .*/,
    `MODEL_VERSION: "kill-${version}-${Date.now()}"`,
  );
}

async function leader(): Promise<{ name: string; term: number }> {
  return until('a leader', async () => {
    const { hub } = await fleet.api<FleetView>('/v1/fleet');
    return hub.leader === null ? undefined : { name: hub.leader, term: hub.term };
  });
}

test('a leader killed in the middle of a rollout is replaced, and the rollout ends without going backwards', async () => {
  await allHealthy(fleet);
  const before = await generationsOf(fleet, application);
  const old = await leader();
  // An agent that stands still keeps the rollout in its second stage, so that the kill is surely in the middle.
  const still = fleet.pid('agent-us-east-1');
  process.kill(still, 'SIGSTOP');
  let id = '';
  try {
    const commit = await fleet.push('a model whose rollout loses its leader', nextModel);
    ({ id } = await rolloutOf(fleet, application, commit));
    await until('the second stage to begin', async () => {
      const { stages } = await fleet.api<RolloutView>(`/v1/rollouts/${id}`);
      return stages[1]?.phase === 'progressing' ? true : undefined;
    });
    process.kill(fleet.pid(old.name), 'SIGKILL');
    await until('a leader of a later term', async () =>
      (await leader()).term > old.term ? true : undefined,
    );
    const halfway = await fleet.api<RolloutView>(`/v1/rollouts/${id}`);
    expect(halfway.phase).toBe('progressing');
    expect(halfway.stages.map((stage) => stage.phase)).toEqual(['passed', 'progressing', 'waiting']);
  } finally {
    process.kill(still, 'SIGCONT');
  }
  const rollout = await until(
    'the rollout to complete',
    async () => {
      const seen = await fleet.api<RolloutView>(`/v1/rollouts/${id}`);
      return seen.phase === 'completed' ? seen : undefined;
    },
    120_000,
  );
  expect(rollout.stages.every((stage) => stage.phase === 'passed')).toBe(true);
  await reached(fleet, application, rollout.revision);
  const after = await generationsOf(fleet, application);
  for (const [cluster, generation] of Object.entries(after)) expect(generation).toBe(before[cluster]! + 1);
  expect((await leader()).term).toBeGreaterThan(old.term);
  const doctor = await fleet.cli('doctor', '-o', 'json');
  const { checks } = JSON.parse(doctor.stdout) as DoctorView;
  expect(checks.filter((check) => /ledger/i.test(check.name) && !check.ok)).toEqual([]);
  await allHealthy(fleet);
});

const clusterProcesses = { sim: ['kubesim'], real: ['kube-apiserver-us-east-1', 'etcd-us-east-1'] };

describe.each([
  'nats-server',
  'redis-server',
  'hub-1',
  'hub-2',
  'agent-us-east-1',
  ...clusterProcesses[inject('kube')],
])('after kill -9 of %s', (name) => {
  test('it runs again and the next commit reaches every region', async () => {
    const pid = fleet.pid(name);
    process.kill(pid, 'SIGKILL');
    await until(
      `another ${name}`,
      async () => (fleet.pid(name) !== pid && alive(fleet.pid(name)) ? true : undefined),
      90_000,
    );
    const commit = await fleet.push(`a model after ${name} was killed`, nextModel);
    await reached(fleet, application, commit, 180_000);
    await allHealthy(fleet);
  });
});

describe('with both hubs and NATS stopped', () => {
  const at = ['deployment', 'ml-platform', 'model-registry-sync'] as const;

  async function scaleAndWait(): Promise<void> {
    const before = (await fleet.object('us-west-2', ...at))!.spec['replicas'];
    await fleet.kubectl('us-west-2', 'scale', '-n', at[1], `${at[0]}/${at[2]}`, '--replicas=9');
    await until(
      'the replicas back',
      async () => ((await fleet.object('us-west-2', ...at))!.spec['replicas'] === before ? true : undefined),
      60_000,
    );
  }

  test('an agent still heals drift, also after its own restart, and the hub learns of it later', async () => {
    const stopped = ['hub-1', 'hub-2', 'nats-server'].map((name) => fleet.pid(name));
    const since = Date.now();
    for (const pid of stopped) process.kill(pid, 'SIGSTOP');
    try {
      await scaleAndWait();
      const pid = fleet.pid('agent-us-west-2');
      process.kill(pid, 'SIGKILL');
      await until(
        'another agent',
        async () => (fleet.pid('agent-us-west-2') !== pid ? true : undefined),
        60_000,
      );
      await scaleAndWait();
    } finally {
      for (const pid of stopped) process.kill(pid, 'SIGCONT');
    }
    await allHealthy(fleet);
    const drift = await until('the drift in the hub', async () =>
      (await fleet.api<{ cluster: string; key: { name: string }; healedAtMs?: number }[]>('/v1/drift')).find(
        (entry) =>
          entry.cluster === 'us-west-2' && entry.key.name === at[2] && (entry.healedAtMs ?? 0) >= since,
      ),
    );
    expect(drift).toBeDefined();
  });
});
