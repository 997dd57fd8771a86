import type { KubeObject } from '@meridian/manifests';
import { expect, test } from 'vitest';
import { stripPlaces } from './strip-places.ts';

const label = 'meridian.dev/application';
const object: KubeObject = {
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name: 'a', namespace: 'b', labels: { [label]: 'web', more: 'x' } },
  spec: { replicas: 1, list: ['a', 'b', 'c'], deep: { left: 1, right: 2 } },
};

test('places go, items of lists by their position before anything went', () => {
  const places = [
    ['spec', 'list', 0],
    ['spec', 'list', 2],
    ['spec', 'deep', 'left'],
    ['spec', 'absent', 'deeper'],
  ];
  expect(stripPlaces(object, places, { label })['spec']).toEqual({
    replicas: 1,
    list: ['b'],
    deep: { right: 2 },
  });
  expect(stripPlaces(object, [], { label })).toBe(object);
});

test('what an object is known by stays, whatever is to go', () => {
  const stripped = stripPlaces(object, [[], ['kind'], ['metadata', 'name'], ['metadata', 'labels']], {
    label,
  });
  expect(stripped).toMatchObject({
    apiVersion: 'v1',
    kind: 'Thing',
    metadata: { name: 'a', namespace: 'b', labels: { [label]: 'web' } },
  });
  expect(stripped.metadata.labels).toEqual({ [label]: 'web' });
});
