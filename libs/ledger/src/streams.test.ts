import { expect, test } from 'vitest';
import { configDifferences, wantedStreams } from './streams.ts';

test('fields that differ or are missing are named with both values', () => {
  expect(configDifferences({ a: 1, b: [1], c: true, d: false, e: 0 }, { a: 2, b: [1], other: 1 })).toEqual([
    'a is 2, must be 1',
    'c is unset, must be true',
  ]);
});

test('the ledger keeps its last messages for ever', () => {
  const [ledger] = wantedStreams('main', 3);
  expect(ledger).toMatchObject({
    name: 'MERIDIAN_LEDGER',
    subjects: ['ledger.main.>'],
    num_replicas: 3,
    discard: 'new',
    max_age: 0,
    max_msgs_per_subject: 64,
    deny_delete: true,
    deny_purge: true,
    allow_rollup_hdrs: false,
  });
});
