import { describe, expect, it } from 'vitest';
import {
  BuildCache,
  buildKustomization,
  chartFiles,
  treeOf,
  yamlOf,
  type BuildOptions,
  type ChartOutput,
  type ChartRequest,
  type FileTree,
} from '../index.ts';

const chart = {
  'app/charts/web/Chart.yaml': '{ apiVersion: v2, name: web, version: 1.0.0 }\n',
  'app/charts/web/values.yaml': 'replicas: 1\nimage: { name: web, tag: one }\n',
  'app/charts/web/templates/cm.yaml': 'kind: ConfigMap\n',
};
const output = [
  '---',
  '# Source: web/crds/crd.yaml',
  '{ apiVersion: v1, kind: ConfigMap, metadata: { name: first } }',
  '---',
  '# Source: web/templates/cm.yaml',
  'apiVersion: v1',
  'kind: ConfigMap',
  'metadata: { name: second, namespace: charts, annotations: { helm.sh/hook: pre-install } }',
].join('\n');

const app = (kustomization: string, more: { readonly [path: string]: string } = {}) => ({
  ...chart,
  'app/kustomization.yaml': kustomization,
  ...more,
});
/** A tree that tells identities, as that of a revision does. */
const treeWith = (files: { readonly [path: string]: string }): FileTree => {
  const tree = treeOf(files);
  return { ...tree, identity: (path) => files[path] ?? `names ${(tree.list(path) ?? []).join('/')}` };
};

/** Builds until everything is rendered, as callers do, and tells what was asked for. */
function build(
  files: { readonly [path: string]: string },
  options: BuildOptions = {},
  gives: ChartOutput = { text: output },
) {
  const outputs = new Map<string, ChartOutput>();
  const asked: ChartRequest[] = [];
  const tree = treeWith(files);
  for (let round = 0; round < 5; round += 1) {
    const wanted: ChartRequest[] = [];
    const charts = (request: ChartRequest) => {
      const known = outputs.get(request.key);
      if (!known) wanted.push(request);
      return known;
    };
    const built = buildKustomization(tree, 'app', { ...options, charts });
    if (wanted.length === 0) return { built, asked, rounds: round + 1 };
    for (const request of wanted) outputs.set(request.key, gives);
    asked.push(...wanted);
  }
  throw new Error('it never ends');
}
const errorOf = (...args: Parameters<typeof build>) => {
  const { built } = build(...args);
  if ('errors' in built) return built.errors[0];
  throw new Error(yamlOf(built.objects));
};

describe('charts of a kustomization', () => {
  it('are asked for together, with all that their output depends on', () => {
    const { asked, rounds } = build(
      app(
        [
          'helmCharts:',
          '- { name: web, releaseName: shop, namespace: store, includeCRDs: true, kubeVersion: v1.30.0, apiVersions: [x/v1] }',
          '- { name: web, releaseName: other, nameTemplate: "", skipHooks: true, skipTests: true }',
          'nameSuffix: -x',
        ].join('\n'),
      ),
      {},
      { text: '' },
    );
    expect(rounds).toBe(2);
    expect(asked[0]).toEqual({
      key: expect.stringMatching(/^sha256:/),
      dir: 'app/charts/web',
      files: ['Chart.yaml', 'templates/cm.yaml', 'values.yaml'],
      values: [chart['app/charts/web/values.yaml']],
      releaseName: 'shop',
      namespace: 'store',
      kubeVersion: 'v1.30.0',
      apiVersions: ['x/v1'],
      includeCrds: true,
      skipHooks: false,
      skipTests: false,
    });
    expect(asked[1]).toMatchObject({ releaseName: 'other', skipHooks: true, skipTests: true });
    expect(asked[1]?.key).not.toBe(asked[0]?.key);
  });

  it('are changed as other objects are, hooks too', () => {
    const { built } = build(app('helmCharts: [{ name: web, releaseName: a }]\nnamePrefix: my-\n'));
    expect('objects' in built && yamlOf(built.objects)).toBe(
      `apiVersion: v1
kind: ConfigMap
metadata:
  name: my-first
---
apiVersion: v1
kind: ConfigMap
metadata:
  annotations:
    helm.sh/hook: pre-install
  name: my-second
  namespace: charts
`,
    );
  });

  it('keep their namespace in 5.8 only', () => {
    const files = app('helmCharts: [{ name: web, releaseName: a }]\nnamespace: mine\n');
    const namespaces = (profile: '5.5' | '5.8') => {
      const { built } = build(files, { profile });
      return 'objects' in built && yamlOf(built.objects).match(/namespace: .*/g);
    };
    expect(namespaces('5.5')).toEqual(['namespace: mine', 'namespace: mine']);
    expect(namespaces('5.8')).toEqual(['namespace: charts']);
  });

  it('are said to be from the template that helm names', () => {
    const { built } = build(app('helmCharts: [{ name: web, releaseName: a }]\n'));
    expect('objects' in built && built.objects.map(({ origin }) => origin.file)).toEqual([
      'app/charts/web/crds/crd.yaml',
      'app/charts/web/templates/cm.yaml',
    ]);
    const bad = { text: '---\n# Source: web/templates/cm.yaml\nkind: ConfigMap\nmetadata: { }\n' };
    expect(errorOf(app('helmCharts: [{ name: web, releaseName: a }]\n'), {}, bad)).toMatchObject({
      file: 'app/charts/web/templates/cm.yaml',
      field: 'metadata.name',
    });
  });

  it('lie where helmGlobals says, below name and version when they were pulled from a repository', () => {
    const files = {
      'app/vendor/web-1.0.0/web/Chart.yaml': '',
      'app/vendor/web-1.0.0/web/values.yaml': 'a: b\n',
      'app/kustomization.yaml':
        'helmGlobals: { chartHome: vendor }\nhelmCharts: [{ name: web, version: 1.0.0, repo: "https://charts.example", releaseName: a }]\n',
    };
    expect(build(files, {}, { text: '' }).asked[0]?.dir).toBe('app/vendor/web-1.0.0/web');
  });

  it('may be asked for by a generator in a file of its own', () => {
    const plugin =
      '{ apiVersion: builtin, kind: HelmChartInflationGenerator, metadata: { name: g }, name: web, releaseName: a }\n';
    const { asked } = build(app('generators: [g.yaml]\n', { 'app/g.yaml': plugin }));
    expect(asked[0]).toMatchObject({ dir: 'app/charts/web', releaseName: 'a' });
  });

  it('are kept with a base, but not while they are waited for', () => {
    const cache = new BuildCache();
    const files = app('resources: [../base]\n', {
      'base/kustomization.yaml':
        'helmGlobals: { chartHome: ../app/charts }\nhelmCharts: [{ name: web, releaseName: a, valuesFile: v.yaml }]\n',
      'base/v.yaml': 'a: b\n',
    });
    const first = build(files, { cache });
    expect(first.rounds).toBe(2);
    expect('objects' in first.built && first.built.objects).toHaveLength(2);
    const again = build(files, { cache });
    expect(again.asked).toEqual([]);
    expect('objects' in again.built && again.built.objects).toHaveLength(2);
    const changed = build({ ...files, 'app/charts/web/templates/cm.yaml': 'kind: Secret\n' }, { cache });
    expect(changed.asked).toHaveLength(1);
    const without = buildKustomization(treeWith(files), 'app', { cache });
    expect('errors' in without && without.errors[0]?.message).toBe('Helm charts are not rendered here');
  });
});

