import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube-object.ts';
import { createStore } from './memory-store.ts';
import type { Store, StoreEvent } from './store.ts';

const key = (name: string, namespace = 'ns', resource = 'configmaps') => ({ resource, namespace, name });

const object = (name: string, data: string = name): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'ns' },
  data: { value: data },
});

function put(store: Store, name: string, namespace = 'ns', data = name): StoreEvent {
  const present = store.get(key(name, namespace));
  const event = store.commit(
    key(name, namespace),
    object(name, data),
    present?.metadata.resourceVersion ?? '',
  );
  if (event === 'conflict') throw new Error('conflict');
  return event;
}

const names = (objects: readonly KubeObject[] | string) =>
  typeof objects === 'string' ? objects : objects.map((each) => each.metadata.name);

describe('a commit', () => {
  it('gives each change the next revision and writes it into the object', () => {
    const store = createStore();
    expect(store.revision).toBe(1);
    expect(put(store, 'a')).toMatchObject({ type: 'ADDED', revision: 2 });
    expect(put(store, 'a')).toMatchObject({ type: 'MODIFIED', revision: 3 });
    expect(store.get(key('a'))?.metadata.resourceVersion).toBe('3');
  });

  it('is refused, and changes nothing, when the object is not as expected', () => {
    const store = createStore();
    put(store, 'a');
    expect(store.commit(key('a'), object('a', 'x'), '')).toBe('conflict');
    expect(store.commit(key('a'), object('a', 'x'), '1')).toBe('conflict');
    expect(store.commit(key('b'), object('b'), '2')).toBe('conflict');
    expect(store.commit(key('b'), undefined, '')).toBe('conflict');
    expect(store.revision).toBe(2);
    expect(store.get(key('a'))).toHaveProperty('data.value', 'a');
  });

  it('leaves the tree that it was given as it was', () => {
    const store = createStore();
    const given = object('a');
    store.commit(key('a'), given, '');
    expect(given.metadata).toEqual({ name: 'a', namespace: 'ns' });
  });

  it('that deletes tells the object with the revision of its deletion', () => {
    const store = createStore();
    put(store, 'a');
    const event = store.commit(key('a'), undefined, '2');
    expect(event).toMatchObject({
      type: 'DELETED',
      revision: 3,
      object: { metadata: { resourceVersion: '3' }, data: { value: 'a' } },
      previous: { metadata: { resourceVersion: '2' } },
    });
    expect(store.get(key('a'))).toBeUndefined();
    expect(store.count()).toBe(0);
  });
});

describe('lists', () => {
  it('are in the order of etcd keys, where a dash comes before the slash after a namespace', () => {
    const store = createStore();
    put(store, 'z', 'a');
    put(store, 'b', 'a-b');
    put(store, 'a', 'a');
    const found = store.list('configmaps').map((each) => each.metadata.name);
    expect(found).toEqual(['b', 'a', 'z']);
  });

  it('hold one namespace when one is told, also when another begins with its name', () => {
    const store = createStore();
    put(store, 'x', 'team');
    put(store, 'y', 'team-a');
    put(store, 'w', 'tea');
    expect(names(store.list('configmaps', 'team'))).toEqual(['x']);
    expect(store.list('configmaps', 'none')).toEqual([]);
    expect(store.list('secrets')).toEqual([]);
  });

  it('of the past are as they were', () => {
    const store = createStore();
    put(store, 'a');
    put(store, 'b');
    const then = store.revision;
    store.commit(key('a'), undefined, '2');
    put(store, 'b', 'ns', 'changed');
    put(store, 'c');
    expect(names(store.listAt({ resource: 'configmaps' }, then))).toEqual(['a', 'b']);
    expect(names(store.list('configmaps'))).toEqual(['b', 'c']);
  });

  it('of the past equal what was listed then, after any commits', () => {
    const step = fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), remove: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const store = createStore();
        const then = [{ revision: store.revision, listed: store.list('configmaps') }];
        for (const { name, remove } of steps) {
          const present = store.get(key(name))?.metadata.resourceVersion ?? '';
          store.commit(key(name), remove ? undefined : object(name), present);
          then.push({ revision: store.revision, listed: store.list('configmaps') });
        }
        for (const { revision, listed } of then) {
          expect(store.listAt({ resource: 'configmaps' }, revision)).toEqual(listed);
        }
      }),
    );
  });
});

