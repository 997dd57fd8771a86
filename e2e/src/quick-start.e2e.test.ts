import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
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

/** Every process of the fleet, and what supervises them. */
function pids(): number[] {
  const { processes, supervisor } = JSON.parse(readFileSync(join(data, 'sandbox.json'), 'utf8')) as {
    processes: { pid: number }[];
    supervisor: { pid: number };
  };
  return [...processes, supervisor].map(({ pid }) => pid);
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

function residentMb(): number {
  const sizes = pids().map((pid) => /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  return sum(sizes.map(Number)) / 1024;
}

/** Processor time of all of them, with that of their children that have ended: fields 14 to 17, in hundredths of a second. */
function processorSeconds(): number {
  const times = pids().flatMap((pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 16);
  });
  return sum(times.map(Number)) / 100;
}

test('npm start without Go has three healthy clusters at once', async () => {
  const started = await run(
    process.execPath,
    ['services/sandbox/src/main.ts', 'start', '--detach', '--data', data],
    { env: smallMachine(), timeoutMs: 600_000 },
  );
  expect(started.stderr).toBe('');
  expect(started.stdout).toContain('3 clusters, 4 applications, all Synced and Healthy');
  expect(started.code).toBe(0);
  expect(fleet.file.processes.map(({ name }) => name)).toContain('kubesim');
});

test.runIf(process.platform === 'linux')('that start took less than what two cores can do in 15 s', () => {
  const seconds = processorSeconds();
  expect(seconds).toBeGreaterThan(3);
  expect(seconds).toBeLessThan(30);
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
    // What it mostly takes from then on: neither the peak of the commit counts nor a dip after it.
    const looks: number[] = [];
    for (let look = 0; look < 11; look += 1) {
      looks.push(residentMb());
      await setTimeout(1_000);
    }
    expect(looks.sort((a, b) => a - b)[5]).toBeLessThan(900);
  },
);
