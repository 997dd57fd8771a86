import { FaultError } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import { expect, test, vi } from 'vitest';
import { openSource } from './source.ts';
import type { MirrorPort } from './source.ts';

const log = { info: () => undefined, warn: () => undefined };
const fail = (error: unknown) => {
  throw error;
};

function rig(mirror: Partial<MirrorPort>) {
  let nowMs = 1_000;
  let hint = () => {};
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    wait: () => Promise.resolve(),
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
