import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RenderPool } from '@meridian/rendering';
import { requirePart } from '@meridian/testkit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { StoppedError } from '../io.ts';
import { runCommand } from '../testing/run.ts';
import type { FleetPlan } from './fleet-plan.ts';

const example = fileURLToPath(new URL('../../../../examples/ml-fleet', import.meta.url));
let work = '';

function git(...args: string[]): string {
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
  return execFileSync('git', ['-C', work, ...identity, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
}

/** Changes files of the example by replacing a text in each, or removes them, and commits. */
function commit(edits: { readonly [path: string]: readonly [string | RegExp, string] | undefined }): void {
  for (const [path, edit] of Object.entries(edits)) {
    const full = join(work, path);
    if (!edit) rmSync(full);
    else {
      const text = readFileSync(full, 'utf8');
      const changed = text.replace(...edit);
      expect(changed).not.toBe(text);
      writeFileSync(full, changed);
    }
  }
  git('add', '-A');
  git('commit', '-q', '-m', 'change');
}

const plan = (...args: string[]) =>
  runCommand(['plan', ...args], { cwd: work, env: { PATH: process.env['PATH'] ?? '' } });
async function planned(...args: string[]): Promise<FleetPlan> {
  const { stdout } = await plan('-o', 'json', ...args);
  return JSON.parse(stdout) as FleetPlan;
}

const server = 'applications/inference-server';
const image = ['inference-server:1.8.2', 'inference-server:1.9.0'] as const;

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'meridian-plan-'));
  cpSync(example, work, { recursive: true });
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-q', '-m', 'first');
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

test('a change of a base is told once for all clusters, and one of an overlay for its own', async () => {
  commit({
    [`${server}/base/deployment.yaml`]: image,
    [`${server}/base/kustomization.yaml`]: ['  - pdb.yaml\n', ''],
    [`${server}/overlays/us-east-1/kustomization.yaml`]: ['value: 12', 'value: 14'],
  });
  const { code, stdout } = await plan();
  expect(code).toBe(0);
  expect(stdout.split('\n').slice(1).join('\n')).toBe(`
inference-server
  in all 3 clusters
    ! Deployment ml-serving/inference-server
    -     spec.template.spec.containers[name=server].image: inference-server:1.8.2
    +     spec.template.spec.containers[name=server].image: inference-server:1.9.0
    - DELETE PodDisruptionBudget ml-serving/inference-server
  in us-east-1
    ! HorizontalPodAutoscaler ml-serving/inference-server
    -     spec.maxReplicas: 12
    +     spec.maxReplicas: 14
`);
  expect((await plan('--exit-code')).code).toBe(5);
});

test('an application that changes says what it waits for', async () => {
  commit({
    [`${server}/base/deployment.yaml`]: image,
    'fleet/applications/inference-server.yaml': [
      'spec:\n',
      'spec:\n  dependsOn: [{ application: monitoring }]\n',
    ],
  });
  expect((await plan()).stdout).toContain('  waits for monitoring to be healthy in each cluster\n');
  const { applications } = await planned();
  expect(applications).toMatchObject([
    { waitsFor: [{ application: 'monitoring', scope: 'cluster', outcome: 'same', missingIn: [] }] },
  ]);
});

test('what goes to another application is moved, and neither deleted nor to be approved', async () => {
  const pdb = `${server}/base/pdb.yaml`;
  const moved = readFileSync(join(work, pdb), 'utf8').replace(
    'metadata:',
    'metadata:\n  namespace: ml-serving',
  );
  writeFileSync(join(work, 'applications/monitoring/base/pdb.yaml'), moved);
  commit({
    [`${server}/base/kustomization.yaml`]: ['  - pdb.yaml\n', ''],
    'applications/monitoring/base/kustomization.yaml': ['resources:\n', 'resources:\n  - pdb.yaml\n'],
  });
  const { stdout } = await plan();
  expect(stdout.split('\n').slice(0, 1).join('\n')).toContain('3 moved');
  expect(stdout).toContain(
    '! moves: PodDisruptionBudget ml-serving/inference-server to application monitoring',
  );
  expect(stdout).toContain(
    '+ PodDisruptionBudget ml-serving/inference-server from application inference-server',
  );
  const { summary } = await planned();
  expect(summary).toMatchObject({ created: 0, moved: 3, deleted: 0, approvals: 0 });
});

