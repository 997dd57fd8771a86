import type { PlaceInCommit } from '@meridian/git';
import { FaultError } from '@meridian/runtime';
import { expect, test } from 'vitest';
import { untouched } from './touched-first.ts';

const { signal } = new AbortController();
const placed = ['web', 'sync'].map((name) => ({ application: { name, path: `applications/${name}` } }));
/** At r2 `web` is another one than at r1. */
const ids = new Map([
  ['r1:applications/web', 'web 1'],
  ['r1:applications/sync', 'sync 1'],
  ['r2:applications/web', 'web 2'],
  ['r2:applications/sync', 'sync 1'],
]);
const directoryIds = async (places: readonly PlaceInCommit[]) =>
  places.map(({ revision, path }) => ids.get(`${revision}:${path}`));

async function told(rolledOut: { readonly [application: string]: string }) {
  return [...(await untouched(placed, 'r2', { rolledOut: (name) => rolledOut[name], directoryIds }, signal))];
}

test('an application whose directory is as it was rolled out can wait', async () => {
  expect(await told({ web: 'r1', sync: 'r1' })).toEqual(['sync']);
  expect(await told({ web: 'r2', sync: 'r1' })).toEqual(['web', 'sync']);
});

test('one of which nobody knows, or whose revision is gone, cannot', async () => {
  expect(await told({})).toEqual([]);
  expect(await told({ web: 'gone', sync: 'r1' })).toEqual(['sync']);
});

test('one whose directory is not there at either revision cannot', async () => {
  const elsewhere = [{ application: { name: 'web', path: 'nowhere' } }];
  const ports = { rolledOut: () => 'r1', directoryIds };
  expect([...(await untouched(elsewhere, 'r2', ports, signal))]).toEqual([]);
});

test('a git that fails keeps nobody from the present revision, and a defect is told', async () => {
  const failing = (error: Error) => ({ rolledOut: () => 'r1', directoryIds: () => Promise.reject(error) });
  const gone = new FaultError('unavailable', 'bad object', { retry: 'later' });
  expect([...(await untouched(placed, 'r2', failing(gone), signal))]).toEqual([]);
  const defect = new TypeError('a defect');
  await expect(untouched(placed, 'r2', failing(defect), signal)).rejects.toBe(defect);
});
