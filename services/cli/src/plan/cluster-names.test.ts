import { expect, test } from 'vitest';
import { clustersText, namesText } from './cluster-names.ts';

const edges = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => `edge-${String(first + index).padStart(3, '0')}`);

test('one cluster is named, all are not', () => {
  expect(clustersText(['east'], 3)).toBe('in east');
  expect(clustersText(['a', 'b', 'c'], 3)).toBe('in all 3 clusters');
  expect(clustersText(['west', 'east'], 3)).toBe('in 2 clusters: east, west');
});

test('numbered neighbours are one range, two are two names', () => {
  expect(namesText([...edges(1, 120), 'lab', ...edges(122, 123)])).toBe(
    'edge-001…edge-120, edge-122, edge-123, lab',
  );
  expect(namesText(['us-east-2', 'us-east-1', 'us-west-1', 'us-east-3'])).toBe(
    'us-east-1…us-east-3, us-west-1',
  );
});

test('what is too much is counted', () => {
  expect(namesText(['a', 'b', 'c', 'd', 'e', 'f', 'g', ...edges(1, 9)])).toBe(
    'a, b, c, d, e, edge-001…edge-009 and 2 more',
  );
});