test('a commit that reaches no cluster changes nothing, also for --exit-code', async () => {
  commit({ 'README.md': [/^/, 'Read me.\n'] });
  const { code, stdout } = await plan('--exit-code');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^[0-9a-f]{7}\.\.[0-9a-f]{7} changes nothing in any cluster\n$/);
});

test('deletions beyond the budget, and an application that leaves a cluster, need an approval', async () => {
  commit({
    [`${server}/base/kustomization.yaml`]: ['  - pdb.yaml\n', ''],
    'fleet/applications/inference-server.yaml': ['deletionBudget: 50%', 'deletionBudget: 0'],
    'fleet/applications/monitoring.yaml': [
      /placement:.*\n( +match.*\n)*/,
      'placement: { matchLabels: { region: us-east-1 } }\n',
    ],
  });
  const { stdout } = await plan();
  expect(stdout).toContain('in all 3 clusters: NEEDS APPROVAL: 1 object deleted, the budget is 0');
  expect(stdout).toContain('WITHDRAWN from 2 clusters: eu-west-1, us-west-2');
  expect(stdout).toContain('+ syncPolicy.deletionBudget: 0');
  expect((await planned()).summary).toMatchObject({ applications: 2, approvals: 2, frozen: 0 });
});

test('a mistake freezes its application, is located and fails the plan; later commits are not blamed for it', async () => {
  commit({
    'applications/monitoring/base/kustomization.yaml': [/resources:\n/, 'resources:\n  - nowhere.yaml\n'],
  });
  const { code, stdout } = await plan();
  expect(code).toBe(1);
  expect(stdout).toContain('monitoring: FROZEN at its last good release');
  expect(stdout).toMatch(/applications\/monitoring\/base\/kustomization\.yaml:\d+ .*nowhere\.yaml/);
  commit({ [`${server}/base/deployment.yaml`]: image });
  const later = await plan();
  expect(later.code).toBe(0);
  expect(later.stdout).not.toContain('FROZEN');
  commit({ 'applications/monitoring/base/kustomization.yaml': ['  - nowhere.yaml\n', ''] });
  expect((await plan()).stdout).toContain('monitoring: no longer frozen');
  expect((await plan('--base', 'HEAD~3')).stdout).not.toContain('monitoring');
});

test('a document that is gone removes nothing, and one that is broken is told with its line', async () => {
  commit({
    'fleet/applications/monitoring.yaml': undefined,
    'fleet/applications/inference-server.yaml': ['prune: true', 'prune: maybe'],
  });
  const { code, stdout } = await plan();
  expect(code).toBe(1);
  expect(stdout).toContain('monitoring: in no document any more\n  it stays as it is in every cluster');
  expect(stdout).toMatch(/fleet\/applications\/inference-server\.yaml:\d+ spec\.syncPolicy\.prune/);
});

test('the base is where a branch left the main branch of origin, and both can be named', async () => {
  git('update-ref', 'refs/remotes/origin/main', 'HEAD');
  const first = git('rev-parse', 'HEAD');
  git('checkout', '-q', '-b', 'change');
  commit({ [`${server}/base/deployment.yaml`]: image });
  commit({ 'README.md': [/^/, 'Read me.\n'] });
  expect(await planned()).toMatchObject({
    base: first,
    head: git('rev-parse', 'HEAD'),
    summary: { changed: 3 },
  });
  expect((await planned('--base', 'change~1')).summary.changed).toBe(0);
  expect((await planned('--base', 'change', '--head', 'main')).summary.changed).toBe(3);
});

