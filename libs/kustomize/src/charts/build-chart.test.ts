import type { Application, HelmSource, Override } from '@meridian/fleet';
import { describe, expect, it } from 'vitest';
import { explainApplication, resolveApplication, treeOf } from '../index.ts';
import type { ChartOutput, ChartRequest } from '../index.ts';

const helm: HelmSource = {
  chart: 'chart',
  releaseName: 'cache',
  valuesFiles: ['values/common.yaml', 'values/{region}.yaml', 'values/{cluster.name}.yaml'],
  values: {},
  apiVersions: [],
};
const application: Application = {
  name: 'redis',
  labels: {},
  path: 'apps/redis',
  overlays: ['.'],
  placement: {},
  namespace: 'data',
  rolloutStrategy: 'plain',
  syncPolicy: { prune: true, selfHeal: true, createNamespace: true, deletionBudget: '50%' },
};
const files = {
  'apps/redis/chart/Chart.yaml': '{ apiVersion: v2, name: redis, version: 1.0.0 }\n',
  'apps/redis/chart/templates/set.yaml': 'kind: {{ .Values.kind }}\n',
  'apps/redis/values/common.yaml': 'replicas: 1\n',
  'apps/redis/values/east.yaml': 'replicas: 2\n',
};
const output = [
  '# Source: redis/templates/set.yaml',
  '{ apiVersion: v1, kind: ConfigMap, metadata: { name: cache } }',
  '---',
  '# Source: redis/templates/hook.yaml',
  'apiVersion: batch/v1',
  'kind: Job',
  'metadata: { name: migrate, annotations: { helm.sh/hook: "pre-upgrade" } }',
  '---',
  '# Source: redis/templates/delete.yaml',
  'apiVersion: batch/v1',
  'kind: Job',
  'metadata: { name: farewell, annotations: { helm.sh/hook: "post-delete,pre-rollback" } }',
].join('\n');

interface Change {
  readonly helm?: Partial<HelmSource>;
  readonly files?: { readonly [path: string]: string };
  readonly cluster?: string;
  readonly gives?: ChartOutput;
  readonly overrides?: readonly Override[];
  readonly variables?: boolean;
}

function requestOf({
  helm: change = {},
  files: more = {},
  cluster = 'one',
  gives = { text: output },
  overrides = [],
  variables = false,
}: Change) {
  const asked: ChartRequest[] = [];
  const request = {
    tree: treeOf({ ...files, ...more }),
    application: { ...application, helm: { ...helm, ...change }, overrides, variables },
    cluster: { name: cluster, labels: { region: 'east' } },
    charts: (each: ChartRequest) => {
      asked.push(each);
      return gives;
    },
  };
  return { request, asked };
}

function resolve(change: Change = {}) {
  const { request, asked } = requestOf(change);
  return { resolved: resolveApplication(request), asked };
}

const errorOf = (change: Change) => {
  const { resolved } = resolve(change);
  return 'errors' in resolved ? resolved.errors[0] : undefined;
};

