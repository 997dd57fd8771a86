import type { ApplicationStatus } from '@meridian/fleet';
import { createSlices, systemClock } from '@meridian/runtime';
import { Registry } from '@meridian/telemetry';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMetrics } from '../metrics.ts';
import { silent } from '../testing/rig.ts';
import { createStatusBoard } from './status-board.ts';

/** A status of an application with so many objects; `message` is what changes. */
function statusOf(application: string, objects: number, message: string): ApplicationStatus {
  return {
    cluster: 'test',
    application,
    release: 'sha256:0',
    bundle: 'sha256:1',
    revision: 'r1',
    generation: 1,
    term: 1,
    incarnation: 'first',
    sync: 'Synced',
    health: 'Healthy',
    healthSinceMs: 0,
    message,
    drift: [],
    objects: Array.from({ length: objects }, (_, index) => ({
      key: { group: '', kind: 'ConfigMap', namespace: 'ml', name: `config-${index}` },
      health: 'Healthy' as const,
      reason: '',
    })),
    observedAtMs: systemClock.nowMs(),
  };
}

function openBoard(statuses: Map<string, ApplicationStatus>) {
  const reports: ApplicationStatus[] = [];
  const board = createStatusBoard({
    cluster: 'test',
    engine: () => ({
      applications: () => [...statuses.keys()],
      status: (name) => statuses.get(name),
      traceparent: () => undefined,
    }),
    outbox: { application: (status) => void reports.push(status), event: () => undefined },
    clock: systemClock,
    slices: createSlices(),
    metrics: createMetrics(new Registry(), {
      source: () => 0,
      report: () => 0,
      droppedEvents: () => 0,
      isFrozen: () => false,
    }),
    log: silent,
  });
  return { board, reports };
}

describe('the status board', () => {
  const stop = { controller: new AbortController() };
  beforeEach(() => {
    vi.useFakeTimers();
    stop.controller = new AbortController();
  });
  afterEach(() => {
    stop.controller.abort();
    vi.useRealTimers();
  });

  it('reports the first change at once, and what follows merged, the newest at last', async () => {
    const statuses = new Map([['web', statusOf('web', 1_000, 'start')]]);
    const { board, reports } = openBoard(statuses);
    const running = board.run(stop.controller.signal);
    board.changed('web');
    await vi.advanceTimersByTimeAsync(0);
    expect(reports.map(({ message }) => message)).toEqual(['start']);
    for (let step = 0; step < 100; step += 1) {
      statuses.set('web', statusOf('web', 1_000, `step ${step}`));
      board.changed('web');
      await vi.advanceTimersByTimeAsync(10);
    }
    // A second of changes: one report for each half of it, not one for each change.
    expect(reports.length).toBeLessThanOrEqual(3);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(reports.at(-1)?.message).toBe('step 99');
    stop.controller.abort();
    await running;
  });

  it('tells of a small application while a large one has to wait', async () => {
    const statuses = new Map([
      ['large', statusOf('large', 5_000, 'one')],
      ['small', statusOf('small', 3, 'one')],
    ]);
    const { board, reports } = openBoard(statuses);
    void board.run(stop.controller.signal);
    for (const name of statuses.keys()) board.changed(name);
    await vi.advanceTimersByTimeAsync(30);
    statuses.set('large', statusOf('large', 5_000, 'two'));
    statuses.set('small', statusOf('small', 3, 'two'));
    for (const name of statuses.keys()) board.changed(name);
    await vi.advanceTimersByTimeAsync(30);
    const said = reports.map(({ application, message }) => `${application} ${message}`);
    expect(said).toEqual(['large one', 'small one', 'small two']);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(reports).toHaveLength(4);
  });

  it('tells the progress of an application four times a second at most, and its end at once', async () => {
    const statuses = new Map<string, ApplicationStatus>();
    const { board, reports } = openBoard(statuses);
    void board.run(stop.controller.signal);
    const said = () => reports.map(({ message }) => message);
    const change = async (message: string, more: Partial<ApplicationStatus> = {}) => {
      statuses.set('web', { ...statusOf('web', 8, message), sync: 'Applying', ...more });
      board.changed('web');
      await vi.advanceTimersByTimeAsync(30);
    };
    await change('begun');
    for (let step = 0; step < 4; step += 1) await change(`step ${step}`);
    expect(said()).toEqual(['begun']);
    await vi.advanceTimersByTimeAsync(250);
    expect(said()).toEqual(['begun', 'step 3']);
    await change('step 4');
    await change('done', { sync: 'Synced' });
    expect(said()).toEqual(['begun', 'step 3', 'done']);
    await change('begun again', { generation: 2 });
    await change('begun once more', { generation: 3 });
    expect(said().slice(3)).toEqual(['begun again', 'begun once more']);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(said()).toHaveLength(5);
  });

  it('says nothing when all is as it was reported', async () => {
    const statuses = new Map([['web', statusOf('web', 1, 'same')]]);
    const { board, reports } = openBoard(statuses);
    void board.run(stop.controller.signal);
    for (let look = 0; look < 3; look += 1) {
      statuses.set('web', statusOf('web', 1, 'same'));
      board.changed('web');
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(reports).toHaveLength(1);
  });
});
