import { describe, expect, test } from 'vitest';
import { parseFleetConfig, withDeclaredPlace } from './index.ts';

const fleet = (source: string): string => `apiVersion: meridian.dev/v1alpha1
kind: RolloutStrategy
metadata: { name: plain }
spec: { stages: [{ name: all, clusters: {} }] }
---
apiVersion: meridian.dev/v1alpha1
kind: Application
metadata: { name: web }
spec:
  source:
    path: apps/web
${source}
  placement: {}
  namespace: ml
  rolloutStrategy: plain
`;
const parse = (source: string) => parseFleetConfig([{ path: 'fleet/web.yaml', text: fleet(source) }]);

const good = `    variables: true
    overrides:
      - clusters: { matchExpressions: [{ key: gpu, operator: NotIn, values: [none] }] }
        patches:
          - { patch: '- { op: remove, path: /a }', target: { kind: Deployment } }
          - path: patches/small.yaml
      - clusters: {}
        images: [{ name: web, newName: "r.\${cluster.labels.region}/web", newTag: "1" }]
        replicas: [{ name: web, count: 2 }]`;

test('overrides keep their order and what they say', () => {
  const { config, problems } = parse(good);
  expect(problems).toEqual([]);
  expect(config.applications[0]).toMatchObject({ variables: true });
  expect(config.applications[0]?.overrides).toEqual([
    {
      index: 0,
      clusters: { matchExpressions: [{ key: 'gpu', operator: 'NotIn', values: ['none'] }] },
      patches: [
        { patch: '- { op: remove, path: /a }', target: { kind: 'Deployment' } },
        { path: 'patches/small.yaml' },
      ],
      images: [],
      replicas: [],
    },
    {
      index: 1,
      clusters: {},
      patches: [],
      images: [{ name: 'web', newName: 'r.${cluster.labels.region}/web', newTag: '1' }],
      replicas: [{ name: 'web', count: 2 }],
    },
  ]);
});

describe('refused, with line, field and the way out, are', () => {
  test.each<[string, string, string, RegExp]>([
    [
      'an unknown field',
      '{ clusters: {}, patchs: [] }',
      'overrides[0].patchs',
      /unknown field.*did you mean patches/,
    ],
    [
      'an unknown field of a target',
      '{ clusters: {}, patches: [{ path: a, target: { nam: x } }] }',
      'overrides[0].patches[0].target.nam',
      /unknown field.*name/,
    ],
    [
      'an override for no clusters',
      '{ replicas: [{ name: a, count: 1 }] }',
      'overrides[0].clusters',
      /missing.*add/,
    ],
    [
      'an override of nothing',
      '{ clusters: {}, patches: [] }',
      'overrides[0]',
      /changes nothing.*patches, images, replicas or helm.values/,
    ],
    [
      'values for a chart that there is not',
      '{ clusters: {}, helm: { values: { a: 1 } } }',
      'overrides[0].helm',
      /no chart in spec.source.helm; patch its objects/,
    ],
    [
      'a patch that is nothing',
      '{ clusters: {}, patches: [{ target: { kind: a } }] }',
      'overrides[0].patches[0]',
      /neither.*one of the two/,
    ],
    [
      'a patch that is two',
      '{ clusters: {}, patches: [{ path: a, patch: b }] }',
      'overrides[0].patches[0]',
      /both.*one of the two/,
    ],
    [
      'a tag that is a number',
      '{ clusters: {}, images: [{ name: a, newTag: 1.10 }] }',
      'overrides[0].images[0].newTag',
      /text.*quote/,
    ],
    [
      'a count below zero',
      '{ clusters: {}, replicas: [{ name: a, count: -1 }] }',
      'overrides[0].replicas[0].count',
      /at least 0/,
    ],
    [
      'a file above the repository',
      '{ clusters: {}, patches: [{ path: ../../x }] }',
      'overrides[0].patches[0].path',
      /relative path/,
    ],
    [
      'a variable while they are off',
      "{ clusters: {}, images: [{ name: a, newTag: 'x-${cluster.name}' }] }",
      'overrides[0].images[0].newTag',
      /variables are off.*variables: true/,
    ],
    [
      'a patch of megabytes',
      `{ clusters: {}, patches: [{ patch: ${'x'.repeat(70_000)} }] }`,
      'overrides[0].patches[0].patch',
      /at most 65536/,
    ],
    [
      'a key that JavaScript gives a meaning',
      '{ clusters: { matchLabels: { __proto__: a } }, images: [{ name: b }] }',
      '',
      /__proto__/,
    ],
  ])('%s', (_, override, field, said) => {
    const { problems, config } = parse(`    overrides:\n      - ${override}`);
    expect(config.applications).toEqual([]);
    const [problem] = problems;
    expect(problem).toMatchObject({
      file: 'fleet/web.yaml',
      line: 13,
      ...(field === '' ? {} : { field: `spec.source.${field}`, application: 'web' }),
    });
    expect(`${problem?.message}; ${problem?.fix}`).toMatch(said);
  });

  test('more overrides than anybody reads', () => {
    const one = '      - { clusters: {}, replicas: [{ name: a, count: 1 }] }\n';
    const [problem] = parse(`    overrides:\n${one.repeat(101)}`).problems;
    expect(problem?.message).toContain('a list of at most 100');
  });
});

test('a place that a resolver tells in the directory of the application is told in its document', () => {
  const { declarations } = parse(good);
  const declaration = declarations.get('web');
  const at = (place: { file: string; field?: string }) => withDeclaredPlace(place, 'apps/web', declaration);
  expect(at({ file: 'apps/web', field: 'spec.source.overrides[0].patches[1]' })).toEqual({
    file: 'fleet/web.yaml',
    line: 17,
    field: 'spec.source.overrides[0].patches[1]',
  });
  expect(at({ file: 'apps/web', field: 'spec.source.overrides[1].images[0].nothing' })).toMatchObject({
    line: 19,
  });
  const other = { file: 'apps/web/a.yaml', field: 'spec.replicas' };
  expect(at(other)).toBe(other);
  expect(at({ file: 'apps/web' })).toEqual({ file: 'apps/web' });
});
