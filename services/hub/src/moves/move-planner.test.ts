import type { Assignment } from '@meridian/fleet';
import type { AssignEffect, RolloutState, StatusObserved } from '@meridian/rollout';
import { describe, expect, it } from 'vitest';
import { emptyBook } from '../leading/ledger-book.ts';
import type { LedgerBook } from '../leading/ledger-book.ts';
import type { RevisionReleases } from '../releases/releases.ts';
import { MovePlanner } from './move-planner.ts';

const key = (name: string) => `/ConfigMap/ml/${name}`;
const keys = (...names: readonly string[]) => names.map(key);

/** Stored bundles of cluster `east`; others are lost. */
const stored: { readonly [digest: string]: readonly string[] } = {
  'a-1': keys('kept', 'moved', 'dropped'),
  'a-2': keys('kept'),
  'a-3': keys('kept', 'moved'),
  'b-1': keys('own'),
  'b-2': keys('own', 'moved'),
};

const assignment = (application: string, bundle: string, more: Partial<Assignment> = {}): Assignment => ({
  cluster: 'east',
  application,
  release: bundle,
  revision: 'r',
  bundle,
  generation: 1,
  term: 1,
  incarnation: 'i',
  issuedAtMs: 0,
  expiresAtMs: 1,
  prune: true,
  selfHeal: true,
  createNamespace: true,
  namespace: 'ml',
  allowedDeletions: 0,
  ...more,
});

const policy = { namespace: 'ml' } as AssignEffect['policy'];

/** A ledger in which these applications have assignments and these targets. */
function bookOf(
  assignments: readonly Assignment[],
  targets: { readonly [application: string]: string } = {},
): LedgerBook {
  const rollouts = Object.entries(targets).map(([name, digest]) => {
    const target = { release: { bundles: { east: { digest } } }, policy };
    return [name, { state: { target } as unknown as RolloutState, traceparent: undefined }] as const;
  });
  const byApplication = assignments.map(
    (one) => [one.application, { assignment: one, traceparent: undefined }] as const,
  );
  const assigned = new Map([['east', new Map(byApplication)]]);
  return { ...emptyBook(), rollouts: new Map(rollouts), assignments: assigned };
}

const effectOf = (application: string, bundle: string): AssignEffect => ({
  kind: 'assign',
  application,
  cluster: 'east',
  release: 'r2',
  revision: 'r2',
  bundle,
  generation: 2,
  allowedDeletions: 0,
  policy,
});

/** The fleet repo at a revision: released applications with their keys, and those that cannot be resolved. */
function revision(
  id: string,
  released: { readonly [application: string]: readonly string[] },
  {
    frozen = [],
    pending = [],
  }: { readonly frozen?: readonly string[]; readonly pending?: readonly string[] } = {},
): RevisionReleases {
  const names = [...Object.keys(released), ...frozen, ...pending];
  const application = (name: string) => ({ name, namespace: 'ml', placement: {} });
  return {
    revision: id,
    released: Object.entries(released).map(([name, some]) => ({
      application: application(name),
      bundles: new Map([['east', { digest: `${name}@${id}`, keys: some }]]),
    })),
    config: { clusters: [{ name: 'east', labels: {} }], applications: names.map(application) },
    pending,
    known: { named: new Set(names), incomplete: false },
  } as unknown as RevisionReleases;
}

function plannerWith(reports: { readonly [application: string]: Partial<StatusObserved> } = {}): MovePlanner {
  return new MovePlanner({
    bundles: { keysOf: async (_cluster, digest) => stored[digest] },
    statuses: { observed: (application) => reports[application] as StatusObserved | undefined },
    clock: { nowMs: () => 0 },
  });
}

