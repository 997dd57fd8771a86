import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RolloutView } from '@meridian/fleet';
import { afterAll, expect, inject, test } from 'vitest';
import { edit, Fleet, until } from '@meridian/testkit';
import { allHealthy, reached, rolloutOf } from '../views.ts';

const fleet = new Fleet(inject('fleetData'));
const application = 'inference-server';
const commits: string[] = [];

const strategy = `apiVersion: meridian.dev/v1alpha1
kind: RolloutStrategy
metadata: { name: gated }
spec:
  stages:
    - { name: canary, clusters: { matchLabels: { region: us-west-2 } } }
    - name: others
      clusters: {}
      maxConcurrent: 100%
      before: [{ name: sign-off, approval: { required: 1, expiresAfter: 1h } }]
`;

async function pushed(version: string, more: (dir: string) => void = () => undefined): Promise<string> {
  const commit = await fleet.push(`inference-server: serve ${version}`, (dir) => {
    edit(
      join(dir, 'applications/inference-server/base/configmap.yaml'),
      /MODEL_VERSION: .*/,
      `MODEL_VERSION: "${version}"`,
    );
    more(dir);
  });
  commits.push(commit);
  return commit;
}

function rolloutWith(what: string, isSo: (rollout: RolloutView) => boolean): Promise<RolloutView> {
  return until(what, async () => {
    const all = await fleet.api<RolloutView[]>('/v1/rollouts');
    const newest = all.find((rollout) => rollout.application === application);
    return newest && isSo(newest) ? newest : undefined;
  });
}

async function asked(...args: string[]): Promise<string> {
  const ran = await fleet.cli('rollout', ...args, '--reason', 'a rehearsal');
  expect(ran, ran.stderr).toMatchObject({ code: 0 });
  return ran.stdout;
}

const gateIsOpen = (rollout: RolloutView) =>
  rollout.stages.some(({ gates = [] }) => gates.some(({ phase }) => phase === 'open'));

afterAll(async () => {
  for (const commit of commits.toReversed()) await fleet.revert(commit);
  await allHealthy(fleet);
});

let first = '';

test('a stage waits at its gate, tells what for, and goes on once a person approves the release', async () => {
  await allHealthy(fleet);
  first = await pushed('2027.1', (dir) => {
    writeFileSync(join(dir, 'fleet/gated.yaml'), strategy);
    edit(
      join(dir, `fleet/applications/${application}.yaml`),
      /rolloutStrategy: .*/,
      'rolloutStrategy: gated',
    );
  });
  await rolloutOf(fleet, application, first);
  const waiting = await rolloutWith('the gate to open', gateIsOpen);
  expect(waiting.progress).toContain('gate sign-off: waits for 1 approval, and has 0');
  const shown = await fleet.cli('rollouts', '--application', application);
  expect(shown.stdout).toMatch(/gate sign-off open: waits for 1 approval/);
  await asked('approve', application);
  await reached(fleet, application, first);
  await rolloutWith('the rollout to complete', ({ phase }) => phase === 'completed');
});

test('a rollout is paused and resumed, and what is rejected stays where it was', async () => {
  const second = await pushed('2027.2');
  await rolloutOf(fleet, application, second);
  await rolloutWith('the gate to open', gateIsOpen);
  await asked('pause', application);
  await rolloutWith('the pause', ({ phase }) => phase === 'paused');
  await asked('resume', application);
  await asked('reject', application);
  const halted = await rolloutWith('the halt', ({ phase }) => phase === 'halted');
  expect(halted.reason).toContain('gate sign-off failed: rejected by');
  const watched = await fleet.cli('rollout', 'watch', application);
  expect(watched.code).toBe(1);
});

test('the fleet goes back by the word of a person, and git stays pinned out until somebody starts it', async () => {
  await asked('rollback', application);
  const back = await rolloutWith('the way back', ({ phase }) => phase === 'rolledBack');
  expect(back.revision).toBe(first);
  const status = await fleet.cli('status');
  expect(status.stdout).toContain(`pinned ${application}: git says`);
  await asked('start', application);
  await rolloutWith('the gate to open', gateIsOpen);
  await asked('approve', application, '--gate', 'sign-off');
  const done = await rolloutWith('the rollout to complete', ({ phase }) => phase === 'completed');
  expect(done.pin).toBeUndefined();
});

test('a hold of a cluster stops pushes to it, says whose it is, and ends by a release', async () => {
  const held = await fleet.cli('hold', 'cluster', 'us-west-2', '--reason', 'node upgrade');
  expect(held).toMatchObject({ code: 0 });
  const third = await pushed('2027.3');
  await rolloutOf(fleet, application, third);
  const waiting = await rolloutWith('the hold to be told', ({ reason }) => reason.includes('node upgrade'));
  expect(waiting.progress).toContain('us-west-2 held by');
  expect(await fleet.cli('release', 'cluster', 'us-west-2', '--reason', 'over')).toMatchObject({ code: 0 });
  await rolloutWith('the gate to open', gateIsOpen);
  await asked('approve', application);
  await reached(fleet, application, third);
});
