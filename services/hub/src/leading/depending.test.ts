import type { Dependency } from '@meridian/fleet';
import type { RolloutState, StatusObserved } from '@meridian/rollout';
import { expect, test } from 'vitest';
import { dependenciesFirst, Dependencies } from './depending.ts';
import type { RevisionSight } from './depending.ts';
import { emptyBook } from './ledger-book.ts';

const on = (application: string, scope: Dependency['scope'] = 'cluster'): Dependency => ({
  application,
  scope,
});
const released = (
  name: string,
  dependsOn: readonly Dependency[] = [],
  digest = 'A',
): RevisionSight['released'][number] => ({
  application: { name, ...(dependsOn.length > 0 ? { dependsOn } : {}) },
  release: { digest, application: name, revision: 'c0ffee00', bundles: { east: { digest, objects: 1 } } },
});
const sight = (of: RevisionSight['released'], pending: readonly string[] = []): RevisionSight => ({
  revision: 'c0ffee00',
  released: of,
  pending,
});
/** As much of a rollout as is looked at. */
const rollout = (more: Partial<RolloutState>): RolloutState =>
  ({ phase: 'completed', stages: [], placed: {}, ...more }) as RolloutState;
const at = (bundle: string) =>
  rollout({
    placed: {
      east: { ...{ generation: 1, release: bundle, bundle }, objects: 1, held: 1, allowedDeletions: 0 },
    },
  });

function rig() {
  const book = emptyBook();
  const report: StatusObserved = {
    ...{
      kind: 'statusObserved',
      cluster: 'east',
      release: 'A',
      generation: 1,
      sync: 'Synced',
      health: 'Healthy',
    },
    ...{ message: '', observedAtMs: 1, stale: false },
  };
  const dependencies = new Dependencies({ book: () => book, statuses: { observed: () => report } });
  const reasons = () => dependencies.holds([on('db')], ['east'], 5).map(({ reason }) => reason);
  return { book, dependencies, reasons };
}

test('nothing is pushed before this hub knows what git says, nor while the other has no release there', () => {
  const { dependencies, reasons } = rig();
  expect(reasons()).toEqual(['it is not known what git says before this hub has read it']);
  dependencies.take(sight([], ['db']));
  expect(reasons()).toEqual(['it is still being rendered at revision c0ffee0']);
  dependencies.take(sight([]));
  expect(reasons()).toEqual(['it cannot be released at revision c0ffee0; see "meridian app db"']);
  dependencies.take(sight([released('db')]));
  expect(reasons()).toEqual(['its rollout has not brought it there']);
});

test('what has just been decided counts before it is written, and the book afterwards', () => {
  const { book, dependencies, reasons } = rig();
  book.rollouts.set('db', { state: at('A'), traceparent: undefined });
  dependencies.take(sight([released('db')]));
  expect(reasons()).toEqual([]);
  dependencies.take(sight([released('db', [], 'B')]));
  dependencies.note('db', at('Z'));
  expect(reasons()).toHaveLength(1);
  dependencies.take(sight([released('db')]));
  dependencies.note('db', at('Z'));
  expect(reasons()).toHaveLength(1);
  dependencies.written();
  expect(reasons()).toEqual([]);
});

test('only clusters that wait are held, and a rollout that is over or goes back not at all', () => {
  const { dependencies } = rig();
  const clusters = (['waiting', 'assigned', 'healthy', 'failed'] as const).map((phase) => ({
    name: phase,
    phase,
    message: '',
  }));
  const stages = [{ name: 'all', phase: 'progressing' as const, maxConcurrent: 4, soakMs: 0, clusters }];
  const target = { dependsOn: [on('db')] } as unknown as RolloutState['target'];
  dependencies.take(sight([released('db')]));
  const held = (phase: RolloutState['phase']) =>
    dependencies.holdsOf(rollout({ phase, stages, target }), 5).map(({ name }) => name);
  for (const phase of ['progressing', 'waiting', 'halted'] as const) expect(held(phase)).toEqual(['waiting']);
  for (const phase of ['completed', 'rollingBack', 'rolledBack', 'aborted'] as const)
    expect(held(phase)).toEqual([]);
});

test('what others wait for is decided on first, and a circle holds up nobody else', () => {
  const names = (all: RevisionSight['released']) =>
    dependenciesFirst(all).map(({ application }) => application.name);
  expect(
    names([released('a', [on('b')]), released('b', [on('c'), on('gone')]), released('c'), released('d')]),
  ).toEqual(['c', 'd', 'b', 'a']);
  expect(
    names([released('x', [on('y')]), released('y', [on('x')]), released('a', [on('d')]), released('d')]),
  ).toEqual(['d', 'a', 'x', 'y']);
  expect(names([released('b'), released('a')])).toEqual(['b', 'a']);
});
