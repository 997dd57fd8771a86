import type { Assignment } from '@meridian/fleet';
import { expect, test } from 'vitest';
import { decideHold, holdKey, holdsOf } from './holding.ts';
import { emptyBook, noteAssignment, noteHold } from './ledger-book.ts';

const lena = { author: 'lena', reason: 'incident' };
const web = { application: 'web', project: 'search', clusters: new Set(['east', 'west']) };
const place = (
  book: ReturnType<typeof emptyBook>,
  scope: 'fleet' | 'project' | 'application' | 'cluster',
  name: string,
) => noteHold(book, decideHold(book, { kind: 'hold', scope, name, ...lena }, 5).record);
const none = { freezes: new Map(), nowMs: 10 };
const named = (holds: ReturnType<typeof holdsOf>) => holds.map(({ scope, name }) => `${scope} ${name}`);

test('an application is held by the holds of the fleet, its project, itself and its clusters, and by no others', () => {
  const book = emptyBook();
  place(book, 'fleet', '');
  for (const name of ['search', 'ads']) place(book, 'project', name);
  for (const name of ['web', 'sync']) place(book, 'application', name);
  for (const name of ['east', 'south']) place(book, 'cluster', name);
  expect(named(holdsOf(book, web, none))).toEqual([
    'application web',
    'cluster east',
    'fleet ',
    'project search',
  ]);
  expect(named(holdsOf(book, { ...web, project: undefined, clusters: new Set() }, none))).toEqual([
    'application web',
    'fleet ',
  ]);
});

test('a pause in a cluster and an agent that stands still hold as well, each as long as it lasts', () => {
  const book = emptyBook();
  const pause = { sinceMs: 0, untilMs: 100, ...lena };
  const assignment: Partial<Assignment> = { cluster: 'east', application: 'web', pause };
  noteAssignment(book, { assignment: assignment as Assignment, traceparent: undefined });
  const freezes = new Map([['west', { author: 'ops', reason: 'upgrade', untilMs: 200 }]]);
  const at = (nowMs: number) => named(holdsOf(book, web, { freezes, nowMs }));
  expect(at(10)).toEqual(['freeze west', 'pause east']);
  expect(at(100)).toEqual(['freeze west']);
  expect(at(200)).toEqual([]);
});

test('a hold with an end needs no release, a released one is forgotten, and who releases nothing is told so', () => {
  const book = emptyBook();
  noteHold(
    book,
    decideHold(book, { kind: 'hold', scope: 'cluster', name: 'east', ...lena, forMs: 20 }, 5).record,
  );
  expect(named(holdsOf(book, web, none))).toEqual(['cluster east']);
  expect(named(holdsOf(book, web, { ...none, nowMs: 25 }))).toEqual([]);
  const release = {
    kind: 'releaseHold',
    scope: 'cluster',
    name: 'east',
    author: 'omar',
    reason: 'done',
  } as const;
  expect(() => decideHold(book, release, 25)).toThrow(/nobody holds cluster east/);
  const { record, event } = decideHold(book, release, 10);
  expect(record).toMatchObject({ author: 'lena', released: { author: 'omar', reason: 'done', atMs: 10 } });
  expect(event.message).toBe('omar released cluster east: done');
  noteHold(book, record);
  expect(book.holds.has(holdKey(release))).toBe(false);
  expect(() => decideHold(book, { ...release, name: '' }, 10)).toThrow(/a hold of a cluster has a name/);
});
