import { FaultError } from '@meridian/runtime';
import { expect, test } from 'vitest';
import type { Placed } from './release-application.ts';
import type { Released } from './released.ts';
import { RevisionWork } from './revision-work.ts';

const { signal } = new AbortController();
const placed = (name: string) =>
  ({ application: { name, path: `applications/${name}` }, clusters: [] }) as unknown as Placed;
const done = (name: string) => ({ release: { application: name } }) as unknown as Released;
const limit = (name: string): Released => ({
  problems: [{ application: name, revision: 'r1', file: 'a', message: 'too long' }],
  isPassing: true,
});
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Work whose renderings and waits end when the test says so. */
function rig(...names: readonly string[]) {
  return rigOf(names);
}

function rigOf(names: readonly string[], later: readonly string[] = []) {
  const rendering = new Map<string, PromiseWithResolvers<Released>>();
  const waits: { readonly ms: number; readonly end: () => void }[] = [];
  const stopping = new AbortController();
  let more = 0;
  let nowMs = 0;
  const work = new RevisionWork({
    revision: 'r1',
    placed: names.map(placed),
    later: new Set(later),
    stopping,
    release: ({ application: { name } }) => {
      const asked = Promise.withResolvers<Released>();
      rendering.set(name, asked);
      return asked.promise;
    },
    clock: {
      wait: (ms) => new Promise((end) => waits.push({ ms, end: () => end() })),
      monotonicMs: () => nowMs,
    },
    onMore: () => (more += 1),
  });
  const end = async (name: string, outcome: Released | Error) => {
    const asked = rendering.get(name);
    rendering.delete(name);
    if (outcome instanceof Error) asked?.reject(outcome);
    else asked?.resolve(outcome);
    await settle();
  };
  /** Ends a wait of that many milliseconds. */
  const pass = async (ms: number) => {
    const at = waits.findIndex((each) => each.ms === ms);
    if (at < 0) throw new Error(`nobody waits ${ms} ms, but ${waits.map((each) => each.ms).join(', ')}`);
    waits.splice(at, 1)[0]?.end();
    await settle();
  };
  /** A rendering that fails in the very moment a wait ends: nobody has heard of the one when the other comes. */
  const passAsItFails = async (ms: number, name: string, error: Error) => {
    const passed = pass(ms);
    rendering.get(name)?.reject(error);
    await passed;
  };
  const take = (ms: number) => (nowMs += ms);
  return { work, end, pass, passAsItFails, stopping, rendering, take, told: () => more };
}

test('work that is done in time is given away whole, in the order of the configuration', async () => {
  const { work, end, told } = rig('web', 'sync');
  const begun = work.begin(2_000, signal);
  await end('sync', done('sync'));
  await end('web', done('web'));
  await begun;
  expect(work.results).toEqual([done('web'), done('sync')]);
  expect(work.pending).toEqual([]);
  expect(told()).toBe(0);
});

test('what can wait begins twice as long after the rest as that took, which is given away meanwhile', async () => {
  const { work, end, pass, take, rendering, told } = rigOf(['old', 'web', 'sync'], ['old']);
  const begun = work.begin(2_000, signal);
  expect([...rendering.keys()]).toEqual(['web', 'sync']);
  await end('web', done('web'));
  expect([...rendering.keys()]).toEqual(['sync']);
  take(700);
  await end('sync', done('sync'));
  await begun;
  expect([work.pending, [...rendering.keys()], told()]).toEqual([['old'], [], 0]);
  await pass(1_400);
  expect([...rendering.keys()]).toEqual(['old']);
  await end('old', done('old'));
  expect([work.pending, told()]).toEqual([[], 1]);
});

test('all of it begins at once when nothing shall be first', async () => {
  const { work, end, rendering } = rigOf(['old', 'older'], ['old', 'older']);
  const begun = work.begin(2_000, signal);
  await settle();
  expect([...rendering.keys()]).toEqual(['old', 'older']);
  await end('old', done('old'));
  await end('older', done('older'));
  await begun;
  expect(work.pending).toEqual([]);
});

test('what can wait begins after a head start, so that one that takes long holds it up no more', async () => {
  const { work, end, pass, told } = rigOf(['old', 'slow'], ['old']);
  const begun = work.begin(2_000, signal);
  await pass(2_000);
  await begun;
  expect([work.results, work.pending]).toEqual([[], ['old', 'slow']]);
  await pass(10_000);
  await end('old', done('old'));
  expect([work.results, work.pending]).toEqual([[done('old')], ['slow']]);
  await end('slow', done('slow'));
  expect([work.results, told()]).toEqual([[done('old'), done('slow')], 2]);
});

