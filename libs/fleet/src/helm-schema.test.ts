import { describe, expect, it } from 'vitest';
import { parseFleetConfig } from './fleet-config.ts';

const strategy = `apiVersion: meridian.dev/v1alpha1
kind: RolloutStrategy
metadata: { name: plain }
spec: { stages: [{ name: all, clusters: {} }] }
`;
const parsed = (source: string) =>
  parseFleetConfig([
    { path: 'fleet/s.yaml', text: strategy },
    {
      path: 'fleet/redis.yaml',
      text: `apiVersion: meridian.dev/v1alpha1
kind: Application
metadata: { name: redis }
spec:
  placement: {}
  namespace: data
  rolloutStrategy: plain
  source:
    path: apps/redis
${source}`,
    },
  ]);

describe('the chart of an application', () => {
  it('is read with the defaults of what is not said', () => {
    const { config, problems } = parsed('    helm: {}\n');
    expect(problems).toEqual([]);
    expect(config.applications[0]?.helm).toEqual({
      chart: '.',
      releaseName: 'redis',
      valuesFiles: [],
      values: {},
      apiVersions: [],
    });
  });

  it('keeps values as they are written', () => {
    const { config } = parsed('    helm:\n      values: { auth: { enabled: false, keys: [a, 1, null] } }\n');
    expect(config.applications[0]?.helm?.values).toEqual({ auth: { enabled: false, keys: ['a', 1, null] } });
  });

  it.each([
    ['      chart: /etc/chart', 'spec.source.helm.chart', 'a relative path below spec.source.path'],
    ['      chart: ../chart', 'spec.source.helm.chart', 'a relative path below spec.source.path'],
    ['      releaseName: --set', 'spec.source.helm.releaseName', 'at most 53 characters'],
    ['      kubeVersion: --post-renderer=x', 'spec.source.helm.kubeVersion', 'a version such as v1.34.0'],
    ['      valuesFiles: [../../values.yaml]', 'spec.source.helm.valuesFiles[0]', 'a relative path'],
    ['      values: [1]', 'spec.source.helm.values', 'a mapping'],
    ['      valueFiles: []', 'spec.source.helm.valueFiles', 'unknown field'],
  ])('is refused with its line and field: %s', (line, field, message) => {
    const { config, problems } = parsed(`    helm:\n${line}\n`);
    expect(config.applications).toEqual([]);
    expect(problems).toMatchObject([
      {
        application: 'redis',
        file: 'fleet/redis.yaml',
        line: 11,
        field,
        message: expect.stringContaining(message),
      },
    ]);
  });

  it('is refused beside overlays, which have charts in their kustomizations', () => {
    const { problems } = parsed('    overlays: [base]\n    helm: {}\n');
    expect(problems).toMatchObject([
      { field: 'spec.source.overlays', line: 10, message: 'spec.source has both helm and overlays' },
    ]);
  });

  it('is refused with keys that JavaScript gives a meaning of its own', () => {
    const { config, problems } = parsed('    helm:\n      values: { __proto__: { a: 1 } }\n');
    expect(config.applications).toEqual([]);
    expect(problems[0]).toMatchObject({ file: 'fleet/redis.yaml', line: 11 });
  });

  const overridden = (helm: string, more = '') =>
    parsed(`    helm: {}\n${more}    overrides:\n      - clusters: {}\n        helm: ${helm}\n`);

  it('has values in overrides, as they are written', () => {
    const { config, problems } = overridden('{ values: { a: { b: null, c: [1, x] } } }');
    expect(problems).toEqual([]);
    expect(config.applications[0]?.overrides?.[0]).toMatchObject({
      helm: { values: { a: { b: null, c: [1, 'x'] } } },
    });
  });

  it.each([
    ['{ values: {} }', 'spec.source.overrides[0]', /changes nothing/],
    ['{}', 'spec.source.overrides[0].helm.values', /missing/],
    ['{ values: { a: 1 }, chart: x }', 'spec.source.overrides[0].helm.chart', /unknown field/],
    ['{ values: { a: "${cluster.name}" } }', 'spec.source.overrides[0].helm.values.a', /variables are off/],
    [`{ values: { a: ${'x'.repeat(70_000)} } }`, 'spec.source.overrides[0].helm.values', /longer than 65536/],
  ])('refuses values of overrides that are off, with line and field (case %#)', (helm, field, message) => {
    const { config, problems } = overridden(helm);
    expect(config.applications).toEqual([]);
    expect(problems[0]).toMatchObject({ field, message: expect.stringMatching(message) });
    expect(problems[0]?.line).toBeGreaterThan(11);
    expect(overridden('{ values: { a: "${cluster.name}" } }', '    variables: true\n').problems).toEqual([]);
  });
});
