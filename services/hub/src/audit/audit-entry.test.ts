import { describe, expect, test } from 'vitest';
import { auditEntry, auditFilters } from './audit-entry.ts';
import { auditView } from './audit-view.ts';

const said = { author: 'lena', reason: 'slow', atMs: 5 };
const message = (subject: string, value: unknown, sequence = 7) => ({
  subject: `ledger.main.${subject}`,
  sequence,
  body: new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value)),
});
const entry = (subject: string, value: unknown) => auditEntry(message(subject, value));

describe('the audit tells', () => {
  test('what was asked of a rollout, with the release that was meant', () => {
    expect(entry('verb.web', { ...said, verb: 'rollback', release: 'A', to: 'B' })).toEqual({
      ...{ sequence: 7, application: 'web', action: 'rollback', release: 'A', to: 'B' },
      ...said,
    });
    expect(entry('approval.web', { ...said, release: 'A', deletions: { east: 3 } })).toEqual({
      ...{ sequence: 7, application: 'web', action: 'approveDeletions', release: 'A' },
      ...said,
    });
  });

  test('pauses in a cluster and their ends', () => {
    const about = { sequence: 7, application: 'web', cluster: 'east', ...said };
    expect(entry('pause.east.web', { ...said, untilMs: 9 })).toEqual({
      ...about,
      action: 'pauseInCluster',
      untilMs: 9,
    });
    expect(entry('pause.east.web', { ...said, untilMs: 5 })).toEqual({ ...about, action: 'resumeInCluster' });
  });

  test('holds of whatever scope, and who released them', () => {
    const hold = { scope: 'fleet', name: '', author: 'lena', reason: 'slow', sinceMs: 5 };
    expect(entry('hold.fleet.all', hold)).toEqual({ sequence: 7, action: 'hold', ...said });
    const released = { author: 'omar', reason: 'over', atMs: 8 };
    expect(
      entry('hold.cluster.east', { ...hold, scope: 'cluster', name: 'east', untilMs: 9, released }),
    ).toEqual({
      ...{ sequence: 7, action: 'releaseHold', cluster: 'east' },
      ...released,
    });
  });

  test.each([
    ['verb.web', { ...said, verb: 'drop', release: 'A' }],
    ['verb.web', 'no json'],
    ['approval.web', { release: 'A' }],
    ['pause.east.web', { ...said }],
    ['hold.fleet.all', null],
    ['assign.east.web', { ...said }],
  ])('nothing of %s with %j', (subject, value) => {
    expect(entry(subject, value)).toBeUndefined();
  });
});

test('a page is the newest first, before where the last one ended, without what cannot be read', async () => {
  const asked: string[] = [];
  const ledger = {
    history: async (filter: string) => {
      asked.push(filter);
      if (!filter.includes('.verb.')) return [];
      const verb = { ...said, verb: 'pause', release: 'A' };
      return [message('verb.web', verb, 1), message('verb.web', 'broken', 2), message('verb.db', verb, 3)];
    },
  };
  const read = async (query: Parameters<typeof auditView>[1]) =>
    (await auditView({ ledger, shard: 'main' }, query, AbortSignal.timeout(5_000))).map(
      ({ sequence }) => sequence,
    );
  expect(await read({ limit: 10 })).toEqual([3, 1]);
  expect(await read({ limit: 1 })).toEqual([3]);
  expect(await read({ limit: 1, before: 3 })).toEqual([1]);
  expect(asked.slice(0, 4)).toEqual(auditFilters('main', undefined));
  expect(auditFilters('main', 'web')).toEqual([
    'ledger.main.verb.web',
    'ledger.main.approval.web',
    'ledger.main.pause.*.web',
    'ledger.main.hold.application.web',
  ]);
});