describe('the past', () => {
  it('is replayed from any revision that was not compacted', () => {
    const store = createStore();
    put(store, 'a');
    put(store, 'b');
    store.commit({ resource: 'secrets', namespace: 'ns', name: 's' }, object('s'), '');
    put(store, 'c');
    const changes = store.changesSince('configmaps', 2);
    expect(changes).toMatchObject([{ revision: 3 }, { revision: 5 }]);
    expect(store.changesSince('configmaps', 5)).toEqual([]);
  });

  it('cannot be read after compaction, and the future not at all', () => {
    const store = createStore();
    for (const name of ['a', 'b', 'c']) put(store, name);
    store.compact(3);
    expect(store.compactedRevision).toBe(3);
    expect(store.changesSince('configmaps', 2)).toBe('compacted');
    expect(store.listAt({ resource: 'configmaps' }, 2)).toBe('compacted');
    expect(names(store.listAt({ resource: 'configmaps' }, 3))).toEqual(['a', 'b']);
    expect(store.changesSince('configmaps', 3)).toMatchObject([{ revision: 4 }]);
    expect(store.changesSince('configmaps', 9)).toBe('future');
  });

  it('is compacted no further than the present, and never back', () => {
    const store = createStore();
    put(store, 'a');
    store.compact(99);
    expect(store.compactedRevision).toBe(2);
    store.compact(1);
    expect(store.compactedRevision).toBe(2);
    expect(store.changesSince('configmaps', 2)).toEqual([]);
  });

  it('is kept for a bounded number of changes', () => {
    const store = createStore({ keepChanges: 20 });
    for (let count = 0; count < 500; count += 1) put(store, 'a', 'ns', String(count));
    const reach = store.revision - store.compactedRevision;
    expect(reach).toBeGreaterThanOrEqual(20);
    expect(reach).toBeLessThanOrEqual(25);
    const oldest = store.changesSince('configmaps', store.compactedRevision);
    expect(oldest).toHaveLength(reach);
  });
});

describe('listeners', () => {
  it('hear every change once, in order, until they stop', () => {
    const store = createStore();
    const heard: number[] = [];
    const stop = store.subscribe((event) => void heard.push(event.revision));
    put(store, 'a');
    put(store, 'b');
    stop();
    put(store, 'c');
    expect(heard).toEqual([2, 3]);
  });

  it('hear changes in order although the first of them commits', () => {
    const store = createStore();
    const heard: number[] = [];
    store.subscribe((event) => {
      if (event.key.name === 'a') put(store, 'b');
    });
    store.subscribe((event) => void heard.push(event.revision));
    put(store, 'a');
    expect(heard).toEqual([2, 3]);
  });

  it('are all told of a change that one of them cannot bear', () => {
    const store = createStore();
    const heard: number[] = [];
    store.subscribe(({ key: { name } }) => {
      if (name === 'a') put(store, 'b');
      throw new Error(`broken at ${name}`);
    });
    store.subscribe((event) => void heard.push(event.revision));
    expect(() => put(store, 'a')).toThrow('broken at a');
    expect(heard).toEqual([2, 3]);
  });

  it('that fail do not leave the store unable to tell', () => {
    const store = createStore();
    const stop = store.subscribe(() => {
      throw new Error('broken listener');
    });
    expect(() => put(store, 'a')).toThrow('broken listener');
    stop();
    const heard: number[] = [];
    store.subscribe((event) => void heard.push(event.revision));
    put(store, 'b');
    expect(heard).toEqual([3]);
  });
});
