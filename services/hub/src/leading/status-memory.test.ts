import type { StatusEntry } from '@meridian/ledger';
import { expect, test } from 'vitest';
import { staleAfterMs } from '../view/placements.ts';
import { createStatusMemory } from './status-memory.ts';

const nowMs = 1_000_000;
const value = {
  release: 'sha256:r',
  generation: 3,
  term: 7,
  sync: 'Synced',
  health: 'Healthy',
  message: '',
  observedAtMs: nowMs,
  session: 's1',
};
const entry = (more: Partial<StatusEntry> = {}): StatusEntry => ({
  cluster: 'east',
  application: 'web',
  value,
  sequence: 1,
  atMs: nowMs,
  ...more,
});
const heartbeat = (session: string, atMs: number): StatusEntry => ({
  cluster: 'east',
  value: { session },
  sequence: 2,
  atMs,
});

function memoryOf(...entries: StatusEntry[]) {
  const heard: string[] = [];
  const memory = createStatusMemory((application, cluster) => heard.push(`${cluster}/${application ?? ''}`));
  for (const one of entries) memory.take(one);
  return { memory, heard };
}

test('a report is what its cluster last said, and its arrival is told', () => {
  const { memory, heard } = memoryOf(entry());
  expect(memory.observed('web', 'east', nowMs)).toMatchObject({
    kind: 'statusObserved',
    generation: 3,
    stale: false,
  });
  expect(memory.observed('web', 'west', nowMs)).toBeUndefined();
  expect(memory.clustersOf('web')).toEqual(['east']);
  expect(heard).toEqual(['east/web']);
});

test('what an agent refuses to delete is part of its report', () => {
  const { memory } = memoryOf(entry({ value: { ...value, sync: 'OutOfSync', refusedDeletions: 3 } }));
  expect(memory.observed('web', 'east', nowMs)).toMatchObject({ sync: 'OutOfSync', refusedDeletions: 3 });
  memory.take(entry());
  expect(memory.observed('web', 'east', nowMs)).not.toHaveProperty('refusedDeletions');
});

test('a report without a sign of life grows stale, and a heartbeat of its session keeps it fresh', () => {
  const laterMs = nowMs + staleAfterMs + 1;
  expect(memoryOf(entry()).memory.observed('web', 'east', laterMs)?.stale).toBe(true);
  expect(memoryOf(entry(), heartbeat('s1', laterMs)).memory.observed('web', 'east', laterMs)?.stale).toBe(
    false,
  );
});

test('only the present session of an agent is believed, and a new one has its reports looked at', () => {
  const { memory, heard } = memoryOf(entry(), heartbeat('s1', nowMs), heartbeat('s2', nowMs));
  expect(memory.observed('web', 'east', nowMs)).toBeUndefined();
  expect(heard.filter((one) => one === 'east/web')).toHaveLength(3);
  memory.take(entry({ value: { ...value, session: 's2' } }));
  expect(memory.observed('web', 'east', nowMs)).toMatchObject({ stale: false });
  memory.take(entry());
  expect(memory.observed('web', 'east', nowMs)).toBeUndefined();
});

test('the highest term and the generations are floors for a leader whose ledger forgot', () => {
  const west = entry({ cluster: 'west', value: { ...value, term: 9, generation: 5 } });
  const { memory } = memoryOf(entry(), west);
  expect(memory.highestTerm(1_000)).toBe(9);
  expect(memory.generationsOf('web')).toEqual({ east: 3, west: 5 });
});

test('a term beyond the ceiling hides no other one', () => {
  const liar = entry({ cluster: 'west', value: { ...value, term: Number.MAX_SAFE_INTEGER } });
  const { memory } = memoryOf(entry(), liar);
  expect(memory.highestTerm(1_000)).toBe(7);
  expect(memory.highestTerm(Number.MAX_SAFE_INTEGER)).toBe(Number.MAX_SAFE_INTEGER);
});

test.each([
  { ...value, generation: -1 },
  { ...value, generation: 1.5 },
  { ...value, sync: 'Perfect' },
  undefined,
  'text',
])('what is no report (%j) forgets the one before and raises nothing', (nonsense) => {
  const { memory } = memoryOf(entry(), entry({ value: nonsense }));
  expect(memory.observed('web', 'east', nowMs)).toBeUndefined();
  expect(memory.highestTerm(1_000)).toBe(7);
});

test('the highest term of an application in a cluster is known with its ledger', () => {
  const { memory } = memoryOf(
    entry({ value: { ...value, incarnation: 'lost' } }),
    entry({ value: { ...value, term: 5, incarnation: 'new' } }),
  );
  expect(memory.termOf('web', 'east')).toEqual({ term: 7, incarnation: 'lost' });
  expect(memory.termOf('web', 'west')).toBeUndefined();
});