describe('a chart of an application', () => {
  it('is asked for with its release, namespace and settings, custom resource definitions and without tests', () => {
    const { asked } = resolve({ helm: { kubeVersion: 'v1.34.0', apiVersions: ['x.dev/v1'] } });
    expect(asked).toMatchObject([
      {
        dir: 'apps/redis/chart',
        files: ['Chart.yaml', 'templates/set.yaml'],
        releaseName: 'cache',
        namespace: 'data',
        kubeVersion: 'v1.34.0',
        apiVersions: ['x.dev/v1'],
        includeCrds: true,
        skipHooks: false,
        skipTests: true,
      },
    ]);
  });

  it('gets the values of its cluster: files in order, those that exist, and last what the application says', () => {
    const common = 'replicas: 1\n';
    expect(resolve().asked[0]?.values).toEqual([common, 'replicas: 2\n']);
    const own = { 'apps/redis/values/two.yaml': 'replicas: 3\n' };
    expect(resolve({ cluster: 'two', files: own }).asked[0]?.values).toEqual([
      common,
      'replicas: 2\n',
      'replicas: 3\n',
    ]);
    const values = { replicas: 4, tls: null };
    expect(resolve({ helm: { values, valuesFiles: [] } }).asked[0]?.values).toEqual([
      '{"replicas":4,"tls":null}',
    ]);
  });

  const override = (index: number, name: string, values: HelmSource['values']): Override => ({
    ...{ index, patches: [], images: [], replicas: [], helm: { values } },
    clusters: { matchExpressions: [{ key: name, operator: 'Exists' }] },
  });

  it('gets the values of the overrides that select its cluster after all others, in their order', () => {
    const overrides = [
      override(0, 'region', { replicas: 5 }),
      override(1, 'nobody', { replicas: 6 }),
      override(2, 'region', { replicas: 7, tls: null }),
    ];
    const values = { replicas: 4 };
    const { asked } = resolve({ helm: { valuesFiles: [], values }, overrides });
    expect(asked[0]?.values).toEqual(['{"replicas":4}', '{"replicas":5}', '{"replicas":7,"tls":null}']);
  });

  it('sees variables in values as what they stand for, so that a template can compute with them', () => {
    const overrides = [override(0, 'region', { list: ['${cluster.labels.region}', '$${cluster.name}'] })];
    const change = { helm: { valuesFiles: [], values: { at: 'db.${cluster.name}' } }, overrides };
    const { asked, resolved } = resolve({ ...change, variables: true });
    expect(asked[0]?.values).toEqual(['{"at":"db.one"}', '{"list":["east","$${cluster.name}"]}']);
    expect(resolved.labelReads).toEqual(['region']);
    expect(resolve(change).asked[0]?.values[0]).toBe('{"at":"db.${cluster.name}"}');
  });

  it('is refused with the place of a variable that its cluster does not have', () => {
    const overrides = [override(3, 'region', { 'a.b': [{ c: '${cluster.labels.zone}' }] })];
    expect(errorOf({ overrides, variables: true })).toMatchObject({
      file: 'apps/redis',
      field: 'spec.source.overrides[3].helm.values["a.b"][0].c',
      message: 'the cluster one has no variable ${cluster.labels.zone}',
    });
    const inKey = [override(3, 'region', { '${cluster.name}': 1 })];
    expect(errorOf({ overrides: inKey, variables: true })?.message).toContain('only values have variables');
  });

  it('has equal keys in clusters with equal values only', () => {
    const keyIn = (cluster: string, more = {}) => resolve({ cluster, files: more }).asked[0]?.key;
    const tree = (path: string) => ({ [path]: 'replicas: 9\n' });
    expect(keyIn('one')).not.toBe(keyIn('one', tree('apps/redis/values/one.yaml')));
  });

  it('becomes a bundle with its hooks, but for those of rollbacks and tests', () => {
    const { resolved } = resolve();
    const objects = 'bundle' in resolved ? resolved.bundle.objects : [];
    expect(objects.map(({ kind, metadata: { name, namespace } }) => [kind, name, namespace])).toEqual([
      ['ConfigMap', 'cache', 'data'],
      ['Job', 'farewell', 'data'],
      ['Job', 'migrate', 'data'],
    ]);
    expect(objects[2]?.metadata.annotations).toEqual({ 'helm.sh/hook': 'pre-upgrade' });
  });

  it('is explained by the template that made an object', () => {
    const { request } = requestOf({});
    const asked = {
      ...request,
      object: 'configmap/cache',
      field: '.metadata.name',
      declaration: { file: 'fleet/a.yaml', lineOf: () => 1 },
    };
    expect(explainApplication(asked)).toMatchObject({
      fields: [
        {
          history: [
            {
              value: 'cache',
              source: {
                file: 'apps/redis/chart/Chart.yaml',
                by: 'HelmChartInflationGenerator',
                written: { file: 'apps/redis/chart/templates/set.yaml' },
              },
            },
          ],
        },
      ],
    });
  });
});