describe('values of a chart', () => {
  const valuesOf = (fields: string, more = {}) =>
    build(app(`helmCharts: [{ name: web, releaseName: a, ${fields} }]\n`, more), {}, { text: '' }).asked[0]
      ?.values;

  it('are those of valuesFile instead of its own, and additional files after them', () => {
    const more = { 'app/a.yaml': 'a: 1\n', 'app/b.yaml': 'b: 1\n' };
    expect(valuesOf('valuesFile: a.yaml, additionalValuesFiles: [b.yaml]', more)).toEqual([
      'a: 1\n',
      'b: 1\n',
    ]);
  });

  it('have inline values over, under or instead of them; a null takes away what is below it', () => {
    const inline = 'valuesInline: { image: { tag: two }, replicas: null, extra: [1] }';
    expect(valuesOf(inline)).toEqual(['{"extra":[1],"image":{"name":"web","tag":"two"}}']);
    expect(valuesOf(`${inline}, valuesMerge: merge`)).toEqual([
      '{"extra":[1],"image":{"name":"web","tag":"one"},"replicas":1}',
    ]);
    expect(valuesOf(`${inline}, valuesMerge: replace`)).toEqual([
      '{"extra":[1],"image":{"tag":"two"},"replicas":null}',
    ]);
  });
});

describe('a chart is refused', () => {
  it('when it is not in the repository, with the way to get it there', () => {
    expect(errorOf(app('helmCharts: [{ name: redis, repo: "https://charts.example" }]\n'))).toMatchObject({
      file: 'app/kustomization.yaml',
      line: 1,
      field: 'helmCharts[0]',
      message: 'there is no chart in app/charts/redis; charts are not downloaded',
      fix: expect.stringContaining('helm pull redis --untar --untardir app/charts'),
    });
  });

  it('when its values lie outside the kustomization, when fields are unknown, when helm refuses it', () => {
    const more = { 'secret.yaml': 'a: 1\n' };
    expect(errorOf(app('helmCharts: [{ name: web, valuesFile: ../secret.yaml }]\n', more))).toMatchObject({
      message: expect.stringContaining('is outside app'),
    });
    expect(errorOf(app('helmCharts: [{ name: web, relaseName: a }]\n'))).toMatchObject({
      fix: 'did you mean releaseName?',
    });
    const errors = [{ file: 'app/charts/web/templates/cm.yaml', message: 'helm: no' }];
    expect(errorOf(app('helmCharts: [{ name: web }]\n'), {}, { errors })).toEqual(errors[0]);
  });

  it('when a file of it is a link', () => {
    const { asked } = build(app('helmCharts: [{ name: web, releaseName: a }]\n'), {}, { text: '' });
    const tree: FileTree = {
      ...treeOf({}),
      readFile: (path) => (path.endsWith('Chart.yaml') ? 'a' : undefined),
      unreadable: (path) => `${path} is a symlink`,
    };
    const found = chartFiles(tree, asked[0]!);
    expect('errors' in found && found.errors.map(({ message }) => message)).toEqual([
      'app/charts/web/templates/cm.yaml is a symlink',
      'app/charts/web/values.yaml is a symlink',
    ]);
  });

  it('has a warning when it has no release name, because kustomize makes up another each time', () => {
    const { built, asked } = build(app('helmCharts: [{ name: web }]\n'));
    expect(asked[0]).not.toHaveProperty('releaseName');
    expect('warnings' in built && built.warnings[0]).toMatchObject({ fix: 'write releaseName' });
  });
});