describe('a leader that makes an assignment', () => {
  it('names what the newest bundle of another application in the cluster has', async () => {
    const planner = plannerWith();
    planner.learn(revision('two', { a: keys('kept'), b: keys('own', 'moved') }));
    const book = bookOf([assignment('a', 'a-1'), assignment('b', 'b-1')]);
    expect(await planner.of(book, effectOf('a', 'a-2'))).toEqual({ to: { b: keys('moved') } });
    expect(await planner.of(book, effectOf('b', 'b-2'))).toBeUndefined();
  });

  it('goes by the ledger for an application that git does not give now, such as one that is halted', async () => {
    const planner = plannerWith();
    planner.learn(revision('one', { a: keys('kept') }, { frozen: ['b'] }));
    planner.learn(revision('two', { a: keys('kept') }, { frozen: ['b'] }));
    const book = bookOf([assignment('a', 'a-1'), assignment('b', 'b-1')], { a: 'a-2', b: 'b-2' });
    expect(await planner.of(book, effectOf('a', 'a-2'))).toEqual({ to: { b: keys('moved') } });
  });

  it('leaves it open before it has read the fleet repo, and settles that by the first revision', async () => {
    const planner = plannerWith();
    const book = bookOf([assignment('a', 'a-1'), assignment('b', 'b-1')], { a: 'a-2', b: 'b-1' });
    const moves = await planner.of(book, effectOf('a', 'a-2'));
    expect(moves).toEqual({ to: {}, unclear: keys('dropped', 'moved') });
    planner.learn(revision('two', { a: keys('kept'), b: keys('own', 'moved') }));
    const late = bookOf([assignment('a', 'a-2', { moves: moves ?? { to: {} } })]);
    const [first] = await planner.outdated(late);
    expect(first?.moves).toEqual({ to: { b: keys('moved') } });
  });

  it('names everything that others want when the bundle before is lost', async () => {
    const planner = plannerWith();
    planner.learn(revision('two', { a: keys('kept'), b: keys('own', 'moved', 'kept') }));
    const book = bookOf([assignment('a', 'lost')]);
    expect(await planner.of(book, effectOf('a', 'a-2'))).toEqual({ to: { b: keys('moved', 'own') } });
  });

  it('carries over what was said before, but for what the application has again', async () => {
    const planner = plannerWith();
    planner.learn(revision('two', { a: keys('kept', 'moved'), b: keys('own', 'moved', 'dropped') }));
    const moves = { to: { b: keys('moved', 'dropped') } };
    const book = bookOf([assignment('a', 'a-2', { moves }), assignment('b', 'b-1')]);
    expect(await planner.of(book, effectOf('a', 'a-2'))).toEqual({ to: { b: keys('dropped', 'moved') } });
    expect(await planner.of(book, effectOf('a', 'a-3'))).toEqual({ to: { b: keys('dropped') } });
  });

  it('names an application that is still rendered, and one that this commit has broken, for all that is dropped', async () => {
    const planner = plannerWith();
    const book = bookOf([assignment('a', 'a-1'), assignment('b', 'b-1')], { b: 'b-1' });
    const all = { to: { b: keys('dropped', 'moved') } };
    planner.learn(revision('one', { a: keys('kept', 'moved', 'dropped'), b: keys('own') }));
    planner.learn(revision('two', { a: keys('kept') }, { pending: ['b'] }));
    expect(await planner.of(book, effectOf('a', 'a-2'))).toEqual(all);
    planner.learn(revision('two', { a: keys('kept') }, { frozen: ['b'] }));
    expect(await planner.of(book, effectOf('a', 'a-2'))).toEqual(all);
    const later = bookOf([assignment('a', 'a-2', { moves: all }), assignment('b', 'b-1')], { b: 'b-1' });
    expect(await planner.outdated(later)).toEqual([]);
    // One that was broken before holds up no other deletion.
    planner.learn(revision('three', { a: keys('kept') }, { frozen: ['b'] }));
    expect(await planner.of(book, effectOf('a', 'a-2'))).toBeUndefined();
    expect(await planner.outdated(later)).toEqual([]);
    planner.learn(revision('four', { a: keys('kept'), b: keys('own') }));
    expect((await planner.outdated(later)).map(({ moves }) => moves)).toEqual([undefined]);
  });

  it('forgets a move once the new application reports all of its present assignment in place', async () => {
    const moves = { to: { b: keys('moved') } };
    const book = bookOf([assignment('a', 'a-2', { moves }), assignment('b', 'b-2', { generation: 4 })]);
    const outdatedWith = async (report: Partial<StatusObserved>) => {
      const planner = plannerWith({ b: { release: 'b-2', ...report } });
      planner.learn(revision('two', { a: keys('kept'), b: keys('own', 'moved') }));
      return (await planner.outdated(book)).length;
    };
    expect(await outdatedWith({ sync: 'Synced', generation: 4 })).toBe(1);
    expect(await outdatedWith({ sync: 'Applying', generation: 4 })).toBe(0);
    expect(await outdatedWith({ sync: 'Synced', generation: 3 })).toBe(0);
  });

  it('holds deletions for more than it can name until the last application that takes over has its own', async () => {
    const many = (from: string) =>
      keys(...Array.from({ length: 400 }, (_, at) => `${from}-${at}-${'x'.repeat(150)}`));
    const bundles: { readonly [digest: string]: readonly string[] } = {
      'a-1': [...many('b'), ...many('c')],
      'a-2': [],
      'b-2': many('b'),
      'c-1': [],
      'c-2': many('c'),
    };
    const reports: { [application: string]: Partial<StatusObserved> } = {};
    const planner = new MovePlanner({
      bundles: { keysOf: async (_cluster, digest) => bundles[digest] },
      statuses: { observed: (application) => reports[application] as StatusObserved | undefined },
      clock: { nowMs: () => 0 },
    });
    planner.learn(revision('two', { a: [], b: many('b'), c: many('c') }));
    const others = (c: string) => [assignment('b', 'b-2'), assignment('c', c)];
    let moves = await planner.of(bookOf([assignment('a', 'a-1'), ...others('c-1')]), effectOf('a', 'a-2'));
    expect(moves).toMatchObject({ isPartial: true });
    expect(Object.keys(moves?.to ?? {})).toEqual(['b']);
    const outdatedWith = async (c: string) => {
      const book = bookOf([assignment('a', 'a-2', moves ? { moves } : {}), ...others(c)]);
      const found = await planner.outdated(book);
      return found.map((one) => one.moves);
    };
    const synced = (release: string) => ({ sync: 'Synced', release, generation: 1 }) as const;
    reports['b'] = synced('b-2');
    reports['c'] = synced('c-1');
    [moves] = await outdatedWith('c-1');
    expect(moves).toEqual({ to: {}, isPartial: true });
    expect(await outdatedWith('c-1')).toEqual([]);
    reports['c'] = synced('c-2');
    expect(await outdatedWith('c-2')).toEqual([undefined]);
  });
});
