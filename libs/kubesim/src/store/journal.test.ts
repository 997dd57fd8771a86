import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openJournaledStore } from './journal.ts';
import type { Store } from './store.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'meridian-journal-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const keyOf = (name: string) => ({ resource: 'configmaps', namespace: 'default', name });
function put(store: Store, name: string, value: string) {
  const expected = store.get(keyOf(name))?.metadata.resourceVersion ?? '';
  const metadata = { name, namespace: 'default' };
  store.commit(keyOf(name), { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { value } }, expected);
}
const remove = (store: Store, name: string) =>
  store.commit(keyOf(name), undefined, store.get(keyOf(name))?.metadata.resourceVersion ?? '');
const journal = () => join(dir, 'journal.jsonl');

test('another start has the same objects and goes on at the same revision', async () => {
  const first = openJournaledStore(dir);
  put(first, 'kept', '1');
  put(first, 'kept', '2');
  put(first, 'gone', '1');
  remove(first, 'gone');
  const { revision } = first;
  await first.close();
  const second = openJournaledStore(dir);
  expect(second.revision).toBe(revision);
  expect(second.list('configmaps').map((object) => [object.metadata.name, object['data']])).toEqual([
    ['kept', { value: '2' }],
  ]);
  expect(second.get(keyOf('kept'))?.metadata.resourceVersion).toBe('3');
  expect(second.changesSince('configmaps', revision - 1)).toBe('compacted');
  put(second, 'kept', '3');
  expect(second.get(keyOf('kept'))?.metadata.resourceVersion).toBe(String(revision + 1));
  await second.close();
});

test('a process that ends at any moment loses nothing that was told', () => {
  const first = openJournaledStore(dir);
  put(first, 'told', '1');
  // Nobody closes the first one, and its last line was cut off in the middle.
  appendFileSync(journal(), '{"revision":9,"key":{"resou');
  const second = openJournaledStore(dir);
  expect(second.list('configmaps').map(({ metadata }) => metadata.name)).toEqual(['told']);
  expect(readFileSync(journal(), 'utf8').endsWith('\n')).toBe(true);
});

test('a damaged line is named', () => {
  openJournaledStore(dir);
  writeFileSync(journal(), 'nonsense\n');
  expect(() => openJournaledStore(dir)).toThrow(`${journal()}:1 is no change of a cluster`);
});

test('is written anew before it is too long to be read', async () => {
  const store = openJournaledStore(dir, 10_000);
  for (let index = 0; index < 100; index += 1) put(store, 'often', `${'a'.repeat(1_000)}${String(index)}`);
  expect(statSync(journal()).size).toBeLessThan(13_000);
  await store.close();
  const next = openJournaledStore(dir);
  expect(next.get(keyOf('often'))?.['data']).toEqual({ value: `${'a'.repeat(1_000)}99` });
  expect(next.revision).toBe(101);
});
