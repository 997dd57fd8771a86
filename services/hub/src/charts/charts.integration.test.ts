import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openMirror } from '@meridian/git';
import type { Mirror } from '@meridian/git';
import { RenderPool } from '@meridian/rendering';
import { systemClock } from '@meridian/runtime';
import { requirePart } from '@meridian/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createReleases } from '../releases/releases.ts';
import type { Releases } from '../releases/releases.ts';
import { ChartDesk } from './chart-desk.ts';

const { signal } = new AbortController();
const pools: RenderPool[] = [];
const silent = { info: () => undefined, error: () => undefined };
let root = '';
let work = '';
let mirror: Mirror;
let desk: ChartDesk;
let releases: Releases;
/** Every run of helm, by what it was told. */
const runs: string[] = [];

function openDesk({ program = requirePart('helm'), timeMs = 20_000 } = {}): ChartDesk {
  const pool = new RenderPool({ threads: 1, timeLimitMs: 60_000, memoryMb: 512 });
  pools.push(pool);
  const opened = new ChartDesk({
    program,
    places: { cwd: root, path: undefined },
    directory: join(root, 'helm'),
    clock: systemClock,
    limits: { timeMs },
    log: silent,
  });
  const render: ChartDesk['render'] = (wanted, until) => {
    const contentOf = () => {
      runs.push(wanted.chart.dir);
      return wanted.contentOf();
    };
    return opened.render({ ...wanted, contentOf }, until);
  };
  releases = createReleases({
    pool,
    charts: { render },
    tree: (revision, within) => mirror.tree(revision, within),
    fleetPath: 'fleet',
    // Every answer is whole, however busy the machine is.
    patienceMs: 3_600_000,
  });
  return opened;
}

function git(...args: string[]): string {
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
  return execFileSync('git', ['-C', work, ...identity, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
}

function write(files: { readonly [path: string]: string }): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(work, path)), { recursive: true });
    writeFileSync(join(work, path), text);
  }
}

async function commit(files: { readonly [path: string]: string } = {}) {
  write(files);
  git('add', '-A');
  git('commit', '-q', '--allow-empty', '-m', 'change');
  const { revision } = await mirror.fetch(signal);
  return releases.at(revision, signal);
}

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'meridian-hub-charts-'));
  work = join(root, 'work');
  mkdirSync(work);
  git('init', '-q', '-b', 'main');
  mirror = await openMirror({ url: work, branch: 'main', dir: join(root, 'mirror') }, signal);
  desk = openDesk();
  runs.length = 0;
});
afterEach(async () => {
  await Promise.all([desk.part.stop?.(), ...pools.splice(0).map((pool) => pool.close())]);
  rmSync(root, { recursive: true, force: true });
});

const document = (kind: string, name: string, rest: string) =>
  `apiVersion: meridian.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name}${rest}\n`;
const application = (name: string) =>
  document(
    'Application',
    name,
    ` }\nspec:\n  source: { path: apps/${name}, overlays: ['overlays/{region}', '.'] }\n  placement: {}\n  namespace: ml\n  rolloutStrategy: plain`,
  );
