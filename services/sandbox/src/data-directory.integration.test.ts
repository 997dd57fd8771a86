import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { freePort, tempDir } from '@meridian/testkit';
import { expect, test } from 'vitest';
import {
  deleteDirectory,
  dropLock,
  isOurs,
  layout,
  lockHolder,
  prepareDirectory,
  takeLock,
} from './data-directory.ts';
import { writeJson } from './files.ts';
import { allocatePorts, checkPorts, isFree } from './ports.ts';
import { identify } from './process-identity.ts';
import { SandboxError } from './sandbox-error.ts';

test('a directory that holds something else is refused and left as it is', async () => {
  await using folder = await tempDir('data');
  writeFileSync(join(folder.path, 'thesis.txt'), 'ten years of work');
  const data = layout(folder.path);
  expect(() => prepareDirectory(data)).toThrow(SandboxError);
  expect(isOurs(data)).toBe(false);
  expect(existsSync(join(folder.path, 'thesis.txt'))).toBe(true);
});

test('a directory is prepared twice with the same result, and deleted whole', async () => {
  await using folder = await tempDir('data');
  const data = layout(join(folder.path, 'new', 'place'));
  prepareDirectory(data);
  prepareDirectory(data);
  expect(isOurs(data)).toBe(true);
  mkdirSync(join(data.path, 'fleet.git'));
  deleteDirectory(data);
  expect(existsSync(data.path)).toBe(false);
});

test('the lock of a living process holds, that of a dead one or of a re-used process id does not', async () => {
  await using folder = await tempDir('data');
  const data = layout(folder.path);
  prepareDirectory(data);
  expect(takeLock(data)).toBe('taken by us');
  expect(lockHolder(data)).toEqual(identify(process.pid));
  expect(takeLock(data)).toEqual(identify(process.pid));
  writeJson(data.lockFile, { pid: process.pid, born: 'in another life' });
  expect(lockHolder(data)).toBeUndefined();
  expect(takeLock(data)).toBe('taken by us');
  dropLock(data);
});

test('ports are different, kept once chosen, and a taken one is named with its purpose and its owner', async () => {
  const busy = await freePort();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(busy, '127.0.0.1', resolve));
  try {
    const ports = await allocatePorts(['a', 'b', 'c'], { b: busy }, 0.5);
    expect(ports['b']).toBe(busy);
    expect(new Set(Object.values(ports)).size).toBe(3);
    await expect(checkPorts(ports, 'npm run reset')).rejects.toThrow(
      new RegExp(`port ${busy} \\(b\\) is taken by`),
    );
    expect(await isFree(busy)).toBe(false);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});
