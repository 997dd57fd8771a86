import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openMirror } from '@meridian/git';
import type { Mirror } from '@meridian/git';
import { noCharts, RenderPool } from '@meridian/rendering';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { createReleases } from './releases.ts';
import type { Releases, RevisionReleases } from './releases.ts';

const { signal } = new AbortController();
let root = '';
let work = '';
let mirror: Mirror;
let releases: Releases;
let rendered: string[] = [];
const pool = new RenderPool({ threads: 2, timeLimitMs: 60_000, memoryMb: 512 });
const counting = {
  limits: pool.limits,
  run: (...given: Parameters<RenderPool['run']>) => {
    const [{ application, cluster }] = given;
    rendered.push(`${application.name}/${cluster.name}`);
    return pool.run(...given);
  },
} as RenderPool;

const header = 'apiVersion: meridian.dev/v1alpha1\nkind:';
const application = (name: string, project: string) =>
  `${header} Application
metadata: { name: ${name}, labels: { project: ${project} } }
spec:
  source: { path: applications/${name}, overlays: ['{cluster.name}', 'base'] }
  placement: {}
  namespace: ${name}
  rolloutStrategy: all
`;
const deployment = (name: string, replicas: number) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec: { replicas: ${replicas} }
`;
const policy = (spec: string) => `${header} Policy
metadata: { name: replicas }
spec:
${spec}
  matchConstraints: { resourceRules: [{ kinds: [Deployment] }] }
  validations:
    - expression: object.spec.replicas >= 2
      messageExpression: "'%d replicas are too few'.format([object.spec.replicas])"
      fieldPath: .spec.replicas
`;
const ml = '  applications: { matchLabels: { project: ml } }';

const sound = {
  'fleet/base.yaml': `${header} Cluster