test('nothing that can wait begins any more when the rest failed or all of it was stopped', async () => {
  const failing = rigOf(['old', 'web'], ['old']);
  const failed = failing.work.begin(2_000, signal);
  const gone = new FaultError('unavailable', 'no disk', { retry: 'later' });
  await Promise.all([expect(failed).rejects.toBe(gone), failing.end('web', gone)]);
  expect([...failing.rendering.keys()]).toEqual([]);
});

test('work is given away without the application that takes long, which follows', async () => {
  const { work, end, pass, told } = rig('slow', 'web');
  const begun = work.begin(2_000, signal);
  await end('web', done('web'));
  await pass(2_000);
  await begun;
  expect(work.results).toEqual([done('web')]);
  expect(work.pending).toEqual(['slow']);
  await end('slow', done('slow'));
  expect(work.results).toEqual([done('slow'), done('web')]);
  expect(told()).toBe(1);
});

test('what met a limit is tried again at longer and longer distances until it is done', async () => {
  const { work, end, pass, rendering, told } = rig('web');
  const begun = work.begin(2_000, signal);
  await end('web', limit('web'));
  await begun;
  expect(work.results).toEqual([limit('web')]);
  for (const ms of [10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 600_000, 600_000]) {
    expect(rendering.size).toBe(0);
    await pass(ms);
    await end('web', limit('web'));
  }
  await pass(600_000);
  await end('web', done('web'));
  expect(work.results).toEqual([done('web')]);
  expect(told()).toBe(9);
  await expect(pass(600_000)).rejects.toThrow('nobody waits 600000 ms');
});

test('what a commit has replaced is not tried again, and tells nothing', async () => {
  const { work, end, pass, rendering, told } = rig('web', 'sync');
  const begun = work.begin(2_000, signal);
  await end('web', limit('web'));
  await pass(2_000);
  await begun;
  work.stop();
  await end('sync', done('sync'));
  await pass(10_000);
  expect(rendering.size).toBe(0);
  expect(told()).toBe(0);
  expect(work.pending).toEqual(['sync']);
});

test('a failure of the outside world fails the revision while it is waited for, and later only its application', async () => {
  const fault = new FaultError('unavailable', 'git was killed', { retry: 'later' });
  const early = rig('web', 'sync');
  const begun = early.work.begin(2_000, signal);
  const failed = expect(begun).rejects.toBe(fault);
  await early.end('web', fault);
  await failed;
  expect(early.stopping.signal.aborted).toBe(true);

  const late = rig('web', 'sync');
  const given = late.work.begin(2_000, signal);
  await late.end('sync', done('sync'));
  await late.pass(2_000);
  await given;
  await late.end('web', fault);
  expect(late.work.results).toMatchObject([
    { problems: [{ application: 'web', message: 'web cannot be rendered: git was killed' }] },
    done('sync'),
  ]);
  await late.pass(10_000);
  await late.end('web', done('web'));
  expect(late.work.results).toEqual([done('web'), done('sync')]);
});

test('a failure in the moment that patience ends leaves no application without an outcome', async () => {
  const fault = new FaultError('unavailable', 'git was killed', { retry: 'later' });
  const { work, end, passAsItFails, stopping } = rig('web', 'sync');
  const begun = work.begin(2_000, signal);
  const failed = expect(begun).rejects.toBe(fault);
  await end('sync', done('sync'));
  await passAsItFails(2_000, 'web', fault);
  await failed;
  expect(stopping.signal.aborted).toBe(true);
});

test('a second try that fails while others are waited for fails neither them nor the process', async () => {
  const { work, end, pass } = rig('web', 'slow');
  const begun = work.begin(60_000, signal);
  await end('web', limit('web'));
  await pass(10_000);
  await end('web', new FaultError('unavailable', 'git was killed', { retry: 'later' }));
  await pass(20_000);
  await end('web', done('web'));
  await end('slow', done('slow'));
  await begun;
  expect(work.results).toEqual([done('web'), done('slow')]);
});

test('an application that can never be rendered fails nobody else', async () => {
  const { work, end } = rig('web', 'sync');
  const begun = work.begin(2_000, signal);
  await end('web', new FaultError('exhausted', 'too many levels', { retry: 'never' }));
  await end('sync', done('sync'));
  await begun;
  expect(work.results).toMatchObject([
    { problems: [{ application: 'web', file: 'applications/web' }], isPassing: false },
    done('sync'),
  ]);
});

test('who calls off hears at once', async () => {
  const stop = new AbortController();
  const { work, pass, stopping } = rig('web');
  const begun = work.begin(2_000, stop.signal);
  const refused = expect(begun).rejects.toThrow('not needed');
  stop.abort(new Error('not needed'));
  await pass(2_000);
  await refused;
  expect(stopping.signal.aborted).toBe(true);
});
