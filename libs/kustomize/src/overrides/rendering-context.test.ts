import type { Application, Cluster } from '@meridian/fleet';
import { expect, test } from 'vitest';
import { labelsSeen, renderingContext, resolveApplication, treeOf } from '../index.ts';

const override = (index: number, region: string, count: number) => ({
  index,
  clusters: { matchLabels: { region } },
  patches: [],
  images: [],
  replicas: [{ name: 'web', count }],
});
const application: Application = {
  name: 'web',
  labels: {},
  path: 'web',
  overlays: ['{tier}', '.'],
  overrides: [override(0, 'eu', 1), override(1, 'us', 2)],
  placement: {},
  namespace: 'shop',
  rolloutStrategy: 'all',
  syncPolicy: { prune: true, selfHeal: true, createNamespace: false, deletionBudget: '50%' },
};
const cluster: Cluster = { name: 'c1', labels: { region: 'eu', tier: 'prod', team: 'a' } };

test('a context is the same while nothing changes that a rendering is made of', () => {
  const context = renderingContext(application, cluster);
  const same: readonly Partial<Application>[] = [
    { overrides: [override(0, 'eu', 1), override(1, 'us', 3)] },
    { placement: { matchLabels: { region: 'eu' } } },
    { rolloutStrategy: 'other' },
    { syncPolicy: { ...application.syncPolicy, prune: false } },
  ];
  for (const change of same) expect(renderingContext({ ...application, ...change }, cluster)).toBe(context);
  const other: readonly Partial<Application>[] = [
    { overrides: [override(0, 'eu', 2), override(1, 'us', 2)] },
    { overrides: [] },
    { variables: true },
    { namespace: 'other' },
    { path: 'elsewhere' },
  ];
  for (const change of other)
    expect(renderingContext({ ...application, ...change }, cluster)).not.toBe(context);
  expect(renderingContext(application, { ...cluster, name: 'c2' })).not.toBe(context);
  const moved = { ...cluster, labels: { ...cluster.labels, region: 'us' } };
  expect(renderingContext(application, moved)).not.toBe(context);
});

test('only labels that a rendering looked at count, all of them when it tells of all', () => {
  const text = (value: string) =>
    `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web, labels: { team: "${value}" } }\n`;
  const reads = (value: string) =>
    resolveApplication({
      tree: treeOf({ 'web/a.yaml': text(value) }),
      application: { ...application, variables: true },
      cluster,
    }).labelReads;
  expect(reads('x')).toEqual(['tier']);
  expect(reads('${cluster.labels.team}')).toEqual(['team', 'tier']);
  expect(reads('${cluster.labels.none}')).toBe('all');
  const { labels } = cluster;
  const seen = labelsSeen(['tier', 'zone'], labels);
  expect(labelsSeen(['tier', 'zone'], { ...labels, team: 'b' })).toBe(seen);
  expect(labelsSeen(['tier', 'zone'], { ...labels, tier: 'dev' })).not.toBe(seen);
  expect(labelsSeen(['tier', 'zone'], { ...labels, zone: '' })).not.toBe(seen);
  expect(labelsSeen('all', { ...labels, team: 'b' })).not.toBe(labelsSeen('all', labels));
});
