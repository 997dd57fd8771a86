import { describe, expect, it } from 'vitest';
import { statePlaces } from '../ports.ts';
import type { ApplicationRecord, InventoryEntry, SaveResult, StatePlace } from '../ports.ts';
import { silent } from '../testing/rig.ts';
import { Keeping } from './keeping.ts';

const signal = new AbortController().signal;
const entry = (name: string): InventoryEntry => {
  return { group: '', kind: 'ConfigMap', namespace: 'ml', name, apiVersion: 'v1', uid: '' };
};
const record: ApplicationRecord = {
  application: 'web',
  writes: 4,
  mark: { incarnation: 'a', term: 1, generation: 3 },
  envelope: { payloadType: 't', payload: 'p', signatures: [] },
  inventory: [entry('a')],
};
const kept: SaveResult = { ok: true, problems: [], others: [] };

/** A store that gives these answers, one after another, and a clock that stands until it is moved. */
function world(answers: readonly SaveResult[]) {
  const left = [...answers];
  const saves: { writes: number; names: readonly string[]; places: readonly StatePlace[] }[] = [];
  let nowMs = 0;
  const keeping = new Keeping('web', {
    store: {
      load: () => Promise.resolve([]),
      save: ({ writes, inventory }, places) => {
        saves.push({ writes, names: inventory.map(({ name }) => name), places });
        return Promise.resolve(left.shift() ?? kept);
      },
    },
    clock: { nowMs: () => nowMs, monotonicMs: () => nowMs, wait: () => Promise.resolve() },
    random: () => 0,
    log: silent,
    changed: () => undefined,
  });
  const toDue = () => (nowMs = keeping.dueAtMs ?? Number.NaN);
  return { keeping, saves, toDue };
}

const withoutCluster: SaveResult = {
  ok: true,
  problems: [{ place: 'cluster', reason: 'away' }],
  others: [],
};

describe('what is kept of an application', () => {
  it('is saved again only where it is missing, ever later, until it is there', async () => {
    const refused: SaveResult = { ok: false, reason: 'cluster: still away' };
    const { keeping, saves, toDue } = world([withoutCluster, refused, refused]);
    await keeping.save(record, signal);
    expect(keeping.notes).toEqual([expect.stringContaining('cluster: away')]);
    await keeping.complete(signal);
    expect(saves, 'not before it is due').toHaveLength(1);
    const waits = [];
    for (let before = 0; keeping.dueAtMs !== undefined;) {
      waits.push(keeping.dueAtMs - before);
      before = toDue();
      await keeping.complete(signal);
    }
    expect(waits).toEqual([250, 500, 1_000]);
    expect(saves.slice(1).map(({ places }) => places)).toEqual([['cluster'], ['cluster'], ['cluster']]);
    expect(keeping.notes).toEqual([]);
  });

  it('takes in what another agent had made, and saves the sum everywhere as a later record', async () => {
    const { keeping, saves, toDue } = world([{ ok: true, problems: [], others: [entry('theirs')] }]);
    await keeping.save(record, signal);
    expect(keeping.record).toMatchObject({ writes: 5 });
    toDue();
    expect(await keeping.complete(signal)).toEqual([]);
    expect(saves[1]).toEqual({ writes: 5, names: ['theirs', 'a'], places: statePlaces });
    expect(keeping.dueAtMs).toBeUndefined();
  });

  it('does not stay due after a first save that no place took', async () => {
    const { keeping, toDue } = world([{ ok: false, reason: 'disk: full; cluster: away' }]);
    await keeping.save(record, signal);
    toDue();
    await keeping.complete(signal);
    expect(keeping.dueAtMs).toBeUndefined();
    expect(keeping.record).toBeUndefined();
  });

  it('stays as it was when no place took a record, and asks to be tried again', async () => {
    const { keeping, saves, toDue } = world([kept, { ok: false, reason: 'disk: full; cluster: away' }]);
    await keeping.save(record, signal);
    await keeping.save({ ...record, writes: 5 }, signal);
    expect(keeping.record).toBe(record);
    toDue();
    await keeping.complete(signal);
    expect(saves, 'what was refused is not saved behind the back of the application').toHaveLength(2);
  });
});
