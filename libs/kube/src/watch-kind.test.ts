import { expect, test } from 'vitest';
import type { KubeObject } from '@meridian/manifests';
import { FaultError } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import type { Kube, KubeWatchEvent, WatchQuery } from './kube.ts';
import { KubeStatusError } from './kube-status-error.ts';
import { SilentConnection } from './transport.ts';
import { watchKind } from './watch-kind.ts';
import type { KindEvent, WatchKindOptions } from './watch-kind.ts';

const object = (name: string, version: string, uid = `uid-${name}`): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'ml', uid, resourceVersion: version },
});

const status = (code: number, more: object = {}) =>
  new KubeStatusError('unavailable', `status ${code}`, {
    status: code,
    reason: '',
    causes: [],
    retry: 'later',
    ...more,
  });

const broken = new FaultError('unavailable', 'connection reset', { retry: 'later' });

/** A list, a watch connection (events, then its end or a fault), or a fault of either. */
type Step =
  | { readonly list: readonly KubeObject[]; readonly at: string }
  | { readonly watch: readonly KubeWatchEvent[]; readonly end?: FaultError; readonly livesMs?: number }
  | { readonly fault: FaultError };

/** Plays a script of answers and notes what was asked; the signal aborts when the script is over. */
function scripted(steps: readonly Step[]) {
  const stopping = new AbortController();
  const asked: string[] = [];
  const waits: number[] = [];
  const left = [...steps];
  let nowMs = 0;
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    wait: (ms) => {
      waits.push(ms);
      nowMs += ms;
      return Promise.resolve();
    },
  };
  const next = (): Step => {
    const step = left.shift();
    if (step) return step;
    stopping.abort();
    throw new Error('aborted');
  };
  const kube = {
    list() {
      const step = next();
      asked.push('list');
      if ('fault' in step) return Promise.reject(step.fault);
      if (!('list' in step)) throw new Error('the script expected a watch');
      return Promise.resolve({ items: step.list, resourceVersion: step.at });
    },
    async *watch(query: WatchQuery): AsyncGenerator<KubeWatchEvent> {
      const step = next();
      asked.push(`watch ${query.resourceVersion} ${query.timeoutSeconds}s`);
      if ('fault' in step) throw step.fault;
      if (!('watch' in step)) throw new Error('the script expected a list');
      yield* step.watch;
      nowMs += step.livesMs ?? 5_000;
      if (step.end) throw step.end;
    },
  } as unknown as Kube;
  const run = async (options: Partial<WatchKindOptions> = {}): Promise<KindEvent[]> => {
    const events: KindEvent[] = [];
    const all = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      signal: stopping.signal,
      clock,
      random: () => 0.5,
      ...options,
    };
    for await (const event of watchKind(kube, all)) events.push(event);
    return events;
  };
  return { run, asked, waits };
}

const told = (events: readonly KindEvent[]): string[] =>
  events.map((event) => {
    if (event.type === 'synced') return `synced ${event.count} at ${event.resourceVersion}`;
    if (event.type === 'error') return `error, again in ${event.retryInMs}`;
    return `${event.type} ${event.object.metadata.name}`;
  });

test('tells the list, then changes, and resumes from the last event when the server ends the watch', async () => {
  const { run, asked } = scripted([
    { list: [object('a', '1'), object('b', '2')], at: '10' },
    {
      watch: [
        { type: 'MODIFIED', object: object('a', '11') },
        { type: 'DELETED', object: object('b', '12') },
      ],
    },
    { watch: [{ type: 'BOOKMARK', resourceVersion: '20' }] },
    { watch: [] },
  ]);
  expect(told(await run())).toEqual(['applied a', 'applied b', 'synced 2 at 10', 'applied a', 'deleted b']);
  expect(asked).toEqual(['list', 'watch 10 47s', 'watch 12 47s', 'watch 20 47s']);
});

test('asks for watches of different lengths so that a fleet does not reconnect in step', async () => {
  const script: Step[] = [{ list: [], at: '1' }, { watch: [] }];
  const first = scripted(script);
  const second = scripted(script);
  await first.run({ random: () => 0 });
  await second.run({ random: () => 0.99 });
  expect([first.asked[1], second.asked[1]]).toEqual(['watch 1 42s', 'watch 1 52s']);
});

test('an expired version leads to a new list at once, and the difference tells missed deletions', async () => {
  const { run, asked, waits } = scripted([
    { list: [object('a', '1'), object('b', '2'), object('c', '3')], at: '10' },
    { fault: status(410) },
    { list: [object('b', '2'), object('c', '30', 'another'), object('d', '40')], at: '50' },
    { watch: [] },
  ]);
  expect(told(await run()).slice(4)).toEqual([
    'deleted a',
    'deleted c',
    'applied c',
    'applied d',
    'synced 3 at 50',
  ]);
  expect(asked).toEqual(['list', 'watch 10 47s', 'list', 'watch 50 47s']);
  expect(waits).toEqual([]);
});