metadata: { name: east, labels: { tier: prod } }
---
${header} Cluster
metadata: { name: lab, labels: { tier: dev } }
---
${header} RolloutStrategy
metadata: { name: all }
spec: { stages: [{ name: all, clusters: {} }] }
`,
  'fleet/web.yaml': application('web', 'ml'),
  'fleet/shop.yaml': application('shop', 'store'),
  'applications/web/base/web.yaml': deployment('web', 2),
  'applications/shop/base/shop.yaml': deployment('shop', 1),
};

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'meridian-policies-'));
  work = join(root, 'work');
  mkdirSync(work);
  git('init', '-q', '-b', 'main');
  mirror = await openMirror({ url: work, branch: 'main', dir: join(root, 'mirror') }, signal);
  releases = createReleases({
    pool: counting,
    charts: noCharts,
    tree: (revision, within) => mirror.tree(revision, within),
    fleetPath: 'fleet',
    patienceMs: 50_000,
  });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));
afterAll(() => pool.close());

function git(...args: string[]): void {
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
  execFileSync('git', ['-C', work, ...identity, ...args], { stdio: 'pipe' });
}

async function commit(files: { readonly [path: string]: string }): Promise<RevisionReleases> {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(work, path)), { recursive: true });
    writeFileSync(join(work, path), text);
  }
  git('add', '-A');
  git('commit', '-q', '--allow-empty', '-m', 'change');
  const { revision } = await mirror.fetch(signal);
  rendered = [];
  return releases.at(revision, signal);
}

const names = ({ released }: RevisionReleases) => released.map(({ application: { name } }) => name).sort();

test('a commit that a policy denies freezes its application only, with file, line, field, object and cluster', async () => {
  await commit({ ...sound, 'fleet/policies.yaml': policy(ml) });
  const set = await commit({ 'applications/web/base/web.yaml': deployment('web', 1) });
  expect(names(set)).toEqual(['shop']);
  expect(set.problems).toEqual([
    {
      application: 'web',
      revision: set.revision,
      file: 'applications/web/base/web.yaml',
      line: 1,
      field: '.spec.replicas',
      cluster: 'east',
      message: 'policy replicas: Deployment web/web: 1 replicas are too few (also in lab)',
      fix:
        'mend it, or change the policy replicas in fleet/policies.yaml; in a checkout, which file set it: ' +
        'meridian build --application web --cluster NAME --explain deployment/web .spec.replicas',
    },
  ]);
});

test('the next commit that keeps to the policy releases the application again', async () => {
  await commit({ ...sound, 'fleet/policies.yaml': policy(ml) });
  await commit({ 'applications/web/base/web.yaml': deployment('web', 1) });
  const set = await commit({ 'applications/web/base/web.yaml': deployment('web', 3) });
  expect(names(set)).toEqual(['shop', 'web']);
  expect(set.problems).toEqual([]);
});

test('a policy for some clusters is not asked in others', async () => {
  const overlay = { 'applications/web/lab/web.yaml': deployment('web', 1) };
  const inProd = `${ml}\n  clusters: { matchLabels: { tier: prod } }`;
  const set = await commit({ ...sound, ...overlay, 'fleet/policies.yaml': policy(inProd) });
  expect(set.problems).toEqual([]);
  const { problems } = await commit({ 'fleet/policies.yaml': policy(ml) });
  expect(problems).toMatchObject([
    { application: 'web', cluster: 'lab', file: 'applications/web/lab/web.yaml' },
  ]);
});

test('a policy that warns freezes nothing, and the warning is there as long as its reason', async () => {
  const warning = `${ml}\n  action: warn`;
  const set = await commit({
    ...sound,
    'fleet/policies.yaml': policy(warning),
    'applications/web/base/web.yaml': deployment('web', 1),
  });
  expect(names(set)).toEqual(['shop', 'web']);
  expect(set.problems).toEqual([]);
  expect(set.warnings).toMatchObject([
    { application: 'web', file: 'applications/web/base/web.yaml', line: 1, cluster: 'east' },
  ]);
  expect((await commit({ 'fleet/README.md': '' })).warnings).toHaveLength(1);
  expect((await commit({ 'applications/web/base/web.yaml': deployment('web', 2) })).warnings).toEqual([]);
});

test('warnings of the build are told with the application, too', async () => {
  const set = await commit({
    ...sound,
    'applications/web/base/kustomization.yaml': 'resources: [web.yaml]\ncommonLabels: { app: web }\n',
  });
  expect(names(set)).toEqual(['shop', 'web']);
  expect(set.warnings).toMatchObject([
    {
      application: 'web',
      file: 'applications/web/base/kustomization.yaml',
      line: 2,
      message: "'commonLabels' is deprecated (also in lab)",
    },
  ]);
});

test('a policy whose expression cannot be read freezes what it selects, with the place of the mistake', async () => {
  await commit(sound);
  const set = await commit({
    'fleet/policies.yaml': policy(ml).replace('replicas >= 2', 'replicas >= "2" +'),
  });
  expect(names(set)).toEqual(['shop']);
  expect(set.problems[0]).toMatchObject({
    file: 'fleet/policies.yaml',
    line: 8,
    field: 'spec.validations[0].expression',
    message: expect.stringMatching(/line 1, column \d+ of the expression/) as unknown,
  });
});

test('an expression without an end denies, within its steps, and delays nothing else', async () => {
  const items = Array.from({ length: 2_000 }, (_, index) => `k${String(index)}: v`).join(', ');
  const set = await commit({
    ...sound,
    'applications/web/base/map.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: big }\ndata: { ${items} }\n`,
    'fleet/policies.yaml': `${header} Policy
metadata: { name: bomb }
spec:
${ml}
  matchConstraints: { resourceRules: [{ kinds: [ConfigMap] }] }
  validations: [{ expression: 'object.data.all(a, object.data.all(b, object.data.all(c, true)))' }]
`,
  });
  expect(names(set)).toEqual(['shop']);
  expect(set.problems[0]?.message).toContain('it takes more than 300000 steps');
});

test('a change of a policy renders again only what it is about', async () => {
  await commit({ ...sound, 'fleet/policies.yaml': policy(ml) });
  expect(rendered).toHaveLength(4);
  await commit({ 'fleet/policies.yaml': policy(ml).replace('>= 2', '>= 1') });
  expect(rendered.sort()).toEqual(['web/east', 'web/lab']);
  await commit({ 'fleet/policies.yaml': `# a note\n${policy(ml).replace('>= 2', '>= 1')}` });
  expect(rendered).toEqual([]);
});

test('what a policy denies can still be rendered for a person', async () => {
  await commit({ ...sound, 'fleet/policies.yaml': policy(ml) });
  await commit({ 'applications/web/base/web.yaml': deployment('web', 1) });
  expect(await releases.render('web', 'east')).toMatchObject({ ok: true, objects: [{ kind: 'Deployment' }] });
});
