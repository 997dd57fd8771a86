import { expect, it } from 'vitest';
import { openCatalog } from '../../schema/catalog.ts';
import type { KubeObject } from '../../kube-object.ts';
import type { Review } from '../review.ts';
import { ReviewMemo, ReviewPending } from './review-memo.ts';

const resource = openCatalog().resources.find(({ name }) => name === 'pods')!;

function creation(metadata: KubeObject['metadata'], startTime = '2026-01-01T00:00:00Z'): Review {
  const object = { apiVersion: 'v1', kind: 'Pod', metadata, status: { startTime } };
  return {
    ...{ phase: 'mutating', operation: 'CREATE', object, old: undefined, dryRun: false },
    target: { resource, namespace: 'team', name: '', subresource: '' },
    ...{ asked: undefined, view: undefined, warn: () => undefined, readmit: () => undefined },
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

it('asks at the first try and has the answer for a later one of the same write', async () => {
  const memo = new ReviewMemo(() => 0);
  let asked = 0;
  const ask = async ({ object }: Review) => {
    asked += 1;
    return object && { ...object, spec: { changed: true } };
  };
  const first = creation({ generateName: 'web-', uid: 'a' });
  expect(() => memo.answer(first, ask)).toThrow(ReviewPending);
  expect(() => memo.answer(first, ask)).toThrow(ReviewPending);
  await settled();
  // What is new in each try does not make it another write.
  const later = creation({ generateName: 'web-', uid: 'b' }, '2026-01-01T00:00:01Z');
  expect(memo.answer(later, ask)).toMatchObject({ spec: { changed: true } });
  expect(asked).toBe(1);
});

it('asks anew for another write, and when the answer is old', async () => {
  let nowMs = 0;
  const memo = new ReviewMemo(() => nowMs);
  const ask = async ({ object }: Review) => object;
  expect(() => memo.answer(creation({ name: 'a' }), ask)).toThrow(ReviewPending);
  await settled();
  expect(memo.answer(creation({ name: 'a' }), ask)).toMatchObject({ metadata: { name: 'a' } });
  expect(() => memo.answer(creation({ name: 'b' }), ask)).toThrow(ReviewPending);
  nowMs = 1_001;
  expect(() => memo.answer(creation({ name: 'a' }), ask)).toThrow(ReviewPending);
});

it('throws what a webhook refuses', async () => {
  const memo = new ReviewMemo(() => 0);
  const ask = () => Promise.reject(new Error('denied'));
  expect(() => memo.answer(creation({ name: 'a' }), ask)).toThrow(ReviewPending);
  await settled();
  expect(() => memo.answer(creation({ name: 'a' }), ask)).toThrow('denied');
});