describe('a chart of an application is refused', () => {
  it('where a values file is missing, leads out or is no mapping', () => {
    expect(errorOf({ helm: { valuesFiles: ['values/prod.yaml'] } })).toEqual({
      file: 'apps/redis',
      field: 'spec.source.helm.valuesFiles[0]',
      cluster: 'one',
      message: 'the values file apps/redis/values/prod.yaml does not exist',
      fix: 'add apps/redis/values/prod.yaml, or correct the path',
    });
    expect(errorOf({ helm: { valuesFiles: ['../other/values.yaml'] } })).toMatchObject({
      message: 'the values file ../other/values.yaml is outside apps/redis',
    });
    expect(errorOf({ files: { 'apps/redis/values/east.yaml': '- a\n' } })).toMatchObject({
      file: 'apps/redis/values/east.yaml',
      line: 1,
      message: 'values must be a mapping',
    });
    expect(errorOf({ files: { 'apps/redis/values/east.yaml': 'a: [\n' } })).toMatchObject({
      file: 'apps/redis/values/east.yaml',
      line: 1,
    });
  });

  it('where its cluster lacks a label that values files name', () => {
    expect(errorOf({ helm: { valuesFiles: ['values/{tier}.yaml'] } })).toMatchObject({
      field: 'spec.source.helm.valuesFiles[0]',
      message: 'the cluster one has no label "tier"',
    });
    expect(errorOf({ helm: { valuesFiles: ['values/{region.yaml'] } })).toMatchObject({
      message: 'the values file values/{region.yaml has an unpaired brace',
    });
  });

  it('where it is not in the repo, with the command that brings it there', () => {
    expect(errorOf({ helm: { chart: 'oci://registry.example/redis' } })).toMatchObject({
      field: 'spec.source.helm.chart',
      message: 'oci://registry.example/redis is not in the fleet repo; charts are not downloaded',
      fix: expect.stringContaining('helm pull oci://registry.example/redis --untar --untardir apps/redis'),
    });
    expect(errorOf({ helm: { chart: 'charts/redis' } })).toMatchObject({
      message: 'there is no chart in apps/redis/charts/redis: it has no Chart.yaml',
      fix: expect.stringContaining('helm pull'),
    });
    expect(errorOf({ helm: { chart: '../chart' } })).toMatchObject({
      message: 'the chart ../chart is outside apps/redis',
    });
  });

  it('where its release has a name that helm refuses, which that of an application may be', () => {
    expect(errorOf({ helm: { releaseName: 'a'.repeat(54) } })).toMatchObject({
      field: 'spec.source.helm.releaseName',
    });
  });

  it('by what its rendering says, and where nobody renders charts', () => {
    const errors = [{ file: 'apps/redis/chart/templates/set.yaml', line: 1, message: 'helm: no' }];
    expect(errorOf({ gives: { errors } })).toEqual({ ...errors[0], cluster: 'one' });
    const { charts: _, ...request } = requestOf({}).request;
    expect(resolveApplication(request)).toMatchObject({
      errors: [{ file: 'apps/redis/chart', message: 'Helm charts are not rendered here' }],
    });
  });
});

it('overrides and variables change what a chart gives', () => {
  const { request } = requestOf({
    gives: { text: output.replace('name: cache', 'name: "c-${cluster.name}"') },
  });
  const patch = 'apiVersion: batch/v1\nkind: Job\nmetadata: { name: migrate }\nspec: { suspend: true }\n';
  const overrides = [{ index: 0, clusters: {}, patches: [{ patch }], images: [], replicas: [] }];
  const changed = { ...request.application, overrides, variables: true };
  const resolved = resolveApplication({ ...request, application: changed });
  if ('errors' in resolved) throw new Error(JSON.stringify(resolved.errors));
  const [map, , job] = resolved.bundle.objects;
  expect(map?.metadata.name).toBe('c-one');
  expect(job).toMatchObject({ kind: 'Job', spec: { suspend: true } });
});