const regions = ['east', 'north', 'west'];
const fleet = {
  'fleet/clusters.yaml': regions
    .map((name) => document('Cluster', name, `, labels: { region: ${name} } }`))
    .join('---\n'),
  'fleet/strategies.yaml': document(
    'RolloutStrategy',
    'plain',
    ' }\nspec: { stages: [{ name: all, clusters: {} }] }',
  ),
  'fleet/web.yaml': application('web'),
};
const chart = (at: string, template: string) => ({
  [`${at}/Chart.yaml`]: 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
  [`${at}/values.yaml`]: 'color: red\n',
  [`${at}/templates/map.yaml`]: template,
});
const map = (data: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: "{{ .Release.Name }}" }\ndata: { color: ${data} }\n`;
const web = {
  ...fleet,
  ...chart('apps/web/charts/web', map('{{ .Values.color }}')),
  'apps/web/kustomization.yaml': 'helmCharts: [{ name: web, releaseName: shop }]\n',
};

const bundlesOf = (set: Awaited<ReturnType<typeof commit>>, name = 'web') => {
  const found = set.released.find(({ application: { name: each } }) => each === name);
  return new Map(
    [...(found?.bundles ?? [])].map(([cluster, { bytes }]) => [cluster, new TextDecoder().decode(bytes)]),
  );
};

test('a chart in a kustomization is rendered once for all clusters, and again only when it changes', async () => {
  const first = await commit(web);
  expect(first.problems).toEqual([]);
  expect([...bundlesOf(first)].map(([cluster]) => cluster)).toEqual(regions);
  expect(bundlesOf(first).get('east')).toContain('"data":{"color":"red"}');
  await commit({ 'README.md': 'hello' });
  expect(runs).toEqual(['apps/web/charts/web']);
  const second = await commit({ 'apps/web/charts/web/values.yaml': 'color: blue\n' });
  expect(bundlesOf(second).get('west')).toContain('"data":{"color":"blue"}');
  expect(runs).toHaveLength(2);
});

test('a cluster whose overlay has values of its own gets a rendering of its own', async () => {
  const set = await commit({
    ...web,
    'apps/web/overlays/west/kustomization.yaml':
      'helmGlobals: { chartHome: ../../charts }\nhelmCharts: [{ name: web, releaseName: shop, valuesInline: { color: green }, valuesMerge: replace }]\nnamePrefix: west-\n',
  });
  expect(set.problems).toEqual([]);
  expect(bundlesOf(set).get('east')).toContain('"color":"red"');
  expect(bundlesOf(set).get('west')).toContain('"color":"green"');
  expect(bundlesOf(set).get('west')).toContain('"name":"west-shop"');
});

test('the chart of an application gets the values of each cluster, and clusters with the same share a rendering', async () => {
  const set = await commit({
    ...fleet,
    'fleet/web.yaml': application('web').replace(
      "{ path: apps/web, overlays: ['overlays/{region}', '.'] }",
      "{ path: apps/web, helm: { chart: charts/web, valuesFiles: ['values/{region}.yaml'] } }",
    ),
    ...chart('apps/web/charts/web', map('{{ .Values.color }}')),
    'apps/web/values/west.yaml': 'color: green\n',
  });
  expect(set.problems).toEqual([]);
  const colors = [...bundlesOf(set)].map(([cluster, text]) => [cluster, /"color":"(\w+)"/.exec(text)?.[1]]);
  expect(colors).toEqual([
    ['east', 'red'],
    ['north', 'red'],
    ['west', 'green'],
  ]);
  expect(bundlesOf(set).get('east')).toContain('"name":"web","namespace":"ml"');
  expect(runs).toHaveLength(2);
});

test('a chart that fails freezes its application at the line of the template, and no other one', async () => {
  const broken = await commit({
    ...web,
    'apps/web/charts/web/templates/map.yaml': map('{{ required "choose a color" .Values.colour }}'),
    'fleet/other.yaml': application('other'),
    'apps/other/map.yaml': map('plain').replace('{{ .Release.Name }}', 'other'),
  });
  expect(broken.released.map(({ application: { name } }) => name)).toEqual(['other']);
  expect(broken.problems).toMatchObject([
    {
      application: 'web',
      file: 'apps/web/charts/web/templates/map.yaml',
      line: 4,
      cluster: 'east',
      message: expect.stringMatching(/choose a color.*also in north, west/),
    },
  ]);
  const runsBefore = runs.length;
  await commit({ 'README.md': 'hello' });
  expect(runs).toHaveLength(runsBefore);
});

test('a chart that gives something else each time is refused', async () => {
  const set = await commit({ ...web, 'apps/web/charts/web/templates/map.yaml': map('{{ randAlpha 9 }}') });
  expect(set.problems).toMatchObject([
    { file: 'apps/web/charts/web/templates/map.yaml', message: expect.stringContaining('each time') },
  ]);
});

test('a symlink in a chart is refused, wherever it leads', async () => {
  write(web);
  symlinkSync('/etc/passwd', join(work, 'apps/web/charts/web/templates/secret.txt'));
  const set = await commit();
  expect(set.problems).toMatchObject([
    { file: 'apps/web/charts/web/templates/secret.txt', message: expect.stringContaining('symlink') },
  ]);
});

test('a chart of a repository is refused with the command that vendors it', async () => {
  const set = await commit({
    ...fleet,
    'apps/web/kustomization.yaml':
      'helmCharts: [{ name: redis, repo: https://charts.example, version: 1.2.3, releaseName: cache }]\n',
  });
  expect(set.problems).toMatchObject([
    {
      file: 'apps/web/kustomization.yaml',
      message: expect.stringContaining('not downloaded'),
      fix: expect.stringContaining('helm pull redis'),
    },
  ]);
  expect(runs).toEqual([]);
});

test('a chart that never ends is refused and delays no other chart', async () => {
  desk = openDesk({ timeMs: 8_000 });
  const endless = '{{ range until 1000000 }}{{ range until 1000000 }}{{ end }}{{ end }}';
  write({
    ...web,
    'fleet/bad.yaml': application('bad'),
    ...chart('apps/bad/charts/web', map(endless)),
    'apps/bad/kustomization.yaml': 'helmCharts: [{ name: web, releaseName: bad }]\n',
  });
  git('add', '-A');
  git('commit', '-q', '-m', 'change');
  const { revision } = await mirror.fetch(signal);
  const ended: string[] = [];
  const render = async (name: string) => {
    const found = await releases.render(name, 'east', revision);
    ended.push(name);
    return found;
  };
  const [bad, good] = await Promise.all([render('bad'), render('web')]);
  expect(ended).toEqual(['web', 'bad']);
  expect(good).toMatchObject({ ok: true });
  expect(bad).toMatchObject({ ok: false, problems: [{ message: expect.stringContaining('longer than') }] });
});

test('a hub without helm refuses charts with what to do, renders all else, and says so', async () => {
  desk = openDesk({ program: 'helm' });
  const set = await commit({
    ...web,
    'fleet/other.yaml': application('other'),
    'apps/other/map.yaml': map('plain').replace('{{ .Release.Name }}', 'other'),
  });
  expect(set.released.map(({ application: { name } }) => name)).toEqual(['other']);
  expect(set.problems).toMatchObject([
    {
      application: 'web',
      message: expect.stringContaining('there is no helm on this hub'),
      fix: expect.stringContaining('MERIDIAN_HELM'),
    },
  ]);
  expect(desk.state).toEqual({ kind: 'missing', program: 'helm' });
});

test('a helm that does not run is told with its reason', async () => {
  const program = join(root, 'no-helm');
  writeFileSync(program, '#!/bin/sh\necho "not today" >&2\nexit 3\n');
  chmodSync(program, 0o755);
  desk = openDesk({ program });
  const set = await commit(web);
  expect(set.problems).toMatchObject([{ message: expect.stringContaining('not today') }]);
  expect(desk.state).toMatchObject({ kind: 'broken', program });
});
