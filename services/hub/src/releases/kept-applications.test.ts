import type { Application, Cluster } from '@meridian/fleet';
import type { CommitDirectory, CommitFile, CommitNode, Rendering } from '@meridian/rendering';
import { RevisionFiles } from '@meridian/rendering';
import { expect, test } from 'vitest';
import { KeptApplications } from './kept-applications.ts';

const file = (blob: string): CommitFile => ({ kind: 'file', blob, content: blob });
const directory = (id: string, children: { readonly [name: string]: CommitNode }): CommitDirectory => ({
  kind: 'directory',
  id,
  names: Object.keys(children).sort(),
  children: new Map(Object.entries(children)),
});
const revision = (web: string, shared: string, other = 'x') => {
  const root = directory(`${web}${shared}${other}`, {
    web: directory(`web ${web}`, { map: file(web) }),
    shared: directory(`shared ${shared}`, { map: file(shared), unread: file(other) }),
  });
  const tree = { root, read: async () => undefined, unreadable: () => undefined };
  return new RevisionFiles(tree, new AbortController().signal);
};
const application = { name: 'web', path: 'web' } as unknown as Application;
const cluster: Cluster = { name: 'east', labels: {} };
const placed = { application, clusters: [cluster] };
const rendering: Rendering = {
  ok: true,
  bundle: { digest: 'd', bytes: new Uint8Array(), keys: [] },
  warnings: [],
};

function keptAt(first: RevisionFiles): KeptApplications {
  const kept = new KeptApplications();
  const renderings = new Map([[cluster, rendering]]);
  kept.keep(placed, first, { renderings, reads: [first.readsOf(['web', 'web/map', 'shared/map'])] });
  return kept;
}

test('an application is the same while its directory and what it looked at elsewhere are', () => {
  const kept = keptAt(revision('1', '1'));
  expect(kept.find(placed, revision('1', '1'))?.get(cluster)).toBe(rendering);
  expect(kept.find(placed, revision('1', '1', 'y'))?.get(cluster)).toBe(rendering);
  expect(kept.find(placed, revision('2', '1'))).toBeUndefined();
  expect(kept.find(placed, revision('1', '2'))).toBeUndefined();
});

test('another document, other clusters or none make another application', () => {
  const files = revision('1', '1');
  const kept = keptAt(files);
  expect(kept.find({ ...placed, application: { ...application } }, files)).toBeUndefined();
  expect(kept.find({ ...placed, clusters: [{ ...cluster }] }, files)).toBeUndefined();
  expect(kept.find({ ...placed, clusters: [] }, files)).toBeUndefined();
});

test('an application that is in no document any more is forgotten', () => {
  const files = revision('1', '1');
  const kept = keptAt(files);
  kept.retain(new Set(['web']));
  expect(kept.find(placed, files)).toBeDefined();
  kept.retain(new Set(['sync']));
  expect(kept.find(placed, files)).toBeUndefined();
});