test('values of Secrets are in no format, also when they move', async () => {
  const file = `${server}/base/secret.yaml`;
  const secret = (value: string) =>
    `apiVersion: v1\nkind: Secret\nmetadata: { name: key }\nstringData: { password: ${value} }\n`;
  writeFileSync(join(work, file), secret('first-password'));
  commit({ [`${server}/base/kustomization.yaml`]: ['  - pdb.yaml\n', '  - pdb.yaml\n  - secret.yaml\n'] });
  writeFileSync(join(work, file), secret('second-password'));
  commit({ [`${server}/base/configmap.yaml`]: ['data:\n', 'data:\n  COPY: "x:first-password"\n'] });
  for (const format of [[], ['--markdown'], ['-o', 'json'], ['-o', 'yaml']]) {
    const { code, stdout } = await plan(...format);
    expect(code).toBe(0);
    expect(stdout).toContain('stringData.password');
    expect(stdout).toContain('x:***');
    expect(stdout).not.toMatch(/(first|second)-password/);
  }
});

test('hooks that a change makes run are told with their phase in every format', async () => {
  writeFileSync(
    join(work, `${server}/base/migrate.yaml`),
    'apiVersion: batch/v1\nkind: Job\nmetadata: { name: migrate, annotations: { argocd.argoproj.io/hook: PreSync } }\n' +
      'spec: { template: { spec: { restartPolicy: Never, containers: [{ name: migrate, image: "migrate:1" }] } } }\n',
  );
  commit({ [`${server}/base/kustomization.yaml`]: ['  - pdb.yaml\n', '  - pdb.yaml\n  - migrate.yaml\n'] });
  expect((await plan()).stdout).toContain('+ Job ml-serving/migrate (hook: PreSync)\n');
  commit({ [`${server}/base/deployment.yaml`]: image });
  for (const format of [[], ['--markdown']]) {
    const { stdout } = await plan(...format);
    expect(stdout).toContain('3 changed, 3 hooks run');
    expect(stdout).toContain('runs: Job ml-serving/migrate (hook: PreSync)\n');
  }
  const { summary, applications } = await planned();
  expect(summary).toMatchObject({ created: 0, changed: 3, hooks: 3 });
  const [first] = applications;
  expect(first?.outcome === 'changed' && first.changes[0]?.items).toContainEqual({
    change: 'runs',
    key: { group: 'batch', kind: 'Job', namespace: 'ml-serving', name: 'migrate' },
    hook: ['PreSync'],
    fields: [],
  });
});

test('when a cluster joins, leaves or changes its labels, applications are rendered for that one only', async () => {
  const run = vi.spyOn(RenderPool.prototype, 'run');
  const rendered = async () => {
    run.mockClear();
    const found = await plan();
    expect(found.code).toBe(0);
    // So many dots as this one's files have might lead out of its directory.
    const calls = run.mock.calls.filter(([{ application }]) => application.name !== 'model-registry-sync');
    const clusters = new Set(calls.map(([{ cluster }]) => cluster.name));
    return { stdout: found.stdout, clusters: [...clusters].sort() };
  };
  const document = readFileSync(join(work, 'fleet/clusters.yaml'), 'utf8').split('---\n').at(-1) ?? '';
  const joined = document.replace('name: eu-west-1', 'name: eu-west-9');
  commit({ 'fleet/clusters.yaml': [/$/, `---\n${joined}`] });
  const come = await rendered();
  expect(come.clusters).toEqual(['eu-west-9']);
  expect(come.stdout).toContain('comes to 1 cluster: eu-west-9');
  commit({
    'fleet/clusters.yaml': [`---\n${joined}`, `---\n${joined.replace('country: ie', 'country: fr')}`],
  });
  expect((await rendered()).clusters).toEqual(['eu-west-9']);
  git('revert', '--no-edit', 'HEAD~1..HEAD');
  commit({ 'fleet/clusters.yaml': [`---\n${joined}`, ''] });
  const gone = await rendered();
  expect(gone.clusters).toEqual(['eu-west-9']);
  expect(gone.stdout).toContain('WITHDRAWN from 1 cluster: eu-west-9');
  vi.restoreAllMocks();
});