test('a silent connection is taken up again at once and without alarm; silence after silence is reported', async () => {
  const silent: Step = { watch: [], end: new SilentConnection(57_000) };
  const bookmark: Step = {
    watch: [{ type: 'BOOKMARK', resourceVersion: '5' }],
    end: new SilentConnection(57_000),
  };
  const quiet = scripted([{ list: [], at: '1' }, bookmark, bookmark, bookmark]);
  expect(told(await quiet.run())).toEqual(['synced 0 at 1']);
  const dead = scripted([{ list: [], at: '1' }, silent, silent]);
  expect(told(await dead.run())).toEqual(['synced 0 at 1', 'error, again in 300']);
});

test('a version that expires again and again is not asked for in a tight loop', async () => {
  const list: Step = { list: [], at: '1' };
  const expired: Step = { fault: status(410) };
  const { run, waits } = scripted([list, expired, list, expired, list, expired, list]);
  await run();
  expect(waits.length).toBe(2);
});

test('a broken connection is resumed where it was, with growing waits that start again after success', async () => {
  const { run, asked, waits } = scripted([
    { list: [], at: '1' },
    { watch: [{ type: 'ADDED', object: object('a', '7') }], end: broken },
    { fault: broken },
    { fault: broken },
    { watch: [{ type: 'ADDED', object: object('b', '9') }], end: broken },
    { watch: [] },
  ]);
  const events = told(await run());
  expect(events.filter((event) => event.startsWith('error'))).toEqual([
    'error, again in 150',
    'error, again in 300',
    'error, again in 600',
    'error, again in 150',
  ]);
  expect(asked.filter((line) => line.startsWith('watch')).map((line) => line.split(' ')[1])).toEqual([
    '1',
    '7',
    '7',
    '7',
    '9',
  ]);
  expect(waits).toEqual([150, 300, 600, 150]);
});

test('waits never grow over the cap', async () => {
  const { run, waits } = scripted([
    { list: [], at: '1' },
    ...Array.from({ length: 40 }, (): Step => ({ fault: broken })),
  ]);
  await run({ random: () => 0.999 });
  expect(Math.max(...waits)).toBeLessThanOrEqual(15_000);
});

test('the wait that the server asks for is honoured', async () => {
  const { run, waits } = scripted([{ list: [], at: '1' }, { fault: status(429, { retryAfterMs: 4_000 }) }]);
  await run();
  expect(waits).toEqual([4_000]);
});

test('a refusal of another kind makes the position doubtful: the next step is a list', async () => {
  const refused = new KubeStatusError('timeout', 'Too large resource version', {
    status: 504,
    reason: 'Timeout',
    causes: [],
    retry: 'later',
  });
  const { run, asked } = scripted([
    { list: [], at: '900' },
    { fault: refused },
    { list: [], at: '3' },
    { watch: [] },
  ]);
  await run();
  expect(asked).toEqual(['list', 'watch 900 47s', 'list', 'watch 3 47s']);
});

test('a kind that is not served is reported and asked for slowly until it appears', async () => {
  const missing = new FaultError('not_found', 'the cluster does not serve Widget', { retry: 'later' });
  const { run, waits } = scripted([
    { fault: missing },
    { fault: missing },
    { list: [object('a', '1')], at: '5' },
    { watch: [] },
  ]);
  expect(told(await run())).toEqual([
    'error, again in 3750',
    'error, again in 7500',
    'applied a',
    'synced 1 at 5',
  ]);
  expect(waits).toEqual([3_750, 7_500]);
});

test('a watch that ends at once without an event counts as a failure', async () => {
  const { run, waits } = scripted([
    { list: [], at: '1' },
    { watch: [], livesMs: 3 },
    { watch: [], livesMs: 3 },
  ]);
  await run();
  expect(waits).toEqual([150, 300]);
});

test('lists again after the relist time, without telling again what has not changed', async () => {
  const { run, asked } = scripted([
    { list: [object('a', '1')], at: '1' },
    { watch: [{ type: 'BOOKMARK', resourceVersion: '2' }], livesMs: 270_000 },
    { watch: [], livesMs: 330_000 },
    { list: [object('a', '1')], at: '9' },
    { watch: [] },
  ]);
  expect(told(await run())).toEqual(['applied a', 'synced 1 at 1', 'synced 1 at 9']);
  expect(asked).toEqual(['list', 'watch 1 47s', 'watch 2 47s', 'list', 'watch 9 47s']);
});

test('an event that a resumed watch repeats is told once', async () => {
  const { run } = scripted([
    { list: [], at: '1' },
    { watch: [{ type: 'ADDED', object: object('a', '7') }], end: broken },
    { watch: [{ type: 'ADDED', object: object('a', '7') }] },
  ]);
  expect(told(await run()).filter((event) => event === 'applied a')).toEqual(['applied a']);
});

test('a bug in the consumer or in the client is not swallowed', async () => {
  const { run } = scripted([{ fault: new TypeError('bug') as unknown as FaultError }]);
  await expect(run()).rejects.toThrow('bug');
});
