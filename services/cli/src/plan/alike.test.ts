import type { Folded, ObjectChange } from '@meridian/diff';
import fc from 'fast-check';
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

test('a text that looks like a variable is none, whatever it is made of', () => {
  for (const text of ['{region}', '\u0001region\u0001', '\u0001\u0001region\u0001\u0001']) {
    const changes = [change(['eu-1'], 'eu'), change(['us-1'], text)];
    expect(foldAlike(changes, labelsOf)).toEqual(changes.map((each) => ({ ...each, varies: [] })));
  }
  expect(told([change(['eu-1'], 'eu {region}'), change(['us-1'], 'us {region}')])).toEqual([
    ['eu-1 us-1', '{region} {region}', 'x', 'region'],
  ]);
});

test('of two labels with the same value the one is told that the texts vary by', () => {
  const labels = new Map([
    ['eu-1', { a: 'same', b: 'same' }],
    ['us-1', { a: 'same', b: 'other' }],
  ]);
  const folded = foldAlike([change(['eu-1'], 'same-eu-1'), change(['us-1'], 'same-us-1')], labels);
  expect(folded).toMatchObject([
    { items: [{ key: { name: 'same-{cluster.name}' } }], varies: ['cluster.name'] },
  ]);
});

test('every change of every cluster is told once', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.subarray([...labelsOf.keys()], { minLength: 1 }),
          fc.stringMatching(/^(eu|us|-|1|2|prod|\{region\}){1,4}$/),
        ),
        { maxLength: 8 },
      ),
      (changes) => {
        const folded = foldAlike(
          changes.map(([clusters, name]) => change(clusters, name)),
          labelsOf,
        );
        const count = (groups: readonly (readonly string[])[]) => groups.flat().sort();
        expect(count(folded.map(({ clusters }) => clusters))).toEqual(
          count(changes.map(([clusters]) => clusters)),
        );
        for (const { clusters } of folded) expect(new Set(clusters).size).toBe(clusters.length);
      },
    ),
  );
});
