import type { Application, RolloutStrategy } from '@meridian/fleet';
import { base64Text, type Json, type KubeObject } from '@meridian/manifests';
import { expect, test } from 'vitest';
import { makesRun } from './object-changes.ts';
import { isIdle, planApplication, planCluster, type ClusterObjects } from './application-plan.ts';

const application = (policy: Partial<Application['syncPolicy']> = {}): Application => ({
  name: 'web',
  labels: {},
  path: 'applications/web',
  overlays: ['base'],
  placement: {},
  namespace: 'web',
  rolloutStrategy: 'slow',
  syncPolicy: { prune: true, selfHeal: true, createNamespace: false, deletionBudget: 1, ...policy },
});
const strategy: RolloutStrategy = { name: 'slow', stages: [], progressDeadlineMs: 1_000, failureBudget: 0 };
const object = (kind: string, name: string, fields: { readonly [field: string]: Json } = {}): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: 'web' },
  ...fields,
});
const planned = (clusters: readonly ClusterObjects[], after = application()) =>
  planApplication({
    before: { application: application(), strategy },
    after: { application: after, strategy },
    clusters: clusters.map((each) =>
      planCluster(each, {
        application: after,
        allowance: ({ syncPolicy }) => Number(syncPolicy.deletionBudget),
      }),
    ),
  });
const both = (before: KubeObject[], after: KubeObject[]): ClusterObjects[] =>
  ['east', 'west'].map((cluster) => ({ cluster, before, after }));

test('a field that changes in all clusters alike is one change with their names', () => {
  const plan = planned(
    both([object('ConfigMap', 'a', { data: { x: '1' } })], [object('ConfigMap', 'a', { data: { x: '2' } })]),
  );
  expect(plan.changes).toEqual([
    {
      clusters: ['east', 'west'],
      items: [
        {
          change: 'changed',
          key: { group: '', kind: 'ConfigMap', namespace: 'web', name: 'a' },
          fields: [{ path: 'data.x', before: '1', after: '2' }],
        },
      ],
    },
  ]);
  expect(isIdle(plan)).toBe(false);
  expect(isIdle(planned([]))).toBe(true);
});

test('a field that is ignored is told only where it is written: beside another change, and not when it is to be left', () => {
  const data = (mine: string, theirs: string) => [object('ConfigMap', 'a', { data: { mine, theirs } })];
  const ignoring = (more = {}) => {
    const ignoreDifferences = [{ group: '', kind: 'ConfigMap', jsonPointers: ['/data/theirs'] }];
    return application({ rules: { ignoreDifferences, ...more } });
  };
  const paths = (after: KubeObject[], policy: Application) =>
    planned(both(data('1', '1'), after), policy).changes.map(({ items }) =>
      items.map(({ change, fields }) => [change, ...fields.map(({ path }) => path)]),
    );
  expect(paths(data('1', '2'), ignoring())).toEqual([]);
  expect(paths(data('2', '2'), ignoring())).toEqual([[['changed', 'data.mine', 'data.theirs']]]);
  const respecting = ignoring({ respectIgnoreDifferences: true });
  expect(paths(data('2', '2'), respecting)).toEqual([[['changed', 'data.mine']]]);
  expect(paths(data('1', '2'), respecting)).toEqual([]);
  const [other] = data('1', '1');
  const anew = { ...other, apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'new' } };
  expect(paths([...data('1', '1'), anew], respecting)).toEqual([[['created']]]);
});

test('values of a Secret are masked on both sides, and its keys are shown', () => {
  const plan = planned(
    both(
      [object('Secret', 's', { data: { password: base64Text('first-password') } })],
      [object('Secret', 's', { data: { password: base64Text('other-password'), user: base64Text('ada') } })],
    ),
  );
  expect(plan.changes[0]?.items[0]?.fields).toEqual([
    { path: 'data.password', before: '***', after: '***' },
    { path: 'data.user', after: '***' },
  ]);
});

test('a value that moves from a Secret into a ConfigMap or an argument stays masked', () => {
  const secret = 'hunter2-hunter2';
  const plan = planned(
    both(
      [
        object('Secret', 's', { data: { password: base64Text(secret) } }),
        object('ConfigMap', 'c', { data: {} }),
      ],
      [
        object('ConfigMap', 'c', {
          data: { url: `postgres://ada:${secret}@db`, copy: base64Text(secret), ünïcode: 'plain' },
        }),
      ],
    ),
  );
  const text = JSON.stringify(plan);
  expect(text).not.toContain(secret);
  expect(text).not.toContain(base64Text(secret));
  expect(text).toContain('postgres://ada:***@db');
  expect(text).toContain('plain');
});

test('a generated object with another hash replaces the one before, field by field', () => {
  const plan = planned(
    both(
      [object('ConfigMap', 'settings-2m5gb6c4hk', { data: { x: '1' } })],
      [object('ConfigMap', 'settings-6ct58987ht', { data: { x: '2' } })],
    ),
  );
  expect(plan.changes[0]?.items).toEqual([
    {
      change: 'replaced',
      key: { group: '', kind: 'ConfigMap', namespace: 'web', name: 'settings-6ct58987ht' },
      replaces: 'settings-2m5gb6c4hk',
      fields: [
        { path: 'metadata.name', before: 'settings-2m5gb6c4hk', after: 'settings-6ct58987ht' },
        { path: 'data.x', before: '1', after: '2' },
      ],
    },
  ]);
});

