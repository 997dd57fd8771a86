import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@meridian/runtime';
import { requirePart, tempDir } from '@meridian/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openHelm } from './helm.ts';
import type { Helm } from './helm.ts';
import type { Chart, HelmLimits } from './chart.ts';

const never = new AbortController().signal;
const open = (limits: Partial<HelmLimits> = {}) =>
  openHelm({ program: requirePart('helm'), clock: systemClock, limits }, never);

const manifest = 'apiVersion: v2\nname: web\nversion: 1.0.0\n';
const configMap = (data: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: {{ .Release.Name }} }\ndata:\n  value: ${data}\n`;

function chart(files: { readonly [path: string]: string }, more: Partial<Chart> = {}): Chart {
  return {
    dir: 'apps/web/chart',
    files: new Map(Object.entries({ 'Chart.yaml': manifest, ...files })),
    values: [],
    releaseName: 'shop',
    apiVersions: [],
    includeCrds: true,
    skipHooks: false,
    skipTests: false,
    ...more,
  };
}
const template = (data: string, more: Partial<Chart> = {}) =>
  chart({ 'templates/cm.yaml': configMap(data) }, more);

let helm: Helm;
beforeAll(async () => {
  helm = await open();
});
afterAll(() => helm[Symbol.asyncDispose]());

const textOf = async (each: Chart, by = helm) => {
  const rendered = await by.render(each, never);
  if ('errors' in rendered) throw new Error(JSON.stringify(rendered.errors));
  return rendered.text;
};
const errorOf = async (each: Chart, by = helm) => {
  const rendered = await by.render(each, never);
  if ('errors' in rendered) return rendered.errors[0];
  throw new Error(`rendered: ${rendered.text}`);
};

describe('a chart', () => {
  it('is rendered with its release, its namespace and its values, a later file over an earlier one', async () => {
    const text = await textOf(
      template('{{ .Release.Namespace }} {{ .Values.a }} {{ .Values.b }} {{ .Values.c }}', {
        namespace: 'store',
        values: ['a: one\nb: one\n', 'b: two\n'],
        files: new Map([
          ['Chart.yaml', manifest],
          ['values.yaml', 'a: zero\nc: zero\n'],
          [
            'templates/cm.yaml',
            configMap('{{ .Release.Namespace }} {{ .Values.a }}{{ .Values.b }}{{ .Values.c }}'),
          ],
        ]),
      }),
    );
    expect(text).toContain('# Source: web/templates/cm.yaml');
    expect(text).toContain('name: shop');
    expect(text).toContain('value: store onetwozero');
  });

  it('keeps its hooks, its custom resource definitions and the charts below charts/', async () => {
    const files = {
      'crds/crd.yaml': 'kind: CustomResourceDefinition\n',
      'templates/hook.yaml': `${configMap('a')}`.replace(
        'metadata: {',
        'metadata: { annotations: { helm.sh/hook: pre-install },',
      ),
      'Chart.yaml': `${manifest}dependencies: [{ name: below, version: 1.0.0 }]\n`,
      'charts/below/Chart.yaml': manifest.replace('web', 'below'),
      'charts/below/templates/cm.yaml': configMap('of-below'),
    };
    const text = await textOf(chart(files));
    expect(text).toContain('kind: CustomResourceDefinition');
    expect(text).toContain('helm.sh/hook: pre-install');
    expect(text).toContain('of-below');
    const without = await textOf(chart(files, { includeCrds: false, skipHooks: true }));
    expect(without).not.toContain('CustomResourceDefinition');
    expect(without).not.toContain('helm.sh/hook');
  });

  it('sees the Kubernetes version and the API versions that it is told', async () => {
    const seen = '{{ .Capabilities.KubeVersion }} {{ .Capabilities.APIVersions.Has "x.dev/v1" }}';
    const text = await textOf(template(seen, { kubeVersion: 'v1.29.3', apiVersions: ['x.dev/v1'] }));
    expect(text).toContain('value: v1.29.3 true');
  });

  it('finds nothing in a cluster and nothing by DNS', async () => {
    const seen = '"{{ len (lookup "v1" "Secret" "a" "b") }}{{ getHostByName "localhost" }}"';
    expect(await textOf(template(seen))).toContain('value: "0"');
  });
});

describe('a chart is refused', () => {
  it('at the line of the template that fails', async () => {
    expect(await errorOf(template('{{ required "name the model" .Values.model }}'))).toMatchObject({
      file: 'apps/web/chart/templates/cm.yaml',
      line: 5,
      message: expect.stringContaining('name the model'),
    });
    expect(await errorOf(template('{{ if }}'))).toMatchObject({
      file: 'apps/web/chart/templates/cm.yaml',
      line: 5,
    });
  });

  it('when a chart that it needs is not beside it, with how to get it there', async () => {
    const files = {
      'Chart.yaml': `${manifest}dependencies: [{ name: redis, version: 1.0.0, repository: "https://charts.example" }]\n`,
    };
    expect(await errorOf(chart(files))).toMatchObject({
      file: 'apps/web/chart/Chart.yaml',
      message: expect.stringContaining('needs redis'),
      fix: expect.stringContaining('helm dependency update apps/web/chart'),
    });
  });

  it('when it gives something else each time, by chance, by keys or by the clock', async () => {
    for (const data of [
      '{{ randAlphaNum 8 }}',
      '{{ genPrivateKey "ed25519" | b64enc }}',
      '{{ now | unixEpoch }}',
    ])
      expect(await errorOf(template(data))).toMatchObject({
        file: 'apps/web/chart/templates/cm.yaml',
        message: expect.stringContaining('something else each time'),
      });
  });

  it('when values do not fit its schema', async () => {
    const schema = '{ "type": "object", "properties": { "replicas": { "type": "integer" } } }';
    const files = { 'values.schema.json': schema, 'templates/cm.yaml': configMap('a') };
    expect(await errorOf(chart(files, { values: ['replicas: many\n'] }))).toMatchObject({
      message: expect.stringContaining('replicas'),
    });
  });

  it('when its names could be taken for options of helm, or its paths lead out', async () => {
    expect(await errorOf(template('a', { releaseName: '--post-renderer=/bin/sh' }))).toMatchObject({
      field: 'releaseName',
    });
    expect(await errorOf(chart({ '../../escaped': '' }))).toMatchObject({
      message: expect.stringContaining('escaped'),
    });
    expect(await errorOf(chart({ 'templates/..': '' }))).toMatchObject({
      message: expect.stringContaining('refused'),
    });
  });
});

it('empties the directory that it is given, which a killed process may have left full', async () => {
  await using folder = await tempDir('helm-directory');
  const directory = join(folder.path, 'helm');
  mkdirSync(join(directory, 'chart-old'), { recursive: true });
  await using own = await openHelm({ program: requirePart('helm'), clock: systemClock, directory }, never);
  expect(readdirSync(directory)).toEqual(['helm']);
  expect(await textOf(template('a'), own)).toContain('value: a');
  expect(readdirSync(directory)).toEqual(['helm']);
});

describe('the jail', () => {
  it('has no network and no files but those of the chart, where the system gives namespaces', async ({
    skip,
  }) => {
    if (!helm.jail.files) skip('no user namespaces on this machine');
    for (const url of ['http://203.0.113.1/schema.json', 'file:///etc/passwd', 'file:///etc/hostname']) {
      const files = {
        'values.schema.json': JSON.stringify({ $ref: url }),
        'templates/cm.yaml': configMap('a'),
      };
      expect(await errorOf(chart(files))).toMatchObject({
        message: expect.stringMatching(/unreachable|no such file|refused/),
      });
    }
  });

  it('ends a chart that never ends', async () => {
    await using quick = await open({ timeMs: 1_500 });
    const endless = '{{ range until 1000000 }}{{ range until 1000000 }}{{ end }}{{ end }}';
    expect(await quick.render(template(endless), never)).toMatchObject({
      errors: [{ message: expect.stringContaining('longer than 1500 ms') }],
      isLimit: true,
    });
  });

  it('ends a chart that gives too much', async () => {
    await using small = await open({ outputBytes: 100_000 });
    expect(await errorOf(template('{{ repeat 200000 "a" }}'), small)).toMatchObject({
      message: expect.stringContaining('more than 100000 bytes'),
    });
  });

  it('ends a chart that takes too much memory', async ({ skip }) => {
    if (!helm.jail.memory) skip('no limits of memory on this machine');
    await using small = await open({ memoryBytes: 200 * 1024 * 1024 });
    const greedy = '{{ $a := repeat 100000000 "a" }}{{ $b := repeat 9 $a }}{{ len (upper $b) }}';
    expect(await small.render(template(greedy), never)).toMatchObject({
      errors: [{ message: expect.stringContaining('memory') }],
      isLimit: true,
    });
  });

  it('stops when the signal aborts', async () => {
    const stopping = new AbortController();
    const rendering = helm.render(template('a'), stopping.signal);
    stopping.abort(new Error('stop'));
    await expect(rendering).rejects.toThrow('stop');
  });
});
