import { expect, it } from 'vitest';
import type { KubeObject } from '../kube-object.ts';
import { createStore } from './memory-store.ts';
import { openWatch } from './watch.ts';
import type { WatchEvent, WatchQuery } from './watch.ts';

const key = (name: string) => ({ resource: 'configmaps', namespace: 'a', name });
const object = (name: string, labels: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'a', name, labels },
});
const watching = (store: ReturnType<typeof createStore>, more: Partial<WatchQuery> = {}) => {
  const told: string[] = [];
  const tell = ({ type, object: { metadata, code } }: WatchEvent) => {
    const { name = '', resourceVersion = '' } = (metadata ?? {}) as {
      name?: string;
      resourceVersion?: string;
    };
    told.push(`${type} ${name}@${resourceVersion}${typeof code === 'number' ? ` ${String(code)}` : ''}`);
  };
  const watch = openWatch(
    store,
    {
      resource: 'configmaps',
      namespace: undefined,
      matches: () => true,
      resourceVersion: '',
      sendInitialEvents: false,
      ...more,
    },
    tell,
  );
  return { told, watch };
};

it('tells what is there, then each change', () => {
  const store = createStore();
  store.commit(key('1'), object('1'), '');
  const { told, watch } = watching(store);
  store.commit(key('1'), object('1', { a: 'b' }), '2');
  store.commit(key('1'), undefined, '3');
  watch.close();
  store.commit(key('2'), object('2'), '');
  expect(told).toEqual(['ADDED 1@2', 'MODIFIED 1@3', 'DELETED 1@4']);
});

it('tells what was missed since a revision, and that a compacted one cannot be', () => {
  const store = createStore();
  store.commit(key('1'), object('1'), '');
  store.commit(key('2'), object('2'), '');
  expect(watching(store, { resourceVersion: '2' }).told).toEqual(['ADDED 2@3']);
  store.compact(3);
  const late = watching(store, { resourceVersion: '2' });
  store.commit(key('3'), object('3'), '');
  expect(late.told).toEqual(['ERROR @ 410']);
});

it('tells objects that enter and leave the selection as added and deleted', () => {
  const store = createStore();
  const { told } = watching(store, { matches: ({ metadata }) => metadata.labels?.['in'] === 'yes' });
  store.commit(key('1'), object('1'), '');
  store.commit(key('1'), object('1', { in: 'yes' }), '2');
  store.commit(key('1'), object('1', { in: 'no' }), '3');
  store.commit(key('1'), undefined, '4');
  expect(told).toEqual(['ADDED 1@3', 'DELETED 1@4']);
});

it('marks the end of the initial events', () => {
  const store = createStore();
  store.commit(key('1'), object('1'), '');
  expect(watching(store, { resourceVersion: '1', sendInitialEvents: true }).told).toEqual([
    'ADDED 1@2',
    'BOOKMARK @2',
  ]);
});

it('waits for a revision that is still to come', () => {
  const store = createStore();
  const { told } = watching(store, { resourceVersion: '3' });
  store.commit(key('1'), object('1'), '');
  store.commit(key('2'), object('2'), '');
  store.commit(key('3'), object('3'), '');
  expect(told).toEqual(['ADDED 3@4']);
});
