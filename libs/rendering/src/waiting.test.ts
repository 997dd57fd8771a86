import { noPolicies } from '@meridian/policy';
import { expect, test } from 'vitest';
import { fleetOf } from './testing/render-fleet.ts';
import type { Job } from './render-thread.ts';
import { Waiting } from './waiting.ts';

const fleet = fleetOf({});
const { signal: wanted } = new AbortController();
const job = (application: string, cluster: string): Job => ({
  files: fleet.files,
  charts: new Map(),
  policies: noPolicies,
  ...fleet.subject(application, cluster),
  signal: wanted,
  exhausted: 0,
  end: () => undefined,
  fail: () => undefined,
});
const named = (each: Job | undefined) => each && `${each.application.name}/${each.cluster.name}`;
const rest = (waiting: Waiting) => waiting.drain().map(named);
const anyOne = () => true;
const next = (waiting: Waiting, most = 1) => waiting.next(() => most, anyOne).map(named);
const except = (kept: string) => (name: string) => Number(name !== kept);

test('applications take turns, and the jobs of one keep their order', () => {
  const waiting = new Waiting();
  for (const cluster of ['1', '2', '3']) waiting.add(job('web', cluster));
  waiting.add(job('sync', '1'));
  const order = Array.from({ length: 5 }, () => next(waiting));
  expect(order).toEqual([['web/1'], ['sync/1'], ['web/2'], ['web/3'], []]);
  expect(waiting.size).toBe(0);
});

test('an application that may not start is passed over and keeps its turn', () => {
  const waiting = new Waiting();
  waiting.add(job('slow', '1'));
  waiting.add(job('web', '1'));
  expect(waiting.next(except('slow'), anyOne).map(named)).toEqual(['web/1']);
  expect(waiting.next(except('slow'), anyOne)).toEqual([]);
  expect(next(waiting)).toEqual(['slow/1']);
});

test('a job that suits goes before others of its application, and before nothing else', () => {
  const waiting = new Waiting();
  for (const cluster of ['1', '2', '3']) waiting.add(job('web', cluster));
  waiting.add(job('sync', '3'));
  const suits = (each: Job) => each.cluster.name === '3';
  const order = Array.from({ length: 4 }, () => waiting.next(() => 2, suits).map(named));
  expect(order).toEqual([['web/3'], ['sync/3'], ['web/1'], ['web/2']]);
  expect(waiting.size).toBe(0);
});

const { application } = fleet.subject('web');
const alike = (cluster: string): Job => ({ ...job('web', cluster), application });

test('jobs of one application go together as far as they suit, in their order, and no more than may', () => {
  const waiting = new Waiting();
  for (const cluster of ['1', '2', '3', '4', '5']) waiting.add(alike(cluster));
  const suits = (each: Job) => each.cluster.name !== '2';
  expect(waiting.next(() => 3, suits).map(named)).toEqual(['web/1', 'web/3', 'web/4']);
  expect(waiting.size).toBe(2);
  expect(next(waiting, 3)).toEqual(['web/2', 'web/5']);
  expect(waiting.size).toBe(0);
});

test('jobs go together only with the same files, application and policies, and none that ran out of memory', () => {
  const other: readonly Partial<Job>[] = [
    { files: fleetOf({}).files },
    { application: { ...application } },
    { policies: { digest: 'other', policies: [] } },
    { exhausted: 1 },
  ];
  for (const part of other) {
    const waiting = new Waiting();
    for (const each of [alike('1'), { ...alike('2'), ...part }, alike('3')]) waiting.add(each);
    expect(next(waiting, 3)).toEqual(['web/1', 'web/3']);
    waiting.putBack([alike('0')]);
    waiting.putBack([{ ...alike('2'), exhausted: 1 }]);
    expect(next(waiting, 3)).toEqual(['web/2']);
    expect(next(waiting, 3)).toEqual(['web/0']);
    expect(waiting.size).toBe(1);
  }
});

test('what is put back goes before what waits, and what is not wanted any more is gone', () => {
  const waiting = new Waiting();
  const unwanted = job('web', '4');
  waiting.add(job('web', '3'));
  waiting.add(unwanted);
  waiting.putBack([job('web', '1'), job('web', '2')]);
  waiting.remove(unwanted);
  waiting.remove(unwanted);
  expect(waiting.size).toBe(3);
  expect(rest(waiting)).toEqual(['web/1', 'web/2', 'web/3']);
});

test('what nobody wants any more is not put back', () => {
  const waiting = new Waiting();
  waiting.putBack([job('web', '1'), { ...job('web', '2'), signal: AbortSignal.abort() }, job('web', '3')]);
  expect(waiting.size).toBe(2);
  expect(rest(waiting)).toEqual(['web/1', 'web/3']);
});

test('more than a fleet can have under way is refused', () => {
  const waiting = new Waiting();
  const one = job('web', '1');
  for (let count = 0; count < 20_000; count += 1) waiting.add(one);
  expect(waiting.size).toBe(20_000);
  expect(waiting.add(one)).toBe(false);
  expect(waiting.size).toBe(20_000);
});
