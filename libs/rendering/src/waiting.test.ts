import { noPolicies } from '@meridian/policy';
import { expect, test } from 'vitest';
import { fleetOf } from './testing/render-fleet.ts';
import type { Job } from './render-thread.ts';
import { Waiting } from './waiting.ts';

const fleet = fleetOf({});
const job = (application: string, cluster: string): Job => ({
  files: fleet.files,
  charts: new Map(),
  policies: noPolicies,
  ...fleet.subject(application, cluster),
  exhausted: 0,
  end: () => undefined,
  fail: () => undefined,
});
const named = (each: Job | undefined) => each && `${each.application.name}/${each.cluster.name}`;
const rest = (waiting: Waiting) => waiting.drain().map(named);
const anyOne = () => true;
const next = (waiting: Waiting) => waiting.next(anyOne, anyOne);

test('applications take turns, and the jobs of one keep their order', () => {
  const waiting = new Waiting();
  for (const cluster of ['1', '2', '3']) waiting.add(job('web', cluster));
  waiting.add(job('sync', '1'));
  const order = Array.from({ length: 5 }, () => named(next(waiting)));
  expect(order).toEqual(['web/1', 'sync/1', 'web/2', 'web/3', undefined]);
  expect(waiting.size).toBe(0);
});

test('an application that may not start is passed over and keeps its turn', () => {
  const waiting = new Waiting();
  waiting.add(job('slow', '1'));
  waiting.add(job('web', '1'));
  expect(named(waiting.next((name) => name !== 'slow', anyOne))).toBe('web/1');
  expect(waiting.next((name) => name !== 'slow', anyOne)).toBeUndefined();
  expect(named(next(waiting))).toBe('slow/1');
});

test('a job that suits goes before others of its application, and before nothing else', () => {
  const waiting = new Waiting();
  for (const cluster of ['1', '2', '3']) waiting.add(job('web', cluster));
  waiting.add(job('sync', '3'));
  const suits = (each: Job) => each.cluster.name === '3';
  const order = Array.from({ length: 4 }, () => named(waiting.next(anyOne, suits)));
  expect(order).toEqual(['web/3', 'sync/3', 'web/1', 'web/2']);
  expect(waiting.size).toBe(0);
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

test('more than a fleet can have under way is refused', () => {
  const waiting = new Waiting();
  const one = job('web', '1');
  for (let count = 0; count < 20_000; count += 1) waiting.add(one);
  expect(waiting.size).toBe(20_000);
  expect(waiting.add(one)).toBe(false);
  expect(waiting.size).toBe(20_000);
});
