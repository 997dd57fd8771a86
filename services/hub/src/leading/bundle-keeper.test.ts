import type { Assignment, FleetEvent } from '@meridian/fleet';
import { FaultError } from '@meridian/runtime';
import { decide } from '@meridian/rollout';
import type { RolloutState } from '@meridian/rollout';
import { createTelemetry } from '@meridian/telemetry';
import { expect, test } from 'vitest';
import type { RenderedBundle } from '@meridian/rendering';
import type { RevisionReleases, WantedBundle } from '../releases/releases.ts';
import { BundleKeeper } from './bundle-keeper.ts';
import { emptyBook } from './ledger-book.ts';
import type { LedgerBook } from './ledger-book.ts';

const lines: string[] = [];
const { log } = createTelemetry({
  service: 'hub',
  instance: 'h',
  logLevel: 'error',
  destination: { write: (line) => void lines.push(line) },
});
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const bundle = (letter: string): RenderedBundle => ({
  digest: digest(letter),
  bytes: new Uint8Array(),
  keys: [],
});

/** A book in which each cluster is assigned one bundle of `web`, named by a letter. */
function bookOf(assigned: { readonly [cluster: string]: string }): LedgerBook {
  const assignments = Object.entries(assigned).map(([cluster, letter]) => {
    const assignment = { cluster, application: 'web', bundle: digest(letter), revision: `rev-${letter}` };
    return [cluster, new Map([['web', { assignment: assignment as Assignment, traceparent: undefined }]])];
  });
  return { ...emptyBook(), assignments: new Map(assignments as never) };
}

/** A rollout of `web` that has just begun. */
function rolloutTo(letter: string, cluster: string): RolloutState {
  const { next } = decide(
    undefined,
    {
      kind: 'releaseMade',
      release: {
        application: 'web',
        revision: `rev-${letter}`,
        digest: digest(letter),
        bundles: { [cluster]: { digest: digest(letter), objects: 1 } },
      },
      strategy: { name: 'all', stages: [], progressDeadlineMs: 60_000, failureBudget: 0 },
      policy: {
        namespace: 'ml',
        prune: true,
        selfHeal: true,
        createNamespace: true,
        deletionBudget: '50%',
      },
      labels: { [cluster]: {} },
      removals: {},
    },
    0,
  );
  if (!next) throw new Error('no rollout');
  return next;
}

/**
 * A keeper over a store that holds `stored` ("cluster letter") and a repo that can make `makable` letters. `turn` lets it
 * look at clusters until it wants to wait a second or more.
 */
function rig(book: LedgerBook, options: { told?: FleetEvent[] } = {}) {
  const stored = new Set<string>();
  const makable = new Set<string>();
  const told: FleetEvent[] = [];
  const asked: string[] = [];
  const made: WantedBundle[] = [];
  const state: {
    newest: string | undefined;
    fault: FaultError | undefined;
    failing: (cluster: string) => boolean;
    monotonicMs: number;
  } = {
    newest: 'rev-1',
    fault: undefined,
    failing: () => true,
    monotonicMs: 0,
  };
  const releases: { fault: FaultError | undefined } = { fault: undefined };
  const clock = { nowMs: () => 1, monotonicMs: () => state.monotonicMs, wait: async () => undefined };
  const keeper = new BundleKeeper({
    book: () => book,
    store: {
      async lost(cluster, digests) {
        asked.push(cluster);
        if (state.fault && state.failing(cluster)) throw state.fault;
        return digests.filter((one) => !stored.has(`${cluster} ${one.at(-1)}`));
      },
      async put(cluster, { digest: name }) {
        stored.add(`${cluster} ${name.at(-1)}`);
      },
    },
    releases: {
      latest: () =>
        state.newest === undefined ? undefined : ({ revision: state.newest } as RevisionReleases),
      async bundle(wanted) {
        made.push(wanted);
        if (releases.fault) throw releases.fault;
        const letter = wanted.digest.at(-1) ?? '';
        return makable.has(letter) ? bundle(letter) : undefined;
      },
    },
    told: async () => options.told ?? [],
    tell: (events) => void told.push(...events),
    clock,
    log,
  });
  return { keeper, stored, makable, told, asked, made, state, releases, clock };
}

/** Runs the keeper until `done`, or for a while when it never is. */
async function runUntil(keeper: BundleKeeper, done: () => boolean): Promise<boolean> {
  const stop = new AbortController();
  const running = keeper.run(stop.signal);
  for (let tries = 0; tries < 40 && !done(); tries++) await new Promise((resolve) => setTimeout(resolve, 5));
  stop.abort();
  await running;
  return done();
}

async function toldBy(assigned: { readonly [cluster: string]: string }): Promise<readonly FleetEvent[]> {
  const { keeper, told } = rig(bookOf(assigned));
  await runUntil(keeper, () => told.length > 0);
  return told;
}

test('bundles that clusters are assigned and that are not stored are made from their revision and stored', async () => {
  const { keeper, stored, makable, made } = rig(bookOf({ east: 'a', west: 'b' }));
  stored.add('west b');
  makable.add('a').add('b');
  expect(await runUntil(keeper, () => stored.has('east a'))).toBe(true);
  expect(made).toEqual([{ application: 'web', cluster: 'east', digest: digest('a'), revision: 'rev-a' }]);
});

test('a bundle that a later stage will assign is stored too, also for a cluster that has nothing yet', async () => {
  const book = bookOf({});
  book.rollouts.set('web', { state: rolloutTo('c', 'east'), traceparent: undefined });
  const { keeper, stored, makable } = rig(book);
  makable.add('c');
  expect(await runUntil(keeper, () => stored.has('east c'))).toBe(true);
});

