import { createHash } from 'node:crypto';
import { decodeState } from '@meridian/rollout';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startControlRig } from './testing/control-rig.ts';
import type { ControlRig } from './testing/control-rig.ts';

let rig: ControlRig;
beforeEach(async () => {
  rig = await startControlRig();
});
afterEach(() => rig[Symbol.asyncDispose]());

const patience = { timeout: 20_000, interval: 50 };
const cluster = (name: string) =>
  `apiVersion: meridian.dev/v1alpha1\nkind: Cluster\nmetadata: { name: ${name}, labels: { region: ${name} } }\n`;
const configMap = (name: string, value: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\ndata: { value: '${value}' }\n`;
const application = (name: string) => `apiVersion: meridian.dev/v1alpha1
kind: Application
metadata: { name: ${name} }
spec:
  source: { path: applications/${name}, overlays: [base] }
  placement: {}
  namespace: ml
  rolloutStrategy: canary
`;
const strategy = `apiVersion: meridian.dev/v1alpha1
kind: RolloutStrategy
metadata: { name: canary }
spec:
  stages:
    - { name: canary, clusters: { matchLabels: { region: west } } }
    - { name: rest, clusters: {} }
  progressDeadline: 60s
`;
const fleet = {
  'fleet/all.yaml': [cluster('west'), cluster('east'), strategy, application('web')].join('---\n'),
  'applications/web/base/kustomization.yaml': 'resources: [map.yaml]\n',
  'applications/web/base/map.yaml': configMap('web', '1'),
};

/** What a cluster is assigned of `web` last. */
const assigned = (name: string) => {
  const mine = rig.assignments.filter(({ assignment }) => assignment.cluster === name);
  return mine.at(-1)?.assignment;
};

async function reaches(revision: string, phase: string): Promise<void> {
  await vi.waitFor(async () => {
    const message = await rig.ledger.last('ledger.main.rollout.web');
    const read = message && decodeState(new TextDecoder().decode(message.body));
    expect(read?.ok && [read.state.phase, read.state.target.release.revision]).toEqual([phase, revision]);
  }, patience);
}

/** Loses the bundle that a cluster is assigned, and gives its digest. */
async function lose(name: string): Promise<string> {
  const digest = assigned(name)?.bundle ?? '';
  await rig.ledger.bundles.remove(name, digest);
  await expect(rig.desiredState(name).readBundle(digest)).rejects.toMatchObject({ code: 'not_found' });
  return digest;
}

async function isReadable(name: string, digest: string): Promise<void> {
  await vi.waitFor(async () => {
    const bytes = await rig.desiredState(name).readBundle(digest);
    expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(digest);
  }, patience);
}

test('a bundle that is lost while a hub leads is readable again without a commit', async () => {
  const revision = rig.commit(fleet);
  await rig.replica('hub-1');
  await reaches(revision, 'completed');
  await isReadable('east', await lose('east'));
  await isReadable('west', await lose('west'));
  await isReadable('west', await lose('west'));
  expect(rig.violations()).toEqual([]);
});

test('a new leader stores what was lost before it led, also of a revision that is not the newest', async () => {
  const first = rig.commit(fleet);
  const one = await rig.replica('hub-1');
  await reaches(first, 'completed');
  rig.behave('west', 'Progressing');
  const second = rig.push({ 'applications/web/base/map.yaml': configMap('web', '2') });
  await vi.waitFor(() => expect(assigned('west')?.revision).toBe(second), patience);
  await one.stop();
  const [west, east] = [await lose('west'), await lose('east')];
  expect(assigned('east')?.revision).toBe(first);
  const written = rig.assignments.length;
  await rig.replica('hub-2');
  await isReadable('east', east);
  await isReadable('west', west);
  expect(rig.assignments.length).toBe(written);
  expect(rig.violations()).toEqual([]);
});

test('a bundle whose revision is gone from the fleet repo is told once, with what to do', async () => {
  const first = rig.commit(fleet);
  const one = await rig.replica('hub-1');
  await reaches(first, 'completed');
  rig.behave('west', 'Progressing');
  await one.stop();
  // Somebody rewrote the branch, and the next hub has no mirror of before.
  rig.git('checkout', '-q', '--orphan', 'rewritten');
  rig.commit({ 'applications/web/base/map.yaml': configMap('web', '2') });
  rig.git('branch', '-q', '-M', 'main');
  await lose('east');
  const hub = await rig.replica('hub-2');
  const lost = async () => (await rig.ledger.events.recent(200)).filter(({ type }) => type === 'bundle.lost');
  await vi.waitFor(async () => expect(await lost()).toHaveLength(1), patience);
  const [event] = await lost();
  expect(event).toMatchObject({ application: 'web', cluster: 'east', revision: first, level: 'error' });
  expect(event?.message).toMatch(/push a commit .* or revert/);
  expect(hub.failures).toEqual([]);
  // The fix that it names: the old content again, whatever its revision.
  rig.behave('west', 'Healthy');
  rig.push({ 'applications/web/base/map.yaml': configMap('web', '1') });
  await isReadable('east', event === undefined ? '' : (assigned('east')?.bundle ?? ''));
  expect(await lost()).toHaveLength(1);
  expect(rig.violations()).toEqual([]);
});
