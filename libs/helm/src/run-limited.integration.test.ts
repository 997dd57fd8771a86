import { expect, test } from 'vitest';
import { runLimited } from './run-limited.ts';

const { signal } = new AbortController();
const run = (script: string, limits: { timeMs?: number; outputBytes?: number } = {}) =>
  runLimited(
    { file: '/bin/sh', args: ['-c', script], environment: { PATH: '/usr/bin:/bin' } },
    { timeMs: 60_000, outputBytes: 1_000, ...limits },
    signal,
  );

test('a command that ends by itself gives its code, its output and its complaint', async () => {
  expect(await run('echo out; echo why >&2; exit 3')).toEqual({
    kind: 'exited',
    code: 3,
    output: 'out\n',
    complaint: 'why\n',
  });
});

test('a command that the system kills for its processor time is told apart from one that ended', async () => {
  expect(await run('ulimit -t 1; while :; do :; done')).toEqual({ kind: 'killed' });
});

test('a command is killed when it takes too long and when it writes too much', async () => {
  expect(await run('exec sleep 100', { timeMs: 100 })).toEqual({ kind: 'too-long' });
  expect(await run('exec yes', { outputBytes: 10 })).toEqual({ kind: 'too-much' });
});
