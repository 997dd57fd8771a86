import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { alive, Fleet, foreground, run, until } from '@meridian/testkit';
import { allHealthy, generationsOf } from './views.ts';

const command = ['services/sandbox/src/main.ts', 'start'];

describe.each(['sim', 'real'])('with --kube %s', (kube) => {
  const data = join(tmpdir(), `meridian-start-stop-${kube}-${process.pid}`);
  const fleet = new Fleet(data);
  const options = ['--kube', kube, '--clusters', '1'];

  afterAll(async () => {
    await fleet.reset();
    rmSync(data, { recursive: true, force: true });
  });

  let firstGenerations: Record<string, number> = {};

  test('npm start in the foreground ends with URLs, kubeconfigs and three commands, and Ctrl-C leaves no process and no port', async () => {
    const started = foreground([...command, ...options, '--data', data]);
    await until(
      'the three commands to try',
      async () => (started.output().includes('Three commands to try') ? true : undefined),
      600_000,
    );
    await allHealthy(fleet);
    firstGenerations = await generationsOf(fleet, 'inference-server');
    const summary = started.output();
    expect(summary).toContain(fleet.file.api);
    expect(summary).toContain(fleet.file.clusters[0]!.kubeconfig);
    const pids = fleet.file.processes.map((process) => process.pid);
    const ports = portsOf(data);
    expect(pids.length).toBeGreaterThan(kube === 'sim' ? 5 : 8);
    expect(ports.length).toBeGreaterThan(3);
    started.child.kill('SIGINT');
    expect(await started.ended).toBe(0);
    expect(pids.filter(alive)).toEqual([]);
    const open = await Promise.all(ports.map(async (port) => ((await listens(port)) ? port : undefined)));
    expect(open.filter((port) => port !== undefined)).toEqual([]);
  });

  test('a port that something else has taken is named, and nothing stays behind', async () => {
    const [port] = portsOf(data);
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve));
    const ran = await Fleet.start(data, options);
    await new Promise((resolve) => squatter.close(resolve));
    expect(ran.code).toBe(1);
    expect(ran.stdout + ran.stderr).toContain(String(port));
    expect(fleet.file.processes.map((process) => process.pid).filter(alive)).toEqual([]);
  });

  test('a second start resumes with its data', async () => {
    const ran = await Fleet.start(data, options);
    expect(ran.stderr + ran.stdout).toContain('Three commands to try');
    expect(ran.code).toBe(0);
    await allHealthy(fleet);
    expect(await generationsOf(fleet, 'inference-server')).toEqual(firstGenerations);
    const sandbox = await fleet.cli('sandbox', '-o', 'json');
    expect(sandbox.code).toBe(0);
    const pids = fleet.file.processes.map((process) => process.pid);
    const stopped = await fleet.stop();
    expect(stopped.code).toBe(0);
    expect(pids.filter(alive)).toEqual([]);
  });
});

test('a machine without git gets one clear message', async () => {
  const path = (process.env['PATH'] ?? '').split(delimiter);
  const bin = mkdtempSync(join(tmpdir(), 'meridian-no-git-'));
  const ran = await run(process.execPath, [...command, '--data', join(bin, 'data')], {
    env: { ...process.env, PATH: path.filter((dir) => !hasGit(dir)).join(delimiter) },
  });
  rmSync(bin, { recursive: true, force: true });
  expect(ran.code).toBe(1);
  expect(ran.stderr).toMatch(/git/);
});

test('an unknown flag and a list without names are usage errors', async () => {
  expect((await run(process.execPath, [...command, '--nonsense'])).code).toBe(2);
  const none = await run(process.execPath, [...command, '--kube', ',']);
  expect(none.code).toBe(2);
  expect(none.stderr).toContain('--kube needs real, sim');
});

function portsOf(data: string): number[] {
  const text = readFileSync(join(data, 'sandbox.json'), 'utf8');
  return [...new Set([...text.matchAll(/127\.0\.0\.1:(\d+)/g)].map((match) => Number(match[1])))];
}

function listens(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.on('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.on('error', () => done(false));
  });
}

function hasGit(dir: string): boolean {
  try {
    readFileSync(join(dir, 'git'));
    return true;
  } catch {
    return false;
  }
}
