import type { ApplicationView, FleetView } from '@meridian/fleet';
import { expect, test } from 'vitest';
import { placementCounts, unfinished } from './fleet-api.ts';
import type { FleetPicture } from './fleet-api.ts';

function picture(
  change: { sync?: 'Synced' | 'OutOfSync'; stale?: boolean; connected?: boolean; observedAtMs?: number } = {},
): FleetPicture {
  const placement = {
    cluster: 'us-east-1',
    assigned: null,
    status: { stale: change.stale ?? false, message: '', observedAtMs: change.observedAtMs ?? 2_000 },
    sync: change.sync ?? 'Synced',
    health: 'Healthy',
    message: 'why',
  };
  return {
    fleet: {
      hub: { leader: 'hub-1' },
      source: { revision: 'abc', message: '' },
      problems: [],
    } as unknown as FleetView,
    clusters: [
      { name: 'us-east-1', connected: change.connected ?? true },
    ] as unknown as FleetPicture['clusters'],
    applications: [
      { name: 'app', placements: [placement], approvalNeeded: null },
    ] as unknown as ApplicationView[],
  };
}

const goal = { revision: 'abc', sinceMs: 1_000 };

test('nothing is left to do when all is synced, healthy, fresh and at the newest commit', () => {
  expect(unfinished(picture(), goal)).toEqual([]);
  expect(placementCounts(picture(), goal.sinceMs)).toEqual({ well: 1, total: 1 });
});

test('each thing that is not well has its own sentence', () => {
  expect(unfinished(picture(), { ...goal, revision: 'def0123456' })).toEqual([
    'the hub has not read commit def0123 yet',
  ]);
  expect(unfinished(picture({ sync: 'OutOfSync' }), goal)).toEqual([
    'app in us-east-1: OutOfSync, Healthy, why',
  ]);
  expect(unfinished(picture({ stale: true }), goal)).toEqual(['app in us-east-1: STALE, why']);
  expect(unfinished(picture({ observedAtMs: 900 }), goal)).toEqual([
    'app in us-east-1: not reported yet, why',
  ]);
  expect(unfinished(picture({ connected: false }), goal)).toEqual(['us-east-1: its agent is not connected']);
});

test('a fleet without applications is not healthy yet', () => {
  expect(unfinished({ ...picture(), applications: [] }, goal)).toEqual(['no application is known yet']);
});
