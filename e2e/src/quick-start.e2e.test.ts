import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { edit, findOnPath, Fleet, requirePart, run } from '@meridian/testkit';
import { allHealthy, reached } from './views.ts';

const folder = mkdtempSync(join(tmpdir(), 'meridian-quick-start-'));
const data = join(folder, 'data');
const fleet = new Fleet(data);
const application = 'inference-server';

afterAll(async () => {
  await fleet.reset();
  rmSync(folder, { recursive: true, force: true });
});

/** A machine with git, a shell, nats-server and redis-server: no Go, no kubectl, nothing built before. */
function smallMachine(): NodeJS.ProcessEnv {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const name of ['git', 'sh', 'cat']) symlinkSync(findOnPath(name)!, join(bin, name));
  for (const name of ['nats-server', 'redis-server'] as const)
    symlinkSync(requirePart(name), join(bin, name));
  const { KUBEBUILDER_ASSETS: _assets, ...env } = process.env;
  return { ...env, PATH: bin, MERIDIAN_PARTS: bin, XDG_CACHE_HOME: join(folder, 'cache') };
}

/** Resident memory of all processes of the fleet and of what supervises them, in MB. */
function residentMb(): number {
  const text = readFileSync(join(data, 'sandbox.json'), 'utf8');
  const { processes, supervisor } = JSON.parse(text) as {
    processes: { pid: number }[];
    supervisor: { pid: number };
  };
  const kilobytes = [...processes, supervisor].map(({ pid }) =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]),
  );
  return kilobytes.reduce((sum, size) => sum + size, 0) / 1024;
}

test('npm start without Go has three healthy clusters at once', async () => {
  const startedMs = performance.now();
  const started = await run(
    process.execPath,
    ['services/sandbox/src/main.ts', 'start', '--detach', '--data', data],
    { env: smallMachine() },
  );
  expect(started.stderr).toBe('');
  expect(started.stdout).toContain('3 clusters, 4 applications, all Synced and Healthy');
  expect(started.code).toBe(0);
  // 11 s with two cores to itself; tests may share them.
  expect(performance.now() - startedMs).toBeLessThan(60_000);
  expect(fleet.file.processes.map(({ name }) => name)).toContain('kubesim');
});

test.runIf(process.platform === 'linux')(
  'after a commit the whole fleet takes less than 900 MB',
  async () => {
    const commit = await fleet.push('a model for the small machine', (dir) =>
      edit(
        join(dir, 'applications/inference-server/base/configmap.yaml'),
        /MODEL_VERSION: .*/,
        'MODEL_VERSION: "small"',
      ),
    );
    await reached(fleet, application, commit);
    await allHealthy(fleet);
    expect(residentMb()).toBeLessThan(900);
  },
);
