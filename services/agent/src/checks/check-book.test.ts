import type { Check, JobCheck, MetricCheck } from '@meridian/fleet';
import { describe, expect, it } from 'vitest';
import { sampleAssignment as assignment } from '../testing/assignment.ts';
import { CheckBook } from './check-book.ts';

const metric: MetricCheck = {
  id: 'error-rate',
  when: 'always',
  kind: 'metric',
  source: 'prometheus',
  query: 'up',
  intervalMs: 30_000,
};
const job: JobCheck = { id: 'smoke', when: 'always', kind: 'job', spec: {}, timeoutMs: 60_000 };
const at = (monotonicMs: number) => ({ nowMs: 1_000_000 + monotonicMs, monotonicMs, random: 0 });

function bookWith(...checks: readonly Check[]) {
  const book = new CheckBook();
  book.take({ ...assignment, checks }, at(0));
  return book;
}

const runIn = (book: CheckBook, monotonicMs = 0): string => book.due(monotonicMs)[0]?.run ?? 'none';

describe('a book of checks', () => {
  it('has nothing to look at without checks', () => {
    const book = bookWith();
    expect(book.nextAtMs()).toBe(Infinity);
    expect(book.reports()).toEqual([]);
  });

  it('reports exactly the checks of the present assignment, in its order', () => {
    const book = bookWith(metric, job);
    expect(book.reports().map(({ id }) => id)).toEqual(['error-rate', 'smoke']);
    book.take({ ...assignment, checks: [job] }, at(1));
    expect(book.reports().map(({ id }) => id)).toEqual(['smoke']);
  });

  it('gives a check to one look at a time', async () => {
    const book = bookWith(job);
    const run = runIn(book);
    const during: number[] = [];
    await book.whileBusy(run, async () => {
      during.push(book.due(0).length, book.nextAtMs());
      await Promise.resolve();
    });
    expect(during).toEqual([0, Infinity]);
    expect(book.due(0)).toHaveLength(1);
    await expect(book.whileBusy(run, () => Promise.reject(new Error('bug')))).rejects.toThrow('bug');
    expect(book.due(0)).toHaveLength(1);
  });

  it('notes nothing of a run that is not asked for any more', () => {
    const book = bookWith(metric);
    const run = runIn(book);
    book.take({ ...assignment, checks: [{ ...metric, query: 'other' }] }, at(1));
    expect(book.note(run, { kind: 'value', value: 7 }, at(2))).toBe(false);
    expect(book.reports()[0]).toMatchObject({ phase: 'pending' });
  });

  it('remembers a Job that was dropped while it may run, until its own time has ended it', () => {
    const book = bookWith(job);
    book.take({ ...assignment }, at(5));
    expect(book.dueLeft(5)).toMatchObject([{ check: job, assignment: { checks: [job] } }]);
    book.noteLeft(book.dueLeft(5)[0]?.run ?? '', false, 5);
    expect(book.dueLeft(6)).toEqual([]);
    expect(book.nextAtMs()).toBe(10_005);
    expect(book.dueLeft(10_005)).toHaveLength(1);
    expect(book.dueLeft(5 + 60_000 + 60_000)).toEqual([]);
    expect(book.nextAtMs()).toBe(Infinity);
  });

  it('forgets a Job that is gone', () => {
    const book = bookWith(job);
    book.take({ ...assignment }, at(1));
    book.noteLeft(book.dueLeft(1)[0]?.run ?? '', true, 1);
    expect(book.dueLeft(99_999)).toEqual([]);
  });

  it('leaves a Job alone that has ended, and one that is asked for again', () => {
    const ended = bookWith(job);
    ended.note(runIn(ended), { kind: 'ended', phase: 'failed', message: '' }, at(1));
    ended.take({ ...assignment }, at(2));
    expect(ended.dueLeft(2)).toEqual([]);
    const wanted = bookWith(job);
    wanted.take({ ...assignment }, at(1));
    wanted.take({ ...assignment, checks: [job] }, at(2));
    expect(wanted.dueLeft(2)).toEqual([]);
    expect(wanted.due(2)).toHaveLength(1);
  });

  it('does not delete what is just being made: that comes after it', async () => {
    const book = bookWith(job);
    await book.whileBusy(runIn(book), async () => {
      book.take({ ...assignment }, at(1));
      expect(book.dueLeft(1)).toEqual([]);
      await Promise.resolve();
    });
    expect(book.dueLeft(1)).toHaveLength(1);
  });

  it('remembers no more than 64 Jobs', () => {
    const book = new CheckBook();
    for (let generation = 1; generation < 100; generation += 1)
      book.take({ ...assignment, generation, checks: [job] }, at(generation));
    expect(book.dueLeft(100)).toHaveLength(64);
  });
});