test('a bundle that cannot be made again is told once, and tried anew only when the fleet repo moved', async () => {
  const { keeper, told, made, state, stored, makable, asked } = rig(bookOf({ east: 'a' }));
  expect(await runUntil(keeper, () => told.length > 0)).toBe(true);
  expect(told).toMatchObject([
    { level: 'error', type: 'bundle.lost', application: 'web', cluster: 'east', revision: 'rev-a' },
  ]);
  expect(told[0]?.message).toContain('push a commit');
  for (let round = 0; round < 3; round++) {
    const before = asked.length;
    keeper.look();
    await runUntil(keeper, () => asked.length >= before + 2);
  }
  expect([told.length, made.length]).toEqual([1, 1]);
  makable.add('a');
  state.newest = 'rev-2';
  keeper.look();
  expect(await runUntil(keeper, () => stored.has('east a'))).toBe(true);
  expect(told).toHaveLength(1);
});

test('what the leader before has told is not told again', async () => {
  const first = await toldBy({ east: 'a' });
  const second = rig(bookOf({ east: 'a', west: 'b' }), { told: [...first] });
  await runUntil(second.keeper, () => second.made.length === 2 && second.told.length > 0);
  expect(second.told.map(({ cluster }) => cluster)).toEqual(['west']);
});

test('nothing is called lost before the fleet repo was read', async () => {
  const { keeper, told, made, state } = rig(bookOf({ east: 'a' }));
  state.newest = undefined;
  await runUntil(keeper, () => made.length > 0);
  state.newest = 'rev-1';
  expect(told).toEqual([]);
  keeper.look();
  expect(await runUntil(keeper, () => told.length > 0)).toBe(true);
});

test('a fault of the store is waited out, and a bug is not', async () => {
  const { keeper, state, stored, makable, asked } = rig(bookOf({ east: 'a' }));
  makable.add('a');
  state.fault = new FaultError('unavailable', 'no server', { retry: 'later' });
  await runUntil(keeper, () => asked.length > 0);
  state.fault = undefined;
  keeper.look();
  expect(await runUntil(keeper, () => stored.has('east a'))).toBe(true);
  const broken = rig(bookOf({ east: 'a' }));
  broken.state.fault = new TypeError('a bug') as FaultError;
  await expect(broken.keeper.run(AbortSignal.timeout(2_000))).rejects.toThrow('a bug');
});

test('when hundreds are lost for good no more are told, and all are logged', async () => {
  const [before] = await toldBy({ east: 'a' });
  if (!before) throw new Error('nothing was told');
  const many = Array.from({ length: 500 }, (_, index) => ({ ...before, message: `other bundle ${index}` }));
  lines.length = 0;
  const { keeper, told, made } = rig(bookOf({ east: 'a' }), { told: many });
  await runUntil(keeper, () => made.length > 0);
  expect(told).toEqual([]);
  expect(lines.join('')).toContain('a bundle is lost and cannot be made again');
});

test('a cluster that keeps failing waits longer each time, and holds up no other', async () => {
  const { keeper, state, asked } = rig(bookOf({ east: 'a', west: 'b' }));
  state.fault = new FaultError('exhausted', 'the disk is full', { retry: 'later' });
  state.failing = (cluster) => cluster === 'east';
  const looksAt = (cluster: string) => asked.filter((one) => one === cluster).length;
  for (const [looks, waitMs] of [1_000, 2_000, 4_000].entries()) {
    await runUntil(keeper, () => looksAt('east') > looks);
    expect(looksAt('east')).toBe(looks + 1);
    state.monotonicMs += waitMs - 1;
    await runUntil(keeper, () => looksAt('east') > looks + 1);
    expect(looksAt('east'), `not before ${waitMs} ms are over`).toBe(looks + 1);
    state.monotonicMs += 1;
  }
  expect(looksAt('west')).toBeGreaterThan(looksAt('east'));
});

test('what cannot be made again is tried anew after ten minutes', async () => {
  const { keeper, made, state } = rig(bookOf({ east: 'a' }));
  await runUntil(keeper, () => made.length > 0);
  state.monotonicMs = 599_999;
  await runUntil(keeper, () => made.length > 1);
  expect(made).toHaveLength(1);
  state.monotonicMs = 600_000;
  expect(await runUntil(keeper, () => made.length > 1)).toBe(true);
});

test('a git that fails at the moment is no lost bundle', async () => {
  const { keeper, told, made, state, releases } = rig(bookOf({ east: 'a' }));
  releases.fault = new FaultError('unavailable', 'git was killed', { retry: 'later' });
  await runUntil(keeper, () => made.length > 0);
  expect(told).toEqual([]);
  releases.fault = undefined;
  state.monotonicMs += 1_000;
  expect(await runUntil(keeper, () => told.length > 0)).toBe(true);
});

test('a store that never answers does not hold a term that is over', async () => {
  const { clock } = rig(bookOf({}));
  const stop = new AbortController();
  const keeper = new BundleKeeper({
    book: () => bookOf({ east: 'a' }),
    store: {
      lost: () => {
        stop.abort();
        return new Promise(() => undefined);
      },
      put: async () => undefined,
    },
    releases: { latest: () => undefined, bundle: async () => undefined },
    told: async () => [],
    tell: () => undefined,
    clock,
    log,
  });
  await expect(keeper.run(stop.signal)).resolves.toBeUndefined();
});