test('what goes is deleted, last applied first; without prune or with the annotation it is left', () => {
  const kept: KubeObject = {
    ...object('ConfigMap', 'kept'),
    metadata: { name: 'kept', annotations: { 'meridian.dev/prune': 'disabled' } },
  };
  const before = [object('ConfigMap', 'a'), kept, object('Service', 'b')];
  const fates = (policy: Partial<Application['syncPolicy']>) =>
    planned(both(before, [object('Service', 'c')]), application(policy)).changes[0]?.items.map(
      ({ change, key }) => `${change} ${key.name}`,
    );
  expect(fates({})).toEqual(['created c', 'deleted b', 'left kept', 'deleted a']);
  expect(fates({ prune: false })).toEqual(['created c', 'left b', 'left kept', 'left a']);
});

test('deletions beyond the budget, an emptied cluster and a withdrawal need an approval', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => object('ConfigMap', name));
  const plan = planned([
    { cluster: 'within', before: [a!, b!], after: [a!] },
    { cluster: 'beyond', before: [a!, b!, c!], after: [a!] },
    { cluster: 'emptied', before: [a!], after: [] },
    { cluster: 'withdrawn', before: [a!], after: undefined },
    { cluster: 'new', before: undefined, after: [a!] },
  ]);
  expect(plan.placed).toEqual(['new']);
  expect(plan.withdrawn).toEqual(['withdrawn']);
  expect(plan.approvals).toEqual([
    { clusters: ['beyond'], items: [{ why: 'over budget', deletions: 2, allowed: 1 }] },
    { clusters: ['emptied'], items: [{ why: 'emptied', deletions: 1, allowed: 0 }] },
    { clusters: ['withdrawn'], items: [{ why: 'withdrawn', deletions: 1, allowed: 0 }] },
  ]);
});

test('overrides are told as their document has them', () => {
  const override = { index: 0, clusters: {}, patches: [], images: [], replicas: [{ name: 'a', count: 1 }] };
  const plan = planApplication({
    before: { application: application(), strategy },
    after: { application: { ...application(), overrides: [override] }, strategy },
    clusters: [],
  });
  expect(plan.settings).toEqual([
    { path: 'overrides', after: [{ clusters: {}, replicas: [{ name: 'a', count: 1 }] }] },
  ]);
});

test('changes of the document and of the strategy are told', () => {
  const plan = planApplication({
    before: { application: application(), strategy },
    after: { application: application({ deletionBudget: 5 }), strategy: { ...strategy, failureBudget: 2 } },
    clusters: [],
  });
  expect(plan.settings).toEqual([
    { path: 'syncPolicy.deletionBudget', before: 1, after: 5 },
    { path: 'strategy.failureBudget', before: 0, after: 2 },
  ]);
});

const hook = (name: string, phases: string): KubeObject => ({
  ...object('Job', name),
  metadata: { name, namespace: 'web', annotations: { 'meridian.dev/hook': phases } },
});
const hooks = [
  hook('before', 'PreSync'),
  hook('after', 'Sync,PostSync'),
  hook('failed', 'SyncFail'),
  hook('end', 'PreDelete'),
  hook('never', 'Skip'),
];
const toldOf = (cluster: ClusterObjects) =>
  planned([cluster]).changes.flatMap(({ items }) =>
    items.map(({ change, key, hook: phases }) => `${change} ${key.name} ${phases?.join('+') ?? 'no hook'}`),
  );

test('every hook of another bundle runs, also one that is as it was', () => {
  const [first, second] = ['1', '2'].map((x) => object('ConfigMap', 'a', { data: { x } }));
  if (!first || !second) throw new TypeError('two');
  const changed = { cluster: 'east', before: [first, ...hooks], after: [second, ...hooks] };
  expect(toldOf(changed)).toEqual(['changed a no hook', 'runs before PreSync', 'runs after Sync+PostSync']);
  const come = planned([{ cluster: 'east', before: [first], after: [first, ...hooks] }]);
  expect(come.changes[0]?.items.map((item) => [item.change, makesRun(item)])).toEqual([
    ['created', true],
    ['created', true],
    ['created', false],
    ['created', false],
    ['created', false],
  ]);
  const gone = { cluster: 'east', before: [first, ...hooks], after: [first, ...hooks.slice(1)] };
  expect(toldOf(gone)).toEqual(['runs after Sync+PostSync', 'deleted before PreSync']);
});

test('when an application is withdrawn its hooks for the end run, and the others go', () => {
  expect(toldOf({ cluster: 'east', before: hooks, after: undefined })).toEqual([
    'runs end PreDelete',
    'deleted never ',
    'deleted failed SyncFail',
    'deleted after Sync+PostSync',
    'deleted before PreSync',
  ]);
});
