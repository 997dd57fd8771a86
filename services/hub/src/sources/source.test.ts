import { FaultError } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import { expect, test, vi } from 'vitest';
import { openSource } from './source.ts';
import type { MirrorPort } from './source.ts';

const log = { info: () => undefined, warn: () => undefined };
const fail = (error: unknown) => {
  throw error;
};

function rig(mirror: Partial<MirrorPort>, wait: Clock['wait'] = () => Promise.resolve()) {
  let nowMs = 1_000;
  let hint = () => {};
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    wait,
  };
  const stop = new AbortController();
  const source = openSource({
    mirror: {
      fetch: () => Promise.resolve({ revision: 'r1', rewound: false }),
      remoteRevision: () => Promise.resolve('r1'),
      revision: () => Promise.resolve(undefined),
      tidy: () => Promise.resolve(),
      ...mirror,
    },
    url: 'https://me:secret@example.com/fleet.git',
    branch: 'main',
    pollMs: 100_000,
    clock,
    log,
    hintDelayMs: () => 0,
    async *hints(signal) {
      while (!signal.aborted) {
        await new Promise<void>((resolve) => {
          hint = resolve;
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
        yield;
      }
    },
  });
  return {
    source,
    stop,
    start: () => source.part.start({ signal: stop.signal, fail }),
    hint: () => hint(),
    pass: (ms: number) => (nowMs += ms),
    end: async () => {
      stop.abort();
      await source.part.stop?.();
    },
  };
}

test('the first look confirms the branch and a hint looks again', async () => {
  let head = 'r1';
  const { source, start, hint, end, stop } = rig({
    fetch: () => Promise.resolve({ revision: head, rewound: false }),
  });
  const seen: string[] = [];
  source.onConfirmed(({ revision }) => seen.push(revision), stop.signal);
  await start();
  await vi.waitFor(() => expect(seen).toEqual(['r1']));
  head = 'r2';
  hint();
  await vi.waitFor(() => expect(seen).toEqual(['r1', 'r2']));
  expect(source.state()).toMatchObject({ revision: 'r2', message: '', stale: false });
  await end();
});

test('a revision from an older run of the mirror is shown but not confirmed, for the branch may have moved since', async () => {
  const away = () => Promise.reject(new FaultError('unavailable', 'the remote is away', { retry: 'later' }));
  const { source, start, end } = rig({ fetch: away, revision: () => Promise.resolve('r0') });
  await start();
  await vi.waitFor(() => expect(source.state().message).toBe('the remote is away'));
  expect(source.state()).toMatchObject({ revision: 'r0', stale: true });
  expect(source.current()).toBeUndefined();
  await end();
});

test('the source grows stale when the remote does not answer, and says why', async () => {
  let answers = true;
  const fetch = () =>
    answers
      ? Promise.resolve({ revision: 'r1', rewound: false })
      : Promise.reject(new FaultError('unavailable', 'gone', { retry: 'later' }));
  const { source, start, hint, pass, end } = rig({ fetch });
  await start();
  await vi.waitFor(() => expect(source.current()).toBeDefined());
  answers = false;
  hint();
  await vi.waitFor(() => expect(source.state().message).toBe('gone'));
  expect(source.state().stale).toBe(false);
  pass(500_000);
  expect(source.state()).toMatchObject({ stale: true, revision: 'r1', ageMs: 500_000 });
  await end();
});

test('a rewound branch names the revision it came from, and the URL never shows credentials', async () => {
  const { source, start, end } = rig({
    revision: () => Promise.resolve('r5'),
    fetch: () => Promise.resolve({ revision: 'r3', rewound: true }),
  });
  await start();
  await vi.waitFor(() => expect(source.current()).toMatchObject({ revision: 'r3', rewoundFrom: 'r5' }));
  expect(source.state().url).toBe('https://***@example.com/fleet.git');
  await end();
});

test('whoever has to know waits until a look that begins now has been answered, or for a while', async () => {
  let head = 'r1';
  const hangs: Clock['wait'] = (_ms, signal) =>
    new Promise((_resolve, reject) => {
      const leave = () => reject(new Error('aborted'));
      if (signal.aborted) leave();
      else signal.addEventListener('abort', leave, { once: true });
    });
  const fetch = () => Promise.resolve({ revision: head, rewound: false });
  const { source, start, end, pass } = rig({ fetch }, hangs);
  await start();
  await vi.waitFor(() => expect(source.state().revision).toBe('r1'));
  pass(1_000);
  head = 'r2';
  await source.catchUp(new AbortController().signal);
  expect(source.state().revision).toBe('r2');
  await end();
  pass(1_000);
  const leaving = new AbortController();
  const left = source.catchUp(leaving.signal);
  leaving.abort(new Error('left'));
  await expect(left).rejects.toThrow('left');

  const dead = rig({ fetch: () => fail(new FaultError('unavailable', 'gone', { retry: 'later' })) });
  await dead.start();
  await dead.source.catchUp(new AbortController().signal);
  expect(dead.source.state().revision).toBeNull();
  await dead.end();
});

test('a fetch may go on for half an hour and is told after a minute, a look at the branch is ended then', async () => {
  vi.useFakeTimers();
  try {
    const ended = (signal: AbortSignal) =>
      new Promise<never>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('ended')), { once: true });
      });
    let arrive = () => {};
    const arrived = new Promise<{ revision: string; rewound: boolean }>((resolve) => {
      arrive = () => resolve({ revision: 'r1', rewound: false });
    });
    const fetch = vi.fn((signal: AbortSignal) => Promise.race([arrived, ended(signal)]));
    const revision = () => Promise.resolve('r1');
    const { source, start, end } = rig({ fetch, revision, remoteRevision: ended });
    await start();
    await vi.advanceTimersByTimeAsync(1_700_000);
    expect(source.state().message).toBe('the fleet repo is still being fetched');
    expect(source.current()).toBeUndefined();
    arrive();
    await vi.advanceTimersByTimeAsync(0);
    expect(source.current()?.revision).toBe('r1');
    expect(source.state().message).toBe('');
    // The next poll, and a minute.
    await vi.advanceTimersByTimeAsync(120_000 + 60_000);
    expect(source.state().message).toBe('the fleet repo did not answer within 60 s');
    expect(fetch).toHaveBeenCalledTimes(1);
    await end();
  } finally {
    vi.useRealTimers();
  }
});

test('a fetch that does not end is ended after half an hour, and another begins', async () => {
  vi.useFakeTimers();
  try {
    const fetch = vi.fn(
      (signal: AbortSignal) =>
        new Promise<never>((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('ended')), { once: true });
        }),
    );
    const { source, start, end } = rig({ fetch });
    await start();
    await vi.advanceTimersByTimeAsync(1_800_000);
    expect(source.state().message).toBe('the fleet repo did not answer within 1800 s');
    expect(fetch).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(fetch).toHaveBeenCalledTimes(2);
    await end();
  } finally {
    vi.useRealTimers();
  }
});
