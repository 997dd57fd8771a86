import { expect, it } from 'vitest';
import { RequestBudget } from './request-budget.ts';

it('lets a burst through, refuses the rest, and forgets one request after each refill', () => {
  const budget = new RequestBudget({ burst: 3, refillMs: 10, askers: 5 });
  const spend = (nowMs: number) => budget.spend('c1', nowMs);
  expect([spend(0), spend(0), spend(0), spend(0), spend(9)]).toEqual([true, true, true, false, false]);
  expect([spend(10), spend(10), spend(40), spend(40), spend(40), spend(40)]).toEqual([
    true,
    false,
    true,
    true,
    true,
    false,
  ]);
});

it('counts each asker apart', () => {
  const budget = new RequestBudget({ burst: 1, refillMs: 10, askers: 5 });
  expect([budget.spend('a', 0), budget.spend('b', 0), budget.spend('a', 0)]).toEqual([true, true, false]);
});

it('forgets who asked longest ago when there are too many, so that its memory has a bound', () => {
  const budget = new RequestBudget({ burst: 1, refillMs: 1_000_000, askers: 2 });
  for (const asker of ['a', 'b', 'c']) budget.spend(asker, 0);
  expect([budget.spend('b', 0), budget.spend('c', 0), budget.spend('a', 0)]).toEqual([false, false, true]);
});