test('what is no commit, and a folder that is no clone, are told with the way out', async () => {
  const unknown = await plan('--base', 'nowhere');
  expect(unknown.code).toBe(1);
  expect(unknown.stderr).toContain('there is no commit "nowhere" in this clone');
  expect(unknown.stderr).toContain('fetch-depth: 0');
  const single = await plan();
  expect(single.stderr).toContain('there is no commit before');
  const outside = await runCommand(['plan'], { cwd: tmpdir(), env: { PATH: process.env['PATH'] ?? '' } });
  expect(outside.stderr).toContain('is in no git repository');
});

test('an application whose files lead out of its directory is compared by what it reads there', async () => {
  mkdirSync(join(work, 'shared'));
  writeFileSync(join(work, 'shared', 'kustomization.yaml'), 'resources: [map.yaml]\n');
  writeFileSync(
    join(work, 'shared', 'map.yaml'),
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: shared }\ndata: { a: "1" }\n',
  );
  commit({ [`${server}/base/kustomization.yaml`]: ['resources:\n', 'resources:\n  - ../../../shared\n'] });
  commit({ 'shared/map.yaml': ['"1"', '"2"'] });
  const { stdout } = await plan();
  expect(stdout).toContain('! ConfigMap ml-serving/shared');
  expect(stdout).toContain('+     data.a: "2"');
});

const cache = {
  'fleet/applications/cache.yaml': `apiVersion: meridian.dev/v1alpha1
kind: Application
metadata: { name: cache }
spec:
  source: { path: applications/cache, helm: { chart: chart, valuesFiles: ['values/{cluster.name}.yaml'] } }
  placement: {}
  namespace: ml-serving
  rolloutStrategy: by-region
`,
  'applications/cache/chart/Chart.yaml': 'apiVersion: v2\nname: cache\nversion: 1.0.0\n',
  'applications/cache/chart/values.yaml': 'memory: 1Gi\n',
  'applications/cache/chart/templates/map.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: {{ .Release.Name }} }\ndata: { memory: {{ required "how much?" .Values.memory }} }\n',
};
function add(files: { readonly [path: string]: string }): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(work, path)), { recursive: true });
    writeFileSync(join(work, path), text);
  }
  git('add', '-A');
  git('commit', '-q', '-m', 'more');
}
const helm = ['--helm-command', requirePart('helm')];

test('charts are rendered at both commits, each cluster with its values', async () => {
  add(cache);
  add({ 'applications/cache/values/us-east-1.yaml': 'memory: 4Gi\n' });
  const { code, stdout, stderr } = await plan(...helm);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('in us-east-1\n    ! ConfigMap ml-serving/cache\n');
  expect(stdout).toContain('-     data.memory: 1Gi\n    +     data.memory: 4Gi\n');
  expect(stdout).not.toContain('us-west-2');
});

test('values of an override reach the chart in the clusters that it selects, with their variables replaced', async () => {
  add(cache);
  const override =
    '{ clusters: { matchLabels: { region: us-east-1 } }, helm: { values: { memory: "x-${cluster.labels.region}" } } }';
  const template = 'applications/cache/chart/templates/map.yaml';
  commit({
    'fleet/applications/cache.yaml': [".yaml'] }", `.yaml'] }, variables: true, overrides: [${override}]`],
    [template]: ['.Values.memory }}', '.Values.memory | upper }}'],
  });
  const { code, stdout, stderr } = await plan(...helm);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('-     data.memory: 1Gi\n    +     data.memory: X-US-EAST-1\n');
  expect(stdout).toMatch(/in 2 clusters: .*\n.*\n.*data.memory: 1Gi\n.*data.memory: 1GI\n/);
});

test('a chart that fails is a new problem at its template, and without a helm the plan says what is missing', async () => {
  add(cache);
  add({ 'applications/cache/chart/values.yaml': 'memory: ""\n' });
  const { code, stdout } = await plan(...helm);
  expect(code).toBe(1);
  expect(stdout).toContain('applications/cache/chart/templates/map.yaml:4');
  expect(stdout).toContain('how much?');
  const without = await runCommand(['plan', '--helm-command', './no-helm'], {
    cwd: work,
    env: { PATH: process.env['PATH'] ?? '' },
  });
  expect(without).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no-helm is not on this machine'),
  });
});

