import { join } from 'node:path';
import type { ApplicationView, RolloutView } from '@meridian/fleet';
import { expect, inject, test } from 'vitest';
import { edit, Fleet, until } from '@meridian/testkit';
import { seenSpans } from '../trace-sink.ts';
import { allHealthy, generationsOf, reached, rolloutOf } from '../views.ts';

const fleet = new Fleet(inject('fleetData'));
const application = 'inference-server';
const regions = ['us-west-2', 'us-east-1', 'eu-west-1'];
const settings = ['configmap', 'ml-serving', 'inference-server-config'] as const;

async function modelVersion(cluster: string): Promise<string | undefined> {
  return (await fleet.object(cluster, ...settings))?.data?.['MODEL_VERSION'];
}

function editModel(version: string): (dir: string) => void {
  return (dir) =>
    edit(
      join(dir, 'applications/inference-server/base/configmap.yaml'),
      /MODEL_VERSION: .*/,
      `MODEL_VERSION: "${version}"`,
    );
}

let commit = '';

test('a pushed commit reaches three regions stage by stage, each after the one before is healthy', async () => {
  await allHealthy(fleet);
  const before = await generationsOf(fleet, application);
  commit = await fleet.push('inference-server: serve model 2026.12', editModel('2026.12'));
  const { id } = await rolloutOf(fleet, application, commit);
  const seen: RolloutView[] = [];
  await until('the rollout to complete', async () => {
    const rollout = await fleet.api<RolloutView>(`/v1/rollouts/${id}`);
    seen.push(rollout);
    return rollout.phase === 'completed' ? rollout : undefined;
  });
  for (const rollout of seen) {
    const started = rollout.stages.map((stage) => stage.phase !== 'waiting');
    const passed = rollout.stages.map((stage) => stage.phase === 'passed');
    started.forEach((begun, index) => index > 0 && begun && expect(passed[index - 1]).toBe(true));
  }
  const last = seen.at(-1)!;
  expect(last.stages.flatMap((stage) => stage.clusters.map((cluster) => cluster.name))).toEqual(regions);
  await reached(fleet, application, commit);
  for (const region of regions) expect(await modelVersion(region)).toBe('2026.12');
  const after = await generationsOf(fleet, application);
  for (const region of regions) expect(after[region]!).toBeGreaterThan(before[region]!);
});

test('one commit is one trace, from the hub to the applies in every cluster', async () => {
  const spans = await until('spans of all three agents in the trace of the commit', async () => {
    const all = await seenSpans(inject('traceSink'));
    const root = all.find(
      (span) => span.service.includes('hub') && Object.values(span.attributes).includes(commit),
    );
    const trace = all.filter((span) => span.traceId === root?.traceId);
    const applied = new Set(trace.filter((span) => span.name === 'agent.apply').map((span) => span.instance));
    return applied.size === regions.length ? trace : undefined;
  });
  expect(spans.map((span) => span.name)).toContain('hub.publish');
});

test('git revert brings every region back, as a new generation', async () => {
  const before = await generationsOf(fleet, application);
  const reverted = await fleet.revert(commit);
  const view = await reached(fleet, application, reverted);
  for (const region of regions) expect(await modelVersion(region)).not.toBe('2026.12');
  const after: ApplicationView = view;
  for (const placement of after.placements)
    expect(placement.assigned!.generation).toBeGreaterThan(before[placement.cluster]!);
});

test('the command line says the same as the clusters', async () => {
  const status = await fleet.cli('status');
  expect(status.code).toBe(0);
  for (const word of [...regions, application, 'Synced', 'Healthy'])
    expect(status.stdout.toLowerCase()).toContain(word.toLowerCase());
  const app = await fleet.cli('app', application, '-o', 'json');
  expect(
    (JSON.parse(app.stdout) as ApplicationView).placements.map((placement) => placement.cluster).sort(),
  ).toEqual([...regions].sort());
  const rendered = await fleet.cli('render', application, '--cluster', 'us-west-2');
  expect(rendered.code).toBe(0);
  expect(rendered.stdout).toContain('kind: HorizontalPodAutoscaler');
  const doctor = await fleet.cli('doctor');
  expect(doctor).toMatchObject({ code: 0, stdout: expect.not.stringContaining('FAIL') as string });
  const unknown = await fleet.cli('app', 'inference-sever');
  expect(unknown.code).toBe(1);
  expect(unknown.stderr).toContain('inference-sever');
});
