import { decide, encodeState } from '@meridian/rollout';
import type { RolloutState } from '@meridian/rollout';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startControlRig } from './testing/control-rig.ts';
import type { ControlRig, Replica } from './testing/control-rig.ts';

let rig: ControlRig;
beforeEach(async () => {
  rig = await startControlRig();
});
afterEach(() => rig[Symbol.asyncDispose]());

const patience = { timeout: 20_000, interval: 50 };
const soon = () => AbortSignal.timeout(10_000);
const configMap = (value: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\ndata: { value: '${value}' }\n`;
const fleet = {
  'fleet/all.yaml': `apiVersion: meridian.dev/v1alpha1
kind: Cluster
metadata: { name: east }
---
apiVersion: meridian.dev/v1alpha1
kind: RolloutStrategy
metadata: { name: plain }
spec: { stages: [{ name: all, clusters: {} }] }
---
apiVersion: meridian.dev/v1alpha1
kind: Application
metadata: { name: web }
spec:
  source: { path: applications/web, overlays: [base] }
  placement: {}
  namespace: ml
  rolloutStrategy: plain
`,
  'applications/web/base/kustomization.yaml': 'resources: [map.yaml]\n',
  'applications/web/base/map.yaml': configMap('1'),
};

const metric = async (replica: Replica, name: string) => {
  const text = await replica.telemetry.registry.getSingleMetricAsString(name);
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
};
const generations = () =>
  rig.assignments.map(({ assignment, message }) => `g${assignment.generation} t${message.term}`);

test('a leader that another one claimed over is fenced at its next write, writes nothing, and leads again later', async () => {
  rig.commit(fleet);
  const hub = await rig.replica('hub-1');
  await vi.waitFor(() => expect(generations()).toEqual(['g1 t1']), patience);
  const claim = await rig.ledger.claim({ signal: soon() });
  expect(claim).toMatchObject({ ok: true, leadership: { term: 2 } });
  rig.push({ 'applications/web/base/map.yaml': configMap('2') });
  await vi.waitFor(async () => expect(await metric(hub, 'meridian_hub_fenced_total')).toBe(1), patience);
  await vi.waitFor(() => expect(generations()).toEqual(['g1 t1', 'g2 t3']), patience);
  expect(await metric(hub, 'meridian_hub_term')).toBe(3);
  expect(rig.violations()).toEqual([]);
});

test('a new leader makes the assignment that the old one decided and did not live to write', async () => {
  const revision = rig.commit(fleet);
  const claim = await rig.ledger.claim({ signal: soon() });
  if (!claim.ok) throw new Error(claim.reason);
  const state = decidedState(revision, `sha256:${'a'.repeat(64)}`);
  await claim.leadership.append([{ subject: 'ledger.main.rollout.web', body: encodeState(state) }], soon());
  rig.behave('east', 'silent');
  await rig.replica('hub-1');
  await vi.waitFor(
    async () => expect(await rig.ledger.last('ledger.main.assign.east.web')).toBeDefined(),
    patience,
  );
  const index = await rig.ledger.last('ledger.main.index.east');
  expect(JSON.parse(new TextDecoder().decode(index?.body))).toEqual({ applications: ['web'] });
});

test('a leader that agents have seen greater terms than claims again, above them', async () => {
  rig.commit(fleet);
  rig.behave('east', 'silent');
  const hub = await rig.replica('hub-1');
  await vi.waitFor(async () => expect(await metric(hub, 'meridian_hub_term')).toBe(1), patience);
  const status = { release: 'r', generation: 0, term: 40, sync: 'Synced', health: 'Healthy', message: '' };
  const old = { ...status, incarnation: 'lost', observedAtMs: 1, session: 's' };
  await rig.ledger.statusBoard.put({ cluster: 'east', application: 'web' }, old);
  await vi.waitFor(async () => expect(await metric(hub, 'meridian_hub_term')).toBe(41), patience);
});

test('a hub that cannot read the ledger does not lead over it', async () => {
  rig.commit(fleet);
  const claim = await rig.ledger.claim({ signal: soon() });
  if (!claim.ok) throw new Error(claim.reason);
  await claim.leadership.append([{ subject: 'ledger.main.rollout.web', body: '{"version":99}' }], soon());
  const hub = await rig.replica('hub-1');
  await vi.waitFor(() => expect(hub.failures.join()).toContain('version 99'), patience);
  expect(rig.assignments).toEqual([]);
});

test('a new leader looks at the repo before it acts: what it knew before its claim may be older than what is assigned', async () => {
  const first = rig.commit(fleet);
  const one = await rig.replica('hub-1');
  await vi.waitFor(() => expect(generations()).toEqual(['g1 t1']), patience);
  const two = await rig.replica('hub-2', { deaf: true, idle: true });
  await vi.waitFor(() => expect(two.control.source().revision).toBe(first), patience);
  const second = rig.push({ 'applications/web/base/map.yaml': configMap('2') });
  await vi.waitFor(() => expect(generations()).toEqual(['g1 t1', 'g2 t1']), patience);
  expect(two.control.source().revision).toBe(first);
  const third = rig.commit({ 'applications/web/base/map.yaml': configMap('3') });
  await one.stop();
  await vi.waitFor(() => expect(rig.assignments.at(-1)?.assignment.revision).toBe(third), patience);
  expect(rig.assignments.map(({ assignment }) => assignment.revision)).toEqual([first, second, third]);
});

function decidedState(revision: string, digest: string): RolloutState {
  const { next } = decide(
    undefined,
    {
      kind: 'releaseMade',
      release: { digest, application: 'web', revision, bundles: { east: { digest, objects: 1 } } },
      strategy: { name: 'plain', stages: [], progressDeadlineMs: 600_000, failureBudget: 0 },
      policy: { namespace: 'ml', prune: true, selfHeal: true, createNamespace: false, deletionBudget: '50%' },
      labels: {},
      removals: {},
    },
    Date.now(),
  );
  return next!;
}
