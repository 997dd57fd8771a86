import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from './free-port.ts';
import { startProcess } from './process.ts';
import { tempDir } from './temp-dir.ts';
import { startTcpProxy } from './tcp-proxy.ts';

const node = process.execPath;

test('a child that serves is stopped by SIGTERM', async () => {
  await using dir = await tempDir('process');
  const port = await freePort();
  const script = `require('net').createServer().listen(${port}, '127.0.0.1')`;
  const child = await startProcess({
    command: node,
    args: ['-e', script],
    logFile: join(dir.path, 'log'),
    ready: { port },
  });
  expect(child.isRunning()).toBe(true);
  await child.stop();
  expect(await child.ended).toMatch(/SIGTERM/);
  expect(child.isRunning()).toBe(false);
});

test('a child that ignores SIGTERM is killed', async () => {
  await using dir = await tempDir('process');
  const child = await startProcess({
    command: node,
    args: ['-e', "process.on('SIGTERM', () => {}); setTimeout(() => {}, 60_000)"],
    logFile: join(dir.path, 'log'),
    stopTimeoutMs: 300,
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  await child.stop();
  expect(await child.ended).toMatch(/SIGKILL/);
});

test('a child that ends before it is ready is an error with the end of its log', async () => {
  await using dir = await tempDir('process');
  const starting = startProcess({
    command: node,
    args: ['-e', "console.error('no such option'); process.exit(3)"],
    logFile: join(dir.path, 'log'),
    ready: { port: await freePort() },
  });
  await expect(starting).rejects.toThrow(/ended with code 3 before it was ready[^]*no such option/);
});

test('a program that does not exist is an error', async () => {
  await using dir = await tempDir('process');
  await expect(startProcess({ command: '/no/such/program', logFile: join(dir.path, 'log') })).rejects.toThrow(
    /did not start/,
  );
});

test('a proxy passes bytes on, cuts during a partition and heals', async () => {
  const echo = createServer((socket) => void socket.on('error', () => socket.destroy()).pipe(socket));
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  await using proxy = await startTcpProxy({ port: (echo.address() as AddressInfo).port });
  const say = async (text: string) => {
    const socket = connect({ port: proxy.port, host: '127.0.0.1' });
    socket.on('error', () => socket.destroy());
    try {
      await once(socket, 'connect');
      socket.write(text);
      const [answer] = await once(socket, 'data', { signal: AbortSignal.timeout(500) });
      return String(answer);
    } catch {
      return 'nothing';
    } finally {
      socket.destroy();
    }
  };
  expect(await say('hello')).toBe('hello');
  proxy.partition();
  expect(await say('hello')).toBe('nothing');
  proxy.heal();
  proxy.fault('down', { kind: 'drop' });
  expect(await say('hello')).toBe('nothing');
  proxy.heal();
  expect(await say('hello')).toBe('hello');
  proxy.fault('down', { kind: 'rewrite', open: () => (chunk) => Buffer.concat([chunk, chunk]) });
  expect(await say('hello')).toBe('hellohello');
  proxy.heal();
  expect(await say('hello')).toBe('hello');
  echo.close();
});
