import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@meridian/testkit';
import { expect, test } from 'vitest';
import { identify, isAlive } from './process-identity.ts';
import { Supervisor } from './supervisor.ts';
import type { ProcessSpec, SupervisedProcess } from './supervisor.ts';

const signal = new AbortController().signal;

function spec(folder: string, script: string): ProcessSpec {
  return {
    name: 'worker',
    command: 'sh',
    args: ['-c', script],
    logFile: join(folder, 'worker.log'),
    ready: () => Promise.resolve(true),
    readyWithinMs: 500,
    stopWithinMs: 500,
  };
}

async function until(condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error('it did not happen within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('a process that is killed runs again within a second or two, under another id', async () => {
  await using folder = await tempDir('supervisor');
  let seen: readonly SupervisedProcess[] = [];
  const supervisor = new Supervisor((processes) => (seen = processes));
  await supervisor.start(spec(folder.path, 'exec sleep 60'), signal);
  const [first] = supervisor.list();
  process.kill(first!.pid, 'SIGKILL');
  await until(() => seen[0] !== undefined && seen[0].pid !== first!.pid);
  expect(isAlive(seen[0]!)).toBe(true);
  expect(readFileSync(join(folder.path, 'worker.log'), 'utf8')).toContain(
    'worker was ended by SIGKILL; starting it again',
  );
  await supervisor.stop(['worker']);
  expect(isAlive(seen[0] ?? first!)).toBe(false);
  expect(supervisor.list()).toEqual([]);
});

test('a process that ignores SIGTERM, or is frozen, is gone after stop all the same', async () => {
  await using folder = await tempDir('supervisor');
  const supervisor = new Supervisor(() => undefined);
  await supervisor.start(spec(folder.path, 'trap "" TERM; while :; do sleep 0.05; done'), signal);
  const [stubborn] = supervisor.list();
  process.kill(stubborn!.pid, 'SIGSTOP');
  await supervisor.stop(['worker']);
  expect(identify(stubborn!.pid)).toBeUndefined();
});

test('a process that ends before it serves fails the start with the end of its log', async () => {
  await using folder = await tempDir('supervisor');
  const supervisor = new Supervisor(() => undefined);
  const failing = {
    ...spec(folder.path, 'echo the port is taken; exit 3'),
    ready: () => Promise.resolve(false),
  };
  await expect(supervisor.start(failing, signal)).rejects.toThrow(
    /worker ended at once; the end of .*worker\.log:\n.*the port is taken/,
  );
  await supervisor.stop(['worker']);
});

test('a start can be given up', async () => {
  await using folder = await tempDir('supervisor');
  const supervisor = new Supervisor(() => undefined);
  const giveUp = new AbortController();
  const starting = supervisor.start(
    { ...spec(folder.path, 'exec sleep 60'), ready: () => Promise.resolve(false), readyWithinMs: 60_000 },
    giveUp.signal,
  );
  giveUp.abort(new Error('not any more'));
  await expect(starting).rejects.toThrow('not any more');
  await supervisor.stop(['worker']);
  expect(supervisor.list()).toEqual([]);
});
