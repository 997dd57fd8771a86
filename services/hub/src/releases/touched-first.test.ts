import type { CommitDirectory, CommitFile, CommitNode, CommitTree } from '@meridian/rendering';
import { RevisionFiles } from '@meridian/rendering';
import { FaultError } from '@meridian/runtime';
import { expect, test } from 'vitest';
import { untouched } from './touched-first.ts';

const { signal } = new AbortController();
const file = (blob: string): CommitFile => ({ kind: 'file', blob, content: blob });
const directory = (id: string, children: { readonly [name: string]: CommitNode }): CommitDirectory => ({
  kind: 'directory',
  id,
  names: Object.keys(children).sort(),
  children: new Map(Object.entries(children)),
});
const treeOf = (web: string, sync: string): CommitTree => ({
  root: directory(`${web}${sync}`, {
    web: directory(`web ${web}`, { map: file(web) }),
    sync: directory(`sync ${sync}`, { map: file(sync) }),
  }),
  read: async () => undefined,
  unreadable: () => undefined,
});
const placed = ['web', 'sync'].map((name) => ({ application: { name, path: name } }));
const files = new RevisionFiles(treeOf('2', '1'), signal);

async function told(rolledOut: { readonly [application: string]: string }, trees: Map<string, CommitTree>) {
  const tree = async (revision: string) => {
    const found = trees.get(revision);
    if (!found) throw new FaultError('not_found', `there is no ${revision}`, { retry: 'never' });
    return found;
  };
  return [...(await untouched(placed, files, { rolledOut: (name) => rolledOut[name], tree }, signal))];
}

test('an application whose directory is as it was rolled out can wait', async () => {
  const trees = new Map([
    ['r1', treeOf('1', '1')],
    ['r2', treeOf('2', '0')],
  ]);
  expect(await told({ web: 'r1', sync: 'r1' }, trees)).toEqual(['sync']);
  expect(await told({ web: 'r2', sync: 'r2' }, trees)).toEqual(['web']);
  expect(await told({ web: 'r2', sync: 'r1' }, trees)).toEqual(['web', 'sync']);
});

test('one of which nobody knows, or whose revision is gone, cannot', async () => {
  expect(await told({ sync: 'gone' }, new Map())).toEqual([]);
  expect(await told({ web: 'gone', sync: 'r1' }, new Map([['r1', treeOf('1', '1')]]))).toEqual(['sync']);
});

test('a former revision that cannot be read keeps nobody from the present one, and a defect is told', async () => {
  const failing = (error: Error) => ({ rolledOut: () => 'r1', tree: () => Promise.reject(error) });
  const gone = new FaultError('unavailable', 'bad object', { retry: 'later' });
  expect([...(await untouched(placed, files, failing(gone), signal))]).toEqual([]);
  const defect = new TypeError('a defect');
  await expect(untouched(placed, files, failing(defect), signal)).rejects.toBe(defect);
});
