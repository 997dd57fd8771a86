import type { Folded, ObjectChange } from '@meridian/diff';
import { expect, test } from 'vitest';
import { foldAlike } from './alike.ts';

const labelsOf = new Map([
  ['eu-1', { region: 'eu', tier: 'prod', shard: '1' }],
  ['eu-2', { region: 'eu', tier: 'prod', shard: '2' }],
  ['us-1', { region: 'us', tier: 'prod', shard: '1' }],
]);
const change = (clusters: string[], name: string, after = 'x'): Folded<ObjectChange> => ({
  clusters,
  items: [
    {
      change: 'changed',
      key: { group: 'apps', kind: 'Deployment', namespace: 'web', name },
      fields: [{ path: 'spec.image', before: 'a', after }],
    },
  ],
});
const told = (changes: Folded<ObjectChange>[]) =>
  foldAlike(changes, labelsOf).map(({ clusters, items, varies }) => [
    clusters.join(' '),
    items[0]?.key.name,
    items[0]?.fields[0]?.after,
    varies.join(' '),
  ]);

test('changes that differ by a label of their clusters are told once, with the label in its place', () => {
  expect(
    told([change(['eu-1', 'eu-2'], 'eu-web', 'r.eu.x/web'), change(['us-1'], 'us-web', 'r.us.x/web')]),
  ).toEqual([['eu-1 eu-2 us-1', '{region}-web', 'r.{region}.x/web', 'region']]);
});

test('changes that differ by the name of their cluster are, too, and what is the same everywhere stays a text', () => {
  expect(told([change(['eu-1'], 'web-eu-1-prod'), change(['us-1'], 'web-us-1-prod')])).toEqual([
    ['eu-1 us-1', 'web-{cluster.name}-prod', 'x', 'cluster.name'],
  ]);
});

test('changes that differ otherwise stay apart, as they are, and so do two objects of one cluster', () => {
  const apart = [
    [change(['eu-1'], 'web', '1'), change(['us-1'], 'web', '2')],
    [change(['eu-1'], 'eu-web'), change(['us-1'], 'europe-web')],
    [change(['eu-1'], 'eu'), change(['eu-1', 'us-1'], '{region}')],
  ];
  for (const changes of apart)
    expect(foldAlike(changes, labelsOf)).toEqual(
      expect.arrayContaining(changes.map((each) => ({ ...each, varies: [] }))),
    );
});
