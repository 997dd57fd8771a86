import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tempDir } from '@meridian/testkit';
import { expect, test } from 'vitest';
import { runCommand } from '../testing/run.ts';

const meridian = (kind: string, name: string, rest: object) =>
  `${JSON.stringify({ apiVersion: 'meridian.dev/v1alpha1', kind, metadata: { name, ...('labels' in rest ? { labels: rest.labels } : {}) }, ...('spec' in rest ? { spec: rest.spec } : {}) })}\n`;

const webDocument = `apiVersion: meridian.dev/v1alpha1
kind: Application
metadata: { name: web }
spec:
  source:
    path: apps/web
    overlays: ['overlays/{region}', base]
    variables: true
    overrides:
      - clusters: { matchLabels: { gpu: small } }
        replicas: [{ name: web, count: 1 }]
  placement: { matchLabels: { tier: prod } }
  namespace: shop
  rolloutStrategy: all
`;

const files = {
  'fleet/clusters.yaml': [
    meridian('Cluster', 'eu-1', { labels: { tier: 'prod', region: 'eu', gpu: 'small' } }),
    meridian('Cluster', 'us-1', { labels: { tier: 'prod', region: 'us' } }),
    meridian('Cluster', 'dev-1', { labels: { tier: 'dev' } }),
    meridian('RolloutStrategy', 'all', { spec: { stages: [{ name: 'all', clusters: {} }] } }),
  ].join('---\n'),
  'fleet/web.yaml': webDocument,
  'apps/web/base/kustomization.yaml': 'resources: [web.yaml]\n',
  'apps/web/base/web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, annotations: { at: '\${cluster.name}' } }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: 'web:1' }] }
`,
  'apps/web/overlays/eu/kustomization.yaml': 'resources: [../../base]\nnameSuffix: -eu\n',
};

async function checkoutWith(contents: { readonly [path: string]: string }) {
  const folder = await tempDir('cli-build-application');
  for (const [path, text] of Object.entries({ ...files, ...contents })) {
    mkdirSync(dirname(join(folder.path, path)), { recursive: true });
    writeFileSync(join(folder.path, path), text);
  }
  return folder;
}

const build = (cwd: string, ...args: string[]) => runCommand(['build', ...args], { cwd });

test('a cluster gets its overlay, its overrides and its variables, from files that nobody committed', async () => {
  await using folder = await checkoutWith({});
  const eu = await build(folder.path, '--application', 'web', '--cluster', 'eu-1');
  expect(eu).toMatchObject({ code: 0, stderr: '' });
  expect(eu.stdout).toContain('name: web-eu\n');
  expect(eu.stdout).toContain('at: eu-1\n');
  expect(eu.stdout).toContain('namespace: shop\n');
  expect(eu.stdout).toContain('replicas: 1\n');
  const us = await build(folder.path, '--application', 'web', '--cluster', 'us-1');
  expect(us).toMatchObject({ code: 0, stderr: '' });
  expect(us.stdout).toContain('name: web\n');
  expect(us.stdout).toContain('replicas: 3\n');
});

test('the application may be told by its file, from any directory of the checkout', async () => {
  await using folder = await checkoutWith({});
  const inside = join(folder.path, 'apps/web');
  const named = await build(inside, '--application', 'web', '--cluster', 'us-1');
  const filed = await build(inside, '--application', '../../fleet/web.yaml', '--cluster', 'us-1');
  expect(filed).toEqual(named);
  expect(filed.code).toBe(0);
  const wrong = await build(inside, '--application', '../../fleet/clusters.yaml', '--cluster', 'us-1');
  expect(wrong).toMatchObject({ code: 1, stdout: '' });
  expect(wrong.stderr).toContain('fleet/clusters.yaml declares no application');
});

test('mistakes are told with file and line as seen from here, and nothing is printed', async () => {
  await using folder = await checkoutWith({
    'apps/web/base/kustomization.yaml':
      'resources: [web.yaml]\nreplicas: [{ name: api, count: 2 }]\npatchs: []\n',
    'fleet/web.yaml': webDocument.replace('name: web, count', 'name: api, count'),
  });
  const base = await build(join(folder.path, 'apps'), '--application', 'web', '--cluster', 'us-1');
  expect(base).toMatchObject({ code: 1, stdout: '' });
  expect(base.stderr).toMatch(/^error: web\/base\/kustomization\.yaml:3: .*patchs/);
  writeFileSync(join(folder.path, 'apps/web/base/kustomization.yaml'), 'resources: [web.yaml]\n');
  const override = await build(folder.path, '--application', 'web', '--cluster', 'eu-1');
  expect(override).toMatchObject({ code: 1, stdout: '' });
  expect(override.stderr).toMatch(/^error: fleet\/web\.yaml:11: spec\.source\.overrides\[0\]\.replicas\[0\]/);
});

test('a broken document is told instead of what was declared before', async () => {
  await using folder = await checkoutWith({
    'fleet/web.yaml': webDocument.replace('namespace:', 'namespaces:'),
  });
  const said = await build(folder.path, '--application', 'web', '--cluster', 'us-1');
  expect(said).toMatchObject({ code: 1, stdout: '' });
  expect(said.stderr).toContain('error: fleet/web.yaml:');
  expect(said.stderr).toContain('namespaces');
  const filed = await build(folder.path, '--application', 'fleet/web.yaml', '--cluster', 'us-1');
  expect(filed).toEqual(said);
});

test('the policies of the repo are asked: a violation fails, a warning does not', async () => {
  const policy = (action: string) =>
    meridian('Policy', 'few', {
      spec: {
        action,
        matchConstraints: { resourceRules: [{ apiGroups: ['apps'], kinds: ['Deployment'] }] },
        validations: [{ expression: 'object.spec.replicas < 3', message: 'too many replicas' }],
      },
    });
  await using folder = await checkoutWith({ 'fleet/policy.yaml': policy('deny') });
  const denied = await build(folder.path, '--application', 'web', '--cluster', 'us-1');
  expect(denied).toMatchObject({ code: 1, stdout: '' });
  expect(denied.stderr).toMatch(/^error: apps\/web\/base\/web\.yaml:\d+: .*too many replicas/);
  expect(await build(folder.path, '--application', 'web', '--cluster', 'eu-1')).toMatchObject({ code: 0 });
  writeFileSync(join(folder.path, 'fleet/policy.yaml'), policy('warn'));
  const warned = await build(folder.path, '--application', 'web', '--cluster', 'us-1');
  expect(warned.code).toBe(0);
  expect(warned.stdout).toContain('replicas: 3\n');
  expect(warned.stderr).toMatch(/^warning: apps\/web\/base\/web\.yaml:\d+: .*too many replicas/);
  writeFileSync(join(folder.path, 'fleet/policy.yaml'), policy('refuse'));
  const broken = await build(folder.path, '--application', 'web', '--cluster', 'us-1');
  expect(broken).toMatchObject({ code: 1, stdout: '' });
  expect(broken.stderr).toMatch(/error: fleet\/policy\.yaml:\d+: spec\.action: /);
});

test('an override that selects no cluster of the application is warned of', async () => {
  await using folder = await checkoutWith({
    'fleet/web.yaml': webDocument.replace('gpu: small', 'gpu: smal'),
  });
  const said = await build(folder.path, '--application', 'web', '--cluster', 'eu-1');
  expect(said.code).toBe(0);
  expect(said.stdout).toContain('replicas: 3\n');
  expect(said.stderr).toMatch(
    /^warning: fleet\/web\.yaml:10: spec\.source\.overrides\[0\]\.clusters: the override selects no cluster that web runs in/,
  );
});

test('names that nothing has, and clusters that the application does not run in, are told', async () => {
  await using folder = await checkoutWith({});
  const application = await build(folder.path, '--application', 'wbe', '--cluster', 'us-1');
  expect(application.stderr).toBe('error: there is no application wbe\n  fix: choose one of: web\n');
  const cluster = await build(folder.path, '--application', 'web', '--cluster', 'us-9');
  expect(cluster.stderr).toBe('error: there is no cluster us-9\n  fix: choose one of: dev-1, eu-1, us-1\n');
  const placement = await build(folder.path, '--application', 'web', '--cluster', 'dev-1');
  expect(placement.stderr).toMatch(/^error: fleet\/web\.yaml:12: spec\.placement: web does not run in dev-1/);
  expect([application, cluster, placement].map(({ code, stdout }) => [code, stdout])).toEqual(
    Array(3).fill([1, '']),
  );
});

test('as for git, nothing is behind a link, and what is outside is not seen', async () => {
  await using folder = await checkoutWith({});
  rmSync(join(folder.path, 'apps/web/base/web.yaml'));
  writeFileSync(join(folder.path, 'elsewhere.yaml'), files['apps/web/base/web.yaml']);
  symlinkSync('../../../elsewhere.yaml', join(folder.path, 'apps/web/base/web.yaml'));
  const said = await build(folder.path, '--application', 'web', '--cluster', 'us-1');
  expect(said).toMatchObject({ code: 1, stdout: '' });
  expect(said.stderr).toContain('symlink');
});

test('a path and an application, or one without a cluster, are wrong usage, and so are options of the other', async () => {
  await using folder = await checkoutWith({});
  for (const args of [
    ['apps/web', '--application', 'web', '--cluster', 'us-1'],
    ['--application', 'web'],
    ['--cluster', 'us-1'],
    ['--application', 'web', '--cluster', 'us-1', '--reorder', 'none'],
  ])
    expect(await build(folder.path, ...args)).toMatchObject({ code: 2, stdout: '' });
  const elsewhere = await build(
    '/',
    '--application',
    'web',
    '--cluster',
    'us-1',
    '--fleet-path',
    'no-fleet-here',
  );
  expect(elsewhere).toMatchObject({ code: 1, stdout: '' });
  expect(elsewhere.stderr).toContain('--fleet-path');
});

test('what a cluster would get goes to a file or to the files of a directory as well', async () => {
  await using folder = await checkoutWith({});
  const web = ['--application', 'web', '--cluster', 'us-1'];
  const { stdout } = await build(folder.path, ...web);
  expect(await build(folder.path, ...web, '-o', 'web.yaml')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(readFileSync(join(folder.path, 'web.yaml'), 'utf8')).toBe(stdout);
  mkdirSync(join(folder.path, 'out'));
  await build(folder.path, ...web, '-o', 'out');
  expect(readdirSync(join(folder.path, 'out'))).toEqual(['apps_v1_deployment_web.yaml']);
});
