import { expect, test } from 'vitest';
import { foldClusters } from './fold.ts';

test('what is the same everywhere is told once, and what differs stays with its clusters', () => {
  const entries = [
    { cluster: 'west', items: ['image', 'region west'] },
    { cluster: 'east', items: ['image', 'region east'] },
    { cluster: 'lab', items: ['image', 'replicas'] },
    { cluster: 'idle', items: [] },
  ];
  expect(foldClusters(entries)).toEqual([
    { clusters: ['east', 'lab', 'west'], items: ['image'] },
    { clusters: ['east'], items: ['region east'] },
    { clusters: ['lab'], items: ['replicas'] },
    { clusters: ['west'], items: ['region west'] },
  ]);
});

test('equal values fold whatever the order of their fields', () => {
  const folded = foldClusters([
    { cluster: 'a', items: [{ x: 1, y: 2 }] },
    { cluster: 'b', items: [{ y: 2, x: 1 }] },
  ]);
  expect(folded).toEqual([{ clusters: ['a', 'b'], items: [{ x: 1, y: 2 }] }]);
});
