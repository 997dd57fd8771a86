import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import type { Assignment, CheckReport, MetricCheck } from '@meridian/fleet';
import { ensureParts, freePort, startProcess, tempDir } from '@meridian/testkit';
import type { RunningProcess, TempDir } from '@meridian/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { usePlane } from '../testing/plane.ts';
import { configMap, deployment } from '../testing/rig.ts';
import { isDone, startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

const plane = usePlane('metric-checks');
const release = `sha256:${'a'.repeat(64)}`;

/** A Prometheus that watches itself, which is enough to have series. */
let prometheus: RunningProcess | undefined;
let dir: TempDir | undefined;
let url = '';

const rules = `groups:
  - name: rates
    interval: 1s
    rules:
      - record: test:error_ratio
        expr: vector(0.25)
`;

beforeAll(async () => {
  const command = (await ensureParts(['prometheus'])).get('prometheus') ?? '';
  dir = await tempDir('prometheus');
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const config = `global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [${join(dir.path, 'rules.yml')}]
scrape_configs:
  - { job_name: one, static_configs: [{ targets: ['127.0.0.1:${port}', '127.0.0.1:1'] }] }
`;
  await writeFile(join(dir.path, 'rules.yml'), rules);
  await writeFile(join(dir.path, 'prometheus.yml'), config);
  prometheus = await startProcess({
    command,
    args: [
      `--config.file=${join(dir.path, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(dir.path, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    logFile: join(dir.path, 'prometheus.log'),
    ready: async () => (await answer('vector(1)')) === 1 && (await answer('count(up)')) === 2,
    readyTimeoutMs: 60_000,
  });
}, 300_000);

afterAll(async () => {
  await prometheus?.stop();
  await dir?.[Symbol.asyncDispose]();
});

/** How many samples a query has there. */
async function answer(query: string): Promise<number | undefined> {
  try {
    const read = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query }).toString()}`);
    const { data } = (await read.json()) as { data: { result: { value: [number, string] }[] } };
    return Number(data.result[0]?.value[1]);
  } catch {
    return undefined;
  }
}

const check = (id: string, query: string, more: Partial<MetricCheck> = {}): MetricCheck => ({
  id,
  when: 'healthy',
  kind: 'metric',
  source: 'prometheus',
  query,
  intervalMs: 10_000,
  ...more,
});

let signed = 0;

function ask(
  { agent, hub }: World,
  checks: readonly MetricCheck[],
  changes: Partial<Assignment> = {},
  objects = [configMap('a')],
) {
  signed += 1;
  const expiresAtMs = Date.now() + 86_400_000 + signed * 10_000;
  return agent.give(
    'web',
    hub.sign('web', objects, { generation: 1, release, expiresAtMs, checks, ...changes }),
  );
}

const start = () => startWorld(plane, { metricSources: [{ name: 'prometheus', url }] });

async function allReported(world: World): Promise<Map<string, CheckReport>> {
  const { checks = [] } = await world.agent.reaches('web', 'has seen all', ({ checks: all = [] }) =>
    all.every(({ observedAtMs, message }) => observedAtMs > 0 && !message.startsWith('it waits')),
  );
  return new Map(checks.map((report) => [report.id, report]));
}

describe('metrics of a real Prometheus', () => {
  it('are reported as one number, and what is no number is pending with the reason', async () => {
    await using world = await start();
    await ask(world, [
      check('ratio', 'test:error_ratio'),
      check('scalar', 'scalar(count(up))'),
      check('none', 'no_such_metric'),
      check('several', 'up'),
      check('zeros', 'vector(0) / vector(0)'),
      check('endless', 'vector(1) / vector(0)'),
      check('range', 'up[1m]'),
      check('text', '"hello"'),
      check('broken', 'sum('),
      check('clash', 'up * on() up'),
      check('elsewhere', 'up', { source: 'datadog' }),
    ]);
    const reports = await allReported(world);
    expect(reports.get('ratio')).toMatchObject({ phase: 'measured', value: 0.25, message: '' });
    expect(reports.get('scalar')).toMatchObject({ phase: 'measured', value: 2 });
    const why = (id: string) => {
      const report = reports.get(id);
      expect(report).toMatchObject({ phase: 'pending' });
      expect(report).not.toHaveProperty('value');
      return report?.message;
    };
    expect(why('none')).toContain('gives no sample');
    expect(why('several')).toContain('gives 2 samples');
    expect(why('zeros')).toContain('gives NaN');
    expect(why('endless')).toContain('gives +Inf');
    expect(why('range')).toContain('gives a matrix');
    expect(why('text')).toContain('gives a string');
    expect(why('broken')).toContain('answers HTTP 400: it cannot read the query');
    expect(why('clash')).toContain('answers HTTP 422: it cannot evaluate the query');
    expect(why('elsewhere')).toContain('this cluster has no metrics source "datadog": it has prometheus');
  });

  it('are asked for again each interval, and each measure is told', async () => {
    await using world = await start();
    await ask(world, [check('ratio', 'test:error_ratio', { when: 'always' })]);
    const told = () =>
      world.agent.reports.flatMap(({ checks = [] }) => checks).filter(({ phase }) => phase === 'measured');
    await world.agent.reaches('web', 'was measured twice', () => {
      const times = new Set(told().map(({ observedAtMs }) => observedAtMs));
      return times.size >= 2;
    });
    expect(told().every(({ value }) => value === 0.25)).toBe(true);
  });

  it('are not asked for while the application is not healthy, unless always', async () => {
    await using world = await start();
    const checks = [
      check('ratio', 'test:error_ratio'),
      check('always', 'test:error_ratio', { when: 'always' }),
    ];
    // Nothing in this cluster makes its pods.
    await ask(world, checks, {}, [deployment('server')]);
    const status = await world.agent.reaches('web', 'has both', ({ checks: seen = [] }) =>
      seen.every(({ observedAtMs }) => observedAtMs > 0),
    );
    expect(status.checks).toMatchObject([
      { id: 'ratio', phase: 'pending', message: 'it waits until the application is Synced and Healthy' },
      { id: 'always', phase: 'measured', value: 0.25 },
    ]);
  });

  it('are gone from the status with their check, and unknown again after a restart until they are measured', async () => {
    await using world = await start();
    await ask(world, [check('ratio', 'test:error_ratio')]);
    await world.agent.reaches('web', 'is measured', ({ checks }) => checks?.[0]?.phase === 'measured');
    await world.restart();
    expect(world.agent.status('web')?.checks?.[0]?.phase ?? 'pending').toBe('pending');
    await world.agent.reaches('web', 'is measured', ({ checks }) => checks?.[0]?.phase === 'measured');
    await ask(world, []);
    const status = await world.agent.reaches('web', 'has no checks', ({ checks }) => checks === undefined);
    expect(isDone(status)).toBe(true);
  });

  it('lose their value when the source goes away', async () => {
    await using world = await startWorld(plane, {
      metricSources: [{ name: 'prometheus', url: 'http://127.0.0.1:1' }],
    });
    await ask(world, [check('ratio', 'test:error_ratio')]);
    const reports = await allReported(world);
    expect(reports.get('ratio')).toMatchObject({
      phase: 'pending',
      message: expect.stringContaining('cannot be reached (ECONNREFUSED)') as string,
    });
  });
});