const replicas = (action: string) => `apiVersion: meridian.dev/v1alpha1
kind: Policy
metadata: { name: replicas }
spec:
  action: ${action}
  clusters: { matchLabels: { region: us-east-1 } }
  matchConstraints: { resourceRules: [{ kinds: [HorizontalPodAutoscaler] }] }
  validations:
    - expression: object.spec.maxReplicas <= 13
      message: more than 13 replicas
      fieldPath: .spec.maxReplicas
`;

test('a change that a policy denies fails with the place and the cluster, and one that it warns of does not', async () => {
  writeFileSync(join(work, 'fleet/policies.yaml'), replicas('deny'));
  git('add', '-A');
  git('commit', '-q', '-m', 'hold to a policy');
  expect((await plan()).code).toBe(0);
  commit({ [`${server}/overlays/us-east-1/kustomization.yaml`]: ['value: 12', 'value: 14'] });
  const { code, stdout } = await plan();
  expect(code).toBe(1);
  expect(stdout).toContain('inference-server: FROZEN at its last good release, in every cluster');
  expect(stdout).toMatch(
    /base\/\S+\.yaml:\d+ \.spec\.maxReplicas: policy replicas: HorizontalPodAutoscaler \S+: more than 13 replicas \(in us-east-1/,
  );
  writeFileSync(join(work, 'fleet/policies.yaml'), replicas('warn'));
  git('add', '-A');
  git('commit', '-q', '-m', 'only warn');
  const warned = await planned('--base', 'HEAD~2');
  expect(warned.warnings).toMatchObject([
    { clusters: ['us-east-1'], items: [{ field: '.spec.maxReplicas' }] },
  ]);
  expect((await plan('--base', 'HEAD~2')).code).toBe(0);
});

test('a change of a policy alone is planned, too', async () => {
  writeFileSync(join(work, 'fleet/policies.yaml'), replicas('deny').replace('<= 13', '<= 3'));
  git('add', '-A');
  git('commit', '-q', '-m', 'hold to a policy');
  const { code, stdout } = await plan();
  expect(code).toBe(1);
  expect(stdout).toContain('policy replicas: HorizontalPodAutoscaler');
});

test('an override that selects no cluster of its application is warned of once, by the commit that brings it', async () => {
  const overrides =
    'overrides: [{ clusters: { matchLabels: { gpu: none } }, replicas: [{ name: x, count: 1 }] }]';
  commit({
    'fleet/applications/inference-server.yaml': ['    overlays:', `    ${overrides}\n    overlays:`],
  });
  const { code, stdout } = await plan();
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /fleet\/applications\/inference-server\.yaml:\d+ spec\.source\.overrides\[0\]\.clusters.*\n?.*the override selects no cluster/,
  );
  commit({ 'fleet/applications/inference-server.yaml': ['deletionBudget: 50%', 'deletionBudget: 40%'] });
  expect((await plan()).stdout).not.toContain('selects no cluster');
});

test('who stops a plan is obeyed while a chart renders, and no helm is left behind', async () => {
  add(cache);
  add({
    'applications/cache/chart/templates/slow.yaml':
      '{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}\n',
  });
  const leaving = new AbortController();
  const marked = join(work, 'helm');
  writeFileSync(marked, `#!/bin/sh\necho $$ >> ${work}/pids\nexec ${requirePart('helm')} "$@"\n`, {
    mode: 0o755,
  });
  const stopped = runCommand(['plan', '--helm-command', marked], {
    cwd: work,
    env: { PATH: process.env['PATH'] ?? '' },
    signal: leaving.signal,
  });
  await expect.poll(() => pids().length, { timeout: 30_000 }).toBeGreaterThan(1);
  leaving.abort(new StoppedError(130));
  expect((await stopped).code).toBe(130);
  await expect.poll(() => pids().filter(isRunning), { timeout: 10_000 }).toEqual([]);
});

function pids(): readonly number[] {
  const file = join(work, 'pids');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : [];
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
