import type { Drift } from '@meridian/fleet';
import { expect, it } from 'vitest';
import { endFights, nextCalmAt, noteHealed } from './fights.ts';
import { afterHeal } from './heal-guard.ts';
import { ObjectBook } from './object-book.ts';

it('says once that a fight has begun, and once that it is over', () => {
  const key = { group: '', kind: 'ConfigMap', namespace: 'ml', name: 'a' };
  const drift: Drift = { key, change: 'modified', manager: 'other', fields: [], firstSeenMs: 0 };
  const book = new ObjectBook(key);
  const held = { books: new Map([['a', book]]) };
  const begun: boolean[] = [];
  for (let nowMs = 0; nowMs < 8; nowMs += 1) {
    book.heals = afterHeal(book.heals, nowMs);
    begun.push(noteHealed(book, drift, nowMs));
  }
  expect(begun).toEqual([false, false, false, false, false, true, false, false]);
  const calmAtMs = nextCalmAt(held) ?? 0;
  expect(endFights(held, calmAtMs - 1)).toEqual([]);
  expect(endFights(held, calmAtMs)).toEqual([drift]);
  expect(endFights(held, calmAtMs)).toEqual([]);
  expect(nextCalmAt(held)).toBeUndefined();
});
