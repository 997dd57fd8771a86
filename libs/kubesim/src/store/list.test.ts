import { expect, it } from 'vitest';
import { ApiError } from '../errors/api-error.ts';
import { listPage } from './list.ts';
import type { ListQuery } from './list.ts';
import { createStore } from './memory-store.ts';

const storeOf = (...names: readonly string[]) => {
  const store = createStore();
  for (const name of names) {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'a', name } };
    store.commit({ resource: 'configmaps', namespace: 'a', name }, object, '');
  }
  return store;
};
const query = (more: Partial<ListQuery> = {}): ListQuery => ({
  resource: 'configmaps',
  namespace: 'a',
  matches: () => true,
  matchesAll: true,
  limit: 0,
  continue: '',
  resourceVersion: '',
  resourceVersionMatch: '',
  ...more,
});
const names = (page: ReturnType<typeof listPage>) => page.items.map(({ metadata }) => metadata.name);
const refusal = (list: () => unknown) => {
  try {
    list();
  } catch (error) {
    if (error instanceof ApiError) return error.status;
    throw error;
  }
  throw new Error('was not refused');
};

it('cuts pages that show the list as it was when the first was read', () => {
  const store = storeOf('1', '2', '3', '4', '5');
  const first = listPage(store, query({ limit: 2 }));
  store.commit({ resource: 'configmaps', namespace: 'a', name: '3' }, undefined, '4');
  const second = listPage(store, query({ limit: 2, continue: first.continue ?? '' }));
  const third = listPage(store, query({ limit: 2, continue: second.continue ?? '' }));
  expect([first, second, third].map(names)).toEqual([['1', '2'], ['3', '4'], ['5']]);
  expect([first, second, third].map((page) => page.remainingItemCount)).toEqual([3, 1, undefined]);
  expect(new Set([first, second, third].map((page) => page.resourceVersion)).size).toBe(1);
});

it('says how to go on when the revision of a token was compacted', () => {
  const store = storeOf('1', '2', '3');
  const { continue: token = '' } = listPage(store, query({ limit: 1 }));
  const late = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'a', name: '2b' } };
  store.commit({ resource: 'configmaps', namespace: 'a', name: '2b' }, late, '');
  store.compact(store.revision);
  const status = refusal(() => listPage(store, query({ limit: 1, continue: token })));
  expect(status).toMatchObject({ code: 410, reason: 'Expired' });
  const { continue: onwards = '' } = status['metadata'] as { continue?: string };
  expect(names(listPage(store, query({ continue: onwards })))).toEqual(['2', '2b', '3']);
});

it('counts no remaining items when a selector leaves some out', () => {
  const page = listPage(
    storeOf('1', '2', '3', '4'),
    query({ limit: 1, matches: ({ metadata }) => metadata.name !== '1', matchesAll: false }),
  );
  expect(names(page)).toEqual(['2']);
  expect(page.continue).toBeDefined();
  expect(page.remainingItemCount).toBeUndefined();
});

it('ignores a limit at revision 0', () => {
  expect(names(listPage(storeOf('1', '2'), query({ limit: 1, resourceVersion: '0' })))).toEqual(['1', '2']);
});

it('reads the past exactly and refuses the future', () => {
  const store = storeOf('1', '2');
  const exact = { resourceVersionMatch: 'Exact' };
  expect(names(listPage(store, query({ ...exact, resourceVersion: '2' })))).toEqual(['1']);
  expect(
    names(listPage(store, query({ resourceVersion: '2', resourceVersionMatch: 'NotOlderThan' }))),
  ).toEqual(['1', '2']);
  expect(refusal(() => listPage(store, query({ ...exact, resourceVersion: '9' })))).toMatchObject({
    code: 504,
    reason: 'Timeout',
    message: 'Timeout: Too large resource version: 9, current: 3',
  });
  store.compact(3);
  expect(refusal(() => listPage(store, query({ ...exact, resourceVersion: '2' })))).toMatchObject({
    code: 410,
  });
});
