import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openMirror } from '@meridian/git';
import type { Mirror } from '@meridian/git';
import { noCharts, RenderPool } from '@meridian/rendering';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createReleases } from './releases.ts';
import type { Releases, RevisionReleases } from './releases.ts';
import { renderView } from './render-view.ts';

const { signal } = new AbortController();
let root = '';
let work = '';
let mirror: Mirror;
let releases: Releases;
/** One for all tests: starting threads takes longer than most of them. */
const pool = new RenderPool({ threads: 2, timeLimitMs: 60_000, memoryMb: 512 });

const cluster = (name: string, tier = 'prod') =>
  `apiVersion: meridian.dev/v1alpha1\nkind: Cluster\nmetadata: { name: ${name}, labels: { region: ${name}, tier: ${tier} } }\n`;
const application = (name: string) => `apiVersion: meridian.dev/v1alpha1
kind: Application
metadata: { name: ${name} }
spec:
  source: { path: applications/${name}, overlays: ['overlays/{region}', 'base'] }
  placement: { matchLabels: { tier: prod } }
  namespace: ml
  rolloutStrategy: plain
`;
const strategy = `apiVersion: meridian.dev/v1alpha1
kind: RolloutStrategy
metadata: { name: plain }
spec: { stages: [{ name: all, clusters: {} }] }
`;
const configMap = (name: string, value: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\ndata: { value: '${value}' }\n`;

function git(...args: string[]): string {
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
  return execFileSync('git', ['-C', work, ...identity, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
}

async function push(files: { readonly [path: string]: string | undefined }): Promise<string> {
  write(files);
  return (await mirror.fetch(signal)).revision;
}

async function commit(files: { readonly [path: string]: string | undefined }) {
  return releases.at(await push(files), signal);
}

function write(files: { readonly [path: string]: string | undefined }) {
  for (const [path, text] of Object.entries(files)) {
    const full = join(work, path);
    mkdirSync(dirname(full), { recursive: true });
    if (text === undefined) rmSync(full);
    else writeFileSync(full, text);
  }
  git('add', '-A');
  git('commit', '-q', '--allow-empty', '-m', 'change');
}

const two = {
  'fleet/clusters.yaml': `${cluster('east')}---\n${cluster('west')}---\n${cluster('lab', 'dev')}`,
  'fleet/strategies.yaml': strategy,
  'fleet/web.yaml': application('web'),
  'fleet/sync.yaml': application('sync'),
  'applications/web/base/kustomization.yaml': 'resources: [map.yaml]\n',
  'applications/web/base/map.yaml': configMap('web', '1'),
  'applications/web/overlays/west/kustomization.yaml': 'resources: [../../base]\nnamePrefix: west-\n',
  'applications/sync/base/kustomization.yaml': 'resources: [../../shared]\n',
  'applications/shared/kustomization.yaml': 'resources: [map.yaml]\n',
  'applications/shared/map.yaml': configMap('sync', '1'),
};

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'meridian-releases-'));
  work = join(root, 'work');
  mkdirSync(work);
  git('init', '-q', '-b', 'main');
  mirror = await openMirror({ url: work, branch: 'main', dir: join(root, 'mirror') }, signal);
  releases = createReleases({
    pool,
    charts: noCharts,
    tree: (revision, within) => mirror.tree(revision, within),
    fleetPath: 'fleet',
    patienceMs: 3_600_000,
  });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));
afterAll(() => pool.close());

const digests = (set: Awaited<ReturnType<typeof commit>>, name: string) =>
  set.released.find(({ release }) => release.application === name)?.release.bundles;

test('each application is resolved for exactly the clusters its placement selects', async () => {
  const set = await commit(two);
  expect(set.problems).toEqual([]);
  expect(set.released.map(({ application: { name } }) => name).sort()).toEqual(['sync', 'web']);
  expect(Object.keys(digests(set, 'web') ?? {}).sort()).toEqual(['east', 'west']);
  const west = set.released.find(({ release }) => release.application === 'web')?.bundles.get('west');
  expect(west?.keys).toEqual(['/ConfigMap/ml/west-web']);
});

const overridden = (team: string) => ({
  ...two,
  'fleet/clusters.yaml': `${cluster('east')}---\n${cluster('west').replace('tier:', `team: ${team}, tier:`)}`,
  'fleet/web.yaml': application('web').replace(
    "'base'] }",
    `'base'], variables: true, overrides: [
      { clusters: { matchLabels: { region: west } }, patches: [{ path: patches/team.yaml }] },
      { clusters: { matchLabels: { region: north } }, images: [{ name: web, newTag: "1" }] } ] }`,
  ),
  'applications/web/patches/team.yaml': configMap('west-web', 'team ${cluster.labels.team}'),
});

test('overrides and variables reach the clusters that they select', async () => {
  const set = await commit(overridden('blue'));
  expect(set.problems).toEqual([]);
  const valueIn = (name: string): unknown => {
    const bundle = set.released.find(({ release }) => release.application === 'web')?.bundles.get(name);
    const { objects } = JSON.parse(new TextDecoder().decode(bundle?.bytes)) as {
      objects: { data: { value: string } }[];
    };
    return objects[0]?.data.value;
  };
  expect([valueIn('east'), valueIn('west')]).toEqual(['1', 'team blue']);
});

test('a label that one cluster uses renders that one again, and nothing else does', async () => {
  const rendered: string[] = [];
  const counted = Object.assign(Object.create(pool) as RenderPool, {
    run: (...[job, within]: Parameters<RenderPool['run']>) => {
      rendered.push(`${job.application.name} ${job.cluster.name}`);
      return pool.run(job, within);
    },
  });
  releases = createReleases({
    pool: counted,
    charts: noCharts,
    tree: (revision, within) => mirror.tree(revision, within),
    fleetPath: 'fleet',
  });
  const renderedBy = async (files: Parameters<typeof commit>[0]): Promise<string[]> => {
    rendered.length = 0;
    await commit(files);
    return [...new Set(rendered)];
  };
  expect((await renderedBy(overridden('blue'))).length).toBe(4);
  expect(await renderedBy(overridden('red'))).toEqual(['web west']);
  const { 'fleet/clusters.yaml': clusters, 'fleet/web.yaml': web } = overridden('red');
  expect(
    await renderedBy({ 'fleet/clusters.yaml': clusters.replace(/region: east/, 'zone: b, region: east') }),
  ).toEqual([]);
  expect(await renderedBy({ 'fleet/web.yaml': web.replace('newTag: "1"', 'newTag: "2"') })).toEqual([]);
  expect(await renderedBy({ 'fleet/web.yaml': web.replace('region: north', 'region: east') })).toEqual([
    'web east',
  ]);
});

test('a mistake in an override freezes its application with the line of the document', async () => {
  await commit(overridden('blue'));
  const set = await commit({ 'applications/web/patches/team.yaml': configMap('nobody', '1') });
  expect(set.released.map(({ application: { name } }) => name)).toEqual(['sync']);
  expect(set.problems).toEqual([
    expect.objectContaining({
      application: 'web',
      cluster: 'west',
      file: 'fleet/web.yaml',
      line: 6,
      field: 'spec.source.overrides[0].patches[0]',
      message: expect.stringContaining('nobody'),
    }),
  ]);
});

test('the same content at another commit gives the same bundles, and a release of its own', async () => {
  const first = await commit(two);
  const second = await commit({});
  expect(digests(second, 'web')).toEqual(digests(first, 'web'));
  const digest = (set: typeof first) => set.released[0]?.release.digest;
  expect(digest(second)).not.toEqual(digest(first));
  const again = createReleases({
    pool,
    charts: noCharts,
    tree: (revision, within) => mirror.tree(revision, within),
    fleetPath: 'fleet',
    patienceMs: 3_600_000,
  });
  expect(digest(await again.at(second.revision, signal))).toEqual(digest(second));
});

test('a change outside the directory of an application is seen when it refers there', async () => {
  const first = await commit(two);
  const second = await commit({ 'applications/shared/map.yaml': configMap('sync', '2') });
  expect(digests(second, 'sync')).not.toEqual(digests(first, 'sync'));
  expect(digests(second, 'web')).toEqual(digests(first, 'web'));
});

test('a new overlay is found although every file that was read before is unchanged', async () => {
  const first = await commit(two);
  const second = await commit({
    'applications/web/overlays/east/kustomization.yaml': 'resources: [../../base]\nnameSuffix: -east\n',
  });
  expect(digests(second, 'web')?.['east']).not.toEqual(digests(first, 'web')?.['east']);
  expect(digests(second, 'web')?.['west']).toEqual(digests(first, 'web')?.['west']);
});

test('a broken overlay freezes its application only, with file and cluster, and the next good commit recovers it', async () => {
  await commit(two);
  const broken = await commit({
    'applications/web/overlays/west/kustomization.yaml': 'resources: [nowhere.yaml]\n',
  });
  expect(broken.released.map(({ application: { name } }) => name)).toEqual(['sync']);
  expect(broken.problems).toMatchObject([
    { application: 'web', cluster: 'west', revision: broken.revision, file: expect.stringContaining('west') },
  ]);
  expect(
    releases
      .configuration()
      .applications.map(({ name }) => name)
      .sort(),
  ).toEqual(['sync', 'web']);
  const good = await commit({
    'applications/web/overlays/west/kustomization.yaml': 'resources: [../../base]\n',
  });
  expect(good.problems).toEqual([]);
  expect(good.released).toHaveLength(2);
});

test('the same mistake in several clusters is one problem that names them', async () => {
  const broken = await commit({ ...two, 'applications/shared/map.yaml': 'kind: [' });
  const problems = broken.problems.filter((problem) => problem.application === 'sync');
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatchObject({
    file: 'applications/shared/map.yaml',
    message: expect.stringContaining('also in west'),
  });
  expect(problems[0]?.line).toBeGreaterThan(0);
});

test('a broken fleet file freezes what it may declare and keeps the rest', async () => {
  await commit(two);
  const broken = await commit({ 'fleet/web.yaml': 'kind: Application\nmetadata: {\n' });
  expect(broken.released.map(({ application: { name } }) => name)).toEqual(['sync']);
  expect(broken.problems[0]).toMatchObject({
    file: 'fleet/web.yaml',
    line: 2,
    message: 'the { on this line is never closed',
    revision: broken.revision,
  });
  expect(broken.known.incomplete).toBe(true);
});

test('a fleet file that is a symlink freezes everything, for it may declare anything', async () => {
  await commit(two);
  rmSync(join(work, 'fleet/web.yaml'));
  symlinkSync('/etc/hostname', join(work, 'fleet/web.yaml'));
  const broken = await commit({});
  expect(broken.released).toEqual([]);
  expect(broken.problems[0]).toMatchObject({
    file: 'fleet/web.yaml',
    message: expect.stringContaining('symlink'),
  });
});

test('a repository without fleet configuration is a problem with a place, not an empty fleet', async () => {
  const set = await commit({ 'README.md': 'hello' });
  expect(set.released).toEqual([]);
  expect(set.problems).toMatchObject([
    { file: 'fleet', message: expect.stringContaining('no fleet configuration') },
  ]);
  expect(set.known.incomplete).toBe(true);
});

test('rendering for a person gives the objects, or the problems, or says that there is no such thing', async () => {
  const { revision } = await commit(two);
  expect(await releases.render('web', 'west')).toMatchObject({
    ok: true,
    revision,
    objects: [{ kind: 'ConfigMap' }],
  });
  await expect(releases.render('nope', 'west')).rejects.toMatchObject({ code: 'not_found' });
  await expect(releases.render('web', 'nope')).rejects.toMatchObject({ code: 'not_found' });
  await commit({ 'applications/web/base/map.yaml': '{' });
  expect(await releases.render('web', 'west')).toMatchObject({
    ok: false,
    problems: [{ application: 'web' }],
  });
  expect(await releases.render('web', 'west', revision)).toMatchObject({ ok: true });
});

test('a person may name a revision by the start of its id, and is told where a bracket is open', async () => {
  const view = (revision?: string) =>
    renderView(
      {
        releases,
        revisions: {
          findCommit: (start, within) => mirror.findCommit(start, within),
          newest: () => releases.latest()?.revision,
          rolledOut: () => undefined,
          catchUp: async () => undefined,
        },
      },
      { application: 'web', cluster: 'west', ...(revision === undefined ? {} : { revision }) },
      signal,
    );
  const { revision } = await commit(two);
  const broken = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web\ndata:\n  value: "1"\n';
  await commit({ 'applications/web/base/map.yaml': broken });
  expect(await view(revision.slice(0, 7))).toMatchObject({ revision, application: 'web' });
  await expect(view()).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringContaining(
      'applications/web/base/map.yaml:3: the { on this line is never closed; add the }',
    ) as string,
  });
});

test('a commit that touches one application renders only that one', async () => {
  await commit(two);
  const rendered = vi.spyOn(pool, 'run');
  await commit({ 'applications/web/base/map.yaml': configMap('web', '2') });
  expect(rendered.mock.calls.map(([{ application }]) => application.name)).toEqual(['web', 'web']);
  rendered.mockRestore();
});

/** Many seconds of work: thousands of objects, renamed layer by layer. */
const layers = 60;
const heavy = {
  'applications/sync/base/kustomization.yaml': `resources: [../layer-${layers}]\n`,
  'applications/sync/layer-0/kustomization.yaml': 'resources: [maps.yaml]\n',
  'applications/sync/layer-0/maps.yaml': Array.from({ length: 9_000 }, (_, index) =>
    configMap(`map-${index}`, '1'),
  ).join('---\n'),
  ...Object.fromEntries(
    Array.from({ length: layers }, (_, index) => [
      `applications/sync/layer-${index + 1}/kustomization.yaml`,
      `resources: [../layer-${index}]\nnamePrefix: a-\ncommonLabels: { layer: "${index}" }\n`,
    ]),
  ),
};

/** Releases that wait for nobody. */
function impatient(limits: { readonly timeLimitMs: number }) {
  const own = new RenderPool({ threads: 2, memoryMb: 512, ...limits });
  const made = createReleases({
    pool: own,
    charts: noCharts,
    tree: (revision, within) => mirror.tree(revision, within),
    fleetPath: 'fleet',
    patienceMs: 1,
  });
  const states: RevisionReleases[] = [];
  const until = async (isSo: (set: RevisionReleases) => boolean) => {
    const found = Promise.withResolvers<RevisionReleases>();
    const look = () => {
      const set = made.latest();
      if (set) states.push(set);
      if (set && isSo(set)) found.resolve(set);
    };
    const stop = new AbortController();
    made.onMore(look, stop.signal);
    look();
    return found.promise.finally(() => stop.abort());
  };
  return {
    releases: made,
    states,
    until,
    [Symbol.asyncDispose]: async () => (made.stop(), own.close()),
  };
}
const namesOf = ({ released }: RevisionReleases) => released.map(({ application: { name } }) => name);

test('an application that takes long is frozen until it is done, and no other one waits for it', async () => {
  const { revision } = await commit(two);
  await using rig = impatient({ timeLimitMs: 600_000 });
  await rig.releases.at(revision, signal);
  expect(namesOf(await rig.until(({ pending }) => pending.length === 0)).sort()).toEqual(['sync', 'web']);
  const slow = await push(heavy);
  await rig.releases.at(slow, signal);
  const without = await rig.until((set) => namesOf(set).includes('web'));
  expect(without).toMatchObject({ revision: slow, pending: ['sync'], problems: [] });
  expect(without.known.named).toContain('sync');
  // The next commit mends it, and what is still rendered of this one counts no more.
  const mended = await push({
    'applications/sync/base/kustomization.yaml': 'resources: [../../shared]\n',
    'applications/web/base/map.yaml': configMap('web', '2'),
  });
  await rig.releases.at(mended, signal);
  const whole = await rig.until(({ revision: at, pending }) => at === mended && pending.length === 0);
  expect(namesOf(whole).sort()).toEqual(['sync', 'web']);
  expect(whole.released.every(({ release }) => release.revision === mended)).toBe(true);
});

test('an application that meets a limit is frozen with the reason, and the others are released', async () => {
  const revision = await push({ ...two, ...heavy });
  await using rig = impatient({ timeLimitMs: 2_000 });
  await rig.releases.at(revision, signal);
  const set = await rig.until(({ problems }) => problems.length > 0);
  expect(set.problems).toMatchObject([
    { application: 'sync', revision, message: 'rendering sync takes longer than 2000 ms' },
  ]);
  expect(namesOf(await rig.until((each) => namesOf(each).includes('web')))).toEqual(['web']);
  expect(rig.states.flatMap(namesOf)).not.toContain('sync');
});

test('a bundle is made again from its own revision, by its digest only, and the newest revision stays the newest', async () => {
  const first = await commit(two);
  const second = await commit({ 'applications/web/base/map.yaml': configMap('web', '2') });
  const digestOf = ({ released }: typeof first, name: string) =>
    released.find(({ application: { name: one } }) => one === name)?.bundles.get('west')?.digest ?? '';
  const wanted = (name: string, digest: string, revision: string) =>
    releases.bundle({ application: name, cluster: 'west', digest, revision }, signal);
  const old = digestOf(first, 'web');
  expect(old).not.toBe(digestOf(second, 'web'));
  expect(await wanted('web', old, first.revision)).toMatchObject({ digest: old, keys: expect.any(Array) });
  expect(releases.latest()?.revision).toBe(second.revision);
  expect(await wanted('web', old, second.revision)).toBeUndefined();
  expect(await wanted('gone', old, first.revision)).toBeUndefined();
  const gone = 'f'.repeat(40);
  await expect(wanted('web', old, gone)).rejects.toMatchObject({ code: 'not_found' });
  const same = digestOf(second, 'sync');
  expect(await wanted('sync', same, gone)).toMatchObject({ digest: same });
});
