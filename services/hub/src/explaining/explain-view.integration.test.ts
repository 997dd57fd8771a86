import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ExplainView } from '@meridian/fleet';
import { openMirror } from '@meridian/git';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createExplainer } from './explainer.ts';
import { explainView } from './explain-view.ts';
import type { ExplainPorts } from './explain-view.ts';

const { signal } = new AbortController();
let root = '';
let revision = '';
let ports: ExplainPorts;

const template = 'applications/cache/charts/web/templates/map.yaml';
const rendered =
  '# Source: web/templates/map.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\ndata: { a: b }\n';
const files = {
  'fleet/clusters.yaml':
    'apiVersion: meridian.dev/v1alpha1\nkind: Cluster\nmetadata: { name: east, labels: { region: east } }\n',
  'fleet/strategies.yaml':
    'apiVersion: meridian.dev/v1alpha1\nkind: RolloutStrategy\nmetadata: { name: plain }\nspec: { stages: [{ name: all, clusters: {} }] }\n',
  'fleet/web.yaml': `apiVersion: meridian.dev/v1alpha1
kind: Application
metadata: { name: web }
spec:
  source: { path: applications/web, overlays: ['overlays/{region}', 'base'] }
  placement: {}
  namespace: ml
  rolloutStrategy: plain
`,
  'applications/web/overlays/east/kustomization.yaml':
    'resources:\n- ../../../shared\nreplicas:\n- { name: web, count: 3 }\n',
  'applications/cache/kustomization.yaml': 'helmCharts: [{ name: web, releaseName: c }]\nnamePrefix: a-\n',
  'applications/cache/charts/web/Chart.yaml': '{ apiVersion: v2, name: web, version: 1.0.0 }\n',
  'applications/cache/charts/web/values.yaml': '{}\n',
  'applications/cache/charts/web/templates/map.yaml': 'kind: {{ .Values.kind }}\n',
  'fleet/cache.yaml': `apiVersion: meridian.dev/v1alpha1
kind: Application
metadata: { name: cache }
spec:
  source: { path: applications/cache }
  placement: {}
  namespace: ml
  rolloutStrategy: plain
`,
  'applications/shared/kustomization.yaml': 'resources:\n- web.yaml\n- keys.yaml\n',
  'applications/shared/web.yaml':
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  replicas: 1\n',
  'applications/shared/keys.yaml':
    'apiVersion: v1\nkind: Secret\nmetadata: { name: keys }\nstringData: { token: canary }\n',
};

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'meridian-explain-'));
  const work = join(root, 'work');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(work, path)), { recursive: true });
    writeFileSync(join(work, path), text);
  }
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', work, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args]);
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-q', '-m', 'first');
  const dir = join(root, 'mirror');
  const mirror = await openMirror({ url: work, branch: 'main', dir }, signal);
  revision = (await mirror.fetch(signal)).revision;
  ports = {
    releases: {
      render: async (_name, _cluster, at = revision) => ({ ok: true, revision: at, digest: '', objects: [] }),
    },
    revisions: {
      findCommit: (start, within) => mirror.findCommit(start, within),
      newest: () => revision,
      rolledOut: () => undefined,
      catchUp: async () => undefined,
    },
    explain: createExplainer({ dir }, { render: async () => ({ text: rendered }) }),
    fleetPath: 'fleet',
  };
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const ask = (object: string, field?: string): Promise<ExplainView> =>
  explainView(
    ports,
    {
      application: 'web',
      cluster: 'east',
      object,
      revision: revision.slice(0, 8),
      ...(field === undefined ? {} : { field }),
    },
    signal,
  );

test('a field is explained from the mirror, with what lies outside the directory of the application', async () => {
  expect(await ask('deployment/web', '.spec.replicas')).toEqual({
    application: 'web',
    cluster: 'east',
    revision,
    object: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'ml', name: 'web' },
    fields: [
      {
        field: '.spec.replicas',
        history: [
          { value: 1, source: { file: 'applications/shared/web.yaml', line: 5 } },
          {
            value: 3,
            source: {
              file: 'applications/web/overlays/east/kustomization.yaml',
              line: 4,
              field: 'replicas[0]',
              by: 'ReplicaCountTransformer',
            },
          },
        ],
      },
    ],
  });
});

test('several questions are answered one after the other, and no value of a Secret is in an answer', async () => {
  const [web, keys] = await Promise.all([ask('deployment/web'), ask('secret/keys')]);
  const fields = web.fields.map(({ field }) => field);
  expect(fields).toEqual(expect.arrayContaining(['.metadata.namespace', '.spec.replicas']));
  expect(web.fields.find(({ field }) => field === '.metadata.namespace')?.history).toEqual([
    { value: 'ml', source: { file: 'fleet/web.yaml', line: 7, field: 'spec.namespace', by: 'Application' } },
  ]);
  expect(keys.fields.map(({ field }) => field)).toContain('.stringData.token');
  expect(JSON.stringify(keys)).not.toContain('canary');
});

test('a field of a chart is explained by its template and by what changed it after', async () => {
  const request = { application: 'cache', cluster: 'east', object: 'configmap/a-c' };
  const { fields } = await explainView(ports, request, signal);
  const by = 'HelmChartInflationGenerator';
  const byChart = { field: 'helmCharts[0]', by, written: { file: template } };
  const historyOf = (path: string) => fields.find(({ field }) => field === path)?.history;
  expect(historyOf('.data.a')).toMatchObject([{ value: 'b', source: byChart }]);
  expect(historyOf('.metadata.name')).toMatchObject([
    { value: 'c', source: byChart },
    { value: 'a-c', source: { by: 'PrefixTransformer' } },
  ]);
});

test('what is not there is told with what is near', async () => {
  await expect(ask('deployment/wep')).rejects.toMatchObject({
    code: 'not_found',
    message: `at revision ${revision.slice(0, 7)} there is no deployment/wep; did you mean deployment/web?`,
  });
  await expect(ask('deployment/web', '.spec.replica')).rejects.toMatchObject({
    code: 'not_found',
    message: `at revision ${revision.slice(0, 7)} the object has no field .spec.replica; did you mean .spec.replicas?`,
  });
});

test('an application that cannot be rendered is not explained', async () => {
  const problems = [{ file: 'a.yaml', line: 2, message: 'it is wrong', fix: 'mend it' }];
  const broken = { render: async () => ({ ok: false as const, revision, problems }) };
  const request = { application: 'web', cluster: 'east', object: 'deployment/web' };
  await expect(explainView({ ...ports, releases: broken }, request, signal)).rejects.toMatchObject({
    code: 'invalid',
    message: 'a.yaml:2: it is wrong; mend it',
  });
});

test('whoever leaves is not explained to', async () => {
  const left = new AbortController();
  const answer = explainView(
    ports,
    { application: 'web', cluster: 'east', object: 'deployment/web' },
    left.signal,
  );
  left.abort(new Error('left'));
  await expect(answer).rejects.toThrow('left');
});
