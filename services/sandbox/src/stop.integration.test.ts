import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@meridian/testkit';
import { expect, test } from 'vitest';
import { layout } from './data-directory.ts';
import { parseOptions } from './options.ts';
import { isAlive } from './process-identity.ts';
import { SandboxError } from './sandbox-error.ts';
import { recordedProcesses } from './sandbox-file.ts';
import { reset, stop } from './stop.ts';

const say = () => undefined;

async function lonelySupervisor(data: string): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'testing', 'lonely-supervisor.ts'), data],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(child.stdout, 'data');
  return child;
}

test('kill -9 of the supervisor leaves no orphan: the watchdog ends them', async () => {
  await using folder = await tempDir('watchdog');
  const data = layout(join(folder.path, 'data'));
  const child = await lonelySupervisor(data.path);
  const orphans = recordedProcesses(data);
  expect(orphans.map(({ name }) => name)).toEqual(['etcd-us-east-1', 'agent-us-east-1']);
  expect(orphans.every(isAlive)).toBe(true);
  child.kill('SIGKILL');
  await expect.poll(() => orphans.some(isAlive), { timeout: 20_000 }).toBe(false);
  await expect.poll(() => recordedProcesses(data), { timeout: 5_000 }).toEqual([]);
});

test('reset ends whatever runs and deletes the directory', async () => {
  await using folder = await tempDir('reset');
  const data = layout(join(folder.path, 'data'));
  await lonelySupervisor(data.path);
  const processes = recordedProcesses(data);
  expect(await reset(parseOptions(['reset', '--data', data.path], '/'), say)).toBe(0);
  expect(processes.some(isAlive)).toBe(false);
  expect(existsSync(data.path)).toBe(false);
});

test('stop where nothing runs says so and is no failure', async () => {
  await using folder = await tempDir('stop');
  let said = '';
  expect(await stop(parseOptions(['stop', '--data', folder.path], '/'), (text) => (said += text))).toBe(0);
  expect(said).toContain('nothing runs');
});

test('reset does not touch a directory that is not ours', async () => {
  await using folder = await tempDir('reset');
  writeFileSync(join(folder.path, 'sandbox.json'), '{"mine": true}');
  await expect(reset(parseOptions(['reset', '--data', folder.path], '/'), say)).rejects.toThrow(SandboxError);
  expect(existsSync(join(folder.path, 'sandbox.json'))).toBe(true);
});
