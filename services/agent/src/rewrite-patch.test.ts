import { expect, test } from 'vitest';
import { rewritePatch } from './rewrite-patch.ts';

const live = {
  apiVersion: 'example.com/v1',
  kind: 'Thing',
  metadata: {
    name: 'a',
    namespace: 'ml',
    resourceVersion: '7',
    labels: { theirs: 'x' },
    annotations: { theirs: 'x' },
    finalizers: ['example.com/keep'],
  },
  spec: { a: 1, b: 2 },
  'odd/~name': 1,
  extra: true,
  status: { phase: 'Ready' },
};
const at7 = { op: 'replace', path: '/metadata/resourceVersion', value: '7' };

test('content, labels and annotations become those of the next object, at the version that was read', () => {
  const next = {
    apiVersion: 'example.com/v1',
    kind: 'Thing',
    metadata: { name: 'a', labels: { ours: 'y' } },
    spec: { a: 3 },
    data: {},
  };
  expect(rewritePatch(live, next)).toEqual([
    at7,
    { op: 'add', path: '/metadata/labels', value: { ours: 'y' } },
    { op: 'remove', path: '/metadata/annotations' },
    { op: 'add', path: '/spec', value: { a: 3 } },
    { op: 'remove', path: '/odd~1~0name' },
    { op: 'remove', path: '/extra' },
    { op: 'add', path: '/data', value: {} },
  ]);
});

test('status, finalizers and what identifies the object are in no patch', () => {
  const next = { ...live, metadata: { name: 'b', finalizers: [] }, status: {} };
  const paths = rewritePatch(live, next).map((step) => JSON.stringify(step));
  expect(paths.join()).not.toMatch(/status|finalizers|"value":"b"/);
});
