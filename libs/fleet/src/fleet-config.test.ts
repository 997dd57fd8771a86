import { describe, expect, test } from 'vitest';
import { parseFleetConfig, type ParsedFleetConfig } from './index.ts';

const cluster = (name: string, labels = `region: ${name}, tier: prod`): string =>
  `apiVersion: meridian.dev/v1alpha1\nkind: Cluster\nmetadata: { name: ${name}, labels: { ${labels} } }\n`;

const application = (name: string, strategy = 'by-region'): string => `apiVersion: meridian.dev/v1alpha1
kind: Application
metadata: { name: ${name} }
spec:
  source:
    path: applications/${name}/
    overlays: ['overlays/{cluster.name}', 'base']
  placement: { matchLabels: { tier: prod } }
  namespace: ml-serving
  rolloutStrategy: ${strategy}
  syncPolicy:
    prune: true
    deletionBudget: 25%
`;

const strategy = (name: string): string => `apiVersion: meridian.dev/v1alpha1
kind: RolloutStrategy
metadata: { name: ${name} }
spec:
  stages:
    - name: canary
      clusters: { matchLabels: { region: us-west-2 } }
      maxConcurrent: 1
      soak: 1h30m
    - name: rest
      clusters: { matchExpressions: [{ key: region, operator: NotIn, values: [us-west-2] }] }
      maxConcurrent: 50%
  progressDeadline: 5m
  failureBudget: 1
`;

const good = {
  'fleet/clusters.yaml': `${cluster('us-east-1')}---\n${cluster('us-west-2')}`,
  'fleet/strategies.yaml': `${strategy('by-region')}---\n${strategy('other')}`,
  'fleet/applications/one.yaml': application('one'),
  'fleet/applications/two.yaml': application('two', 'other'),
};

function parse(changes: { readonly [path: string]: string } = {}): ParsedFleetConfig {
  const files = { ...good, 'fleet/README.md': '# not configuration', ...changes };
  return parseFleetConfig(Object.entries(files).map(([path, text]) => ({ path, text })));
}

const names = (parsed: ParsedFleetConfig): string[] => parsed.config.applications.map(({ name }) => name);

test('whole documents become clusters, applications and strategies, with defaults', () => {
  const { config, problems, origins, incomplete } = parse();
  expect(problems).toEqual([]);
  expect(incomplete).toBe(false);
  expect(config.clusters).toContainEqual({
    name: 'us-west-2',
    labels: { region: 'us-west-2', tier: 'prod' },
  });
  expect(config.applications[0]).toEqual({
    name: 'one',
    labels: {},
    path: 'applications/one',
    overlays: ['overlays/{cluster.name}', 'base'],
    placement: { matchLabels: { tier: 'prod' } },
    namespace: 'ml-serving',
    rolloutStrategy: 'by-region',
    syncPolicy: { prune: true, selfHeal: true, createNamespace: false, deletionBudget: '25%' },
  });
  expect(config.strategies[0]).toEqual({
    name: 'by-region',
    stages: [
      {
        name: 'canary',
        clusters: { matchLabels: { region: 'us-west-2' } },
        maxConcurrent: 1,
        soakMs: 5_400_000,
      },
      {
        name: 'rest',
        clusters: { matchExpressions: [{ key: 'region', operator: 'NotIn', values: ['us-west-2'] }] },
        maxConcurrent: '50%',
        soakMs: 0,
      },
    ],
    progressDeadlineMs: 300_000,
    failureBudget: 1,
  });
  expect(origins).toEqual({ one: 'fleet/applications/one.yaml', two: 'fleet/applications/two.yaml' });
});

test('the order of the files does not matter', () => {
  const files = Object.entries(good).map(([path, text]) => ({ path, text }));
  const [reversed, sorted] = [[...files].reverse(), files].map((each) => {
    const { declarations, ...parsed } = parseFleetConfig(each);
    return { ...parsed, declared: [...declarations].map(([name, { file }]) => [name, file]) };
  });
  expect(reversed).toEqual(sorted);
});

describe('a mistake in an application', () => {
  test.each([
    [
      'an unknown field',
      '  namespace: ml-serving',
      '  namspace: ml-serving',
      9,
      'spec.namspace',
      /namespace/,
    ],
    ['a nested unknown field', '    prune: true', '    prun: true', 12, 'spec.syncPolicy.prun', /prune/],
    ['a wrong type', '    prune: true', '    prune: "true"', 12, 'spec.syncPolicy.prune', undefined],
    ['a bad percentage', '25%', '250%', 13, 'spec.syncPolicy.deletionBudget', undefined],
    [
      'an unknown policy for a field manager',
      'deletionBudget: 25%',
      'fieldManagers: [{ manager: tuner, policy: take }]',
      13,
      'spec.syncPolicy.fieldManagers[0].policy',
      undefined,
    ],
    ['a path out of the repo', 'applications/one/', '../one', 6, 'spec.source.path', undefined],
    ['an absolute path', 'applications/one/', '/etc', 6, 'spec.source.path', undefined],
    ['an overlay out of the repo', "'base'", "'a/../../b'", 7, 'spec.source.overlays[1]', undefined],
    [
      'a number where a label is text',
      'tier: prod',
      'tier: 1',
      8,
      'spec.placement.matchLabels.tier',
      /quote/,
    ],
    ['a misspelled selector', 'matchLabels', 'matchLabel', 8, 'spec.placement.matchLabel', /matchLabels/],
    [
      'an unknown strategy',
      'Strategy: by-region',
      'Strategy: by-regoin',
      10,
      'spec.rolloutStrategy',
      /by-region/,
    ],
    ['a namespace that is no name', 'ml-serving', 'ML_Serving', 9, 'spec.namespace', undefined],
  ])('%s freezes that application alone, with line, field and fix', (...row) => {
    const [, from, to, line, field, fix] = row;
    const parsed = parse({ 'fleet/applications/one.yaml': application('one').replace(from, to) });
    expect(names(parsed)).toEqual(['two']);
    const problem = parsed.problems.find((each) => each.field === field);
    expect(problem).toMatchObject({ file: 'fleet/applications/one.yaml', line, application: 'one' });
    if (fix) expect(problem?.fix).toMatch(fix);
    expect(parsed.problems.every((each) => each.application === 'one')).toBe(true);
    expect(parsed.origins['one']).toBe('fleet/applications/one.yaml');
  });

  test('rules for field managers are taken in their order', () => {
    const rules = '[{ manager: hand, policy: fail }, { manager: "kubectl-*", policy: adopt }]';
    const text = application('one').replace('deletionBudget: 25%', `fieldManagers: ${rules}`);
    const { config, problems } = parse({ 'fleet/applications/one.yaml': text });
    expect(problems).toEqual([]);
    expect(config.applications[0]?.syncPolicy.fieldManagers).toEqual([
      { manager: 'hand', policy: 'fail' },
      { manager: 'kubectl-*', policy: 'adopt' },
    ]);
  });

  test('a misspelled kind freezes the application it names', () => {
    const parsed = parse({
      'fleet/applications/one.yaml': application('one').replace('kind: Application', 'kind: Aplication'),
    });
    expect(names(parsed)).toEqual(['two']);
    expect(parsed.problems).toEqual([
      expect.objectContaining({ application: 'one', field: 'kind', fix: 'did you mean Application?' }),
    ]);
    expect(parsed.incomplete).toBe(true);
  });

  test('an unreadable name freezes what the file is known for, and nothing may be withdrawn', () => {
    const parsed = parse({ 'fleet/applications/one.yaml': application('One') });
    expect(parsed.problems).toEqual([
      expect.objectContaining({ file: 'fleet/applications/one.yaml', line: 3, field: 'metadata.name' }),
    ]);
    expect(parsed.problems[0]).not.toHaveProperty('application');
    expect(parsed.incomplete).toBe(true);
  });

  test('two documents of one name freeze that application, whichever is right', () => {
    const parsed = parse({ 'fleet/applications/three.yaml': application('one') });
    expect(names(parsed)).toEqual(['two']);
    expect(parsed.problems[0]).toMatchObject({
      application: 'one',
      file: 'fleet/applications/three.yaml',
      message: expect.stringContaining('fleet/applications/one.yaml:1'),
    });
  });

  test('a broken second document of a name freezes the first as well', () => {
    const parsed = parse({
      'fleet/applications/three.yaml': `${application('one')}  oops: 1\n`.replace('  oops', 'oops'),
    });
    expect(names(parsed)).toEqual(['two']);
  });
});

test('a file that cannot be read names file and line and no application; the others stay', () => {
  const parsed = parse({ 'fleet/applications/one.yaml': `${application('one')}   bad: [\n` });
  expect(names(parsed)).toEqual(['two']);
  expect(parsed.problems).toHaveLength(1);
  expect(parsed.problems[0]).toMatchObject({ file: 'fleet/applications/one.yaml', line: expect.any(Number) });
  expect(parsed.problems[0]).not.toHaveProperty('application');
  expect(parsed.incomplete).toBe(true);
});

describe('a mistake in a strategy', () => {
  test.each([
    ['a bad duration', 'soak: 1h30m', 'soak: 90 minutes', 'spec.stages[0].soak'],
    ['an endless deadline', 'progressDeadline: 5m', 'progressDeadline: 0s', 'spec.progressDeadline'],
    ['two stages of one name', 'name: rest', 'name: canary', 'spec.stages[1].name'],
    ['no stage', /stages:[\s\S]*progress/, 'stages: []\n  progress', 'spec.stages'],
    ['nobody at once', 'maxConcurrent: 1', 'maxConcurrent: 0', 'spec.stages[0].maxConcurrent'],
    [
      'an operator that does not exist',
      'NotIn',
      'Not',
      'spec.stages[1].clusters.matchExpressions[0].operator',
    ],
  ])('%s freezes the applications that use it and no other', (_, from, to, field) => {
    const parsed = parse({
      'fleet/strategies.yaml': `${strategy('by-region').replace(from, to)}---\n${strategy('other')}`,
    });
    expect(names(parsed)).toEqual(['two']);
    expect(parsed.config.strategies.map(({ name }) => name)).toEqual(['other']);
    expect(parsed.problems).toContainEqual(expect.objectContaining({ file: 'fleet/strategies.yaml', field }));
    expect(parsed.problems).toContainEqual(
      expect.objectContaining({
        application: 'one',
        field: 'spec.rolloutStrategy',
        fix: expect.stringContaining('fleet/strategies.yaml'),
      }),
    );
  });

  test('a strategy declared twice cannot be used', () => {
    const parsed = parse({ 'fleet/more.yaml': strategy('other') });
    expect(names(parsed)).toEqual(['one']);
  });
});

describe('a mistake in a cluster freezes every application, because no placement is certain', () => {
  test.each([
    ['an unknown field', { 'fleet/clusters.yaml': `${cluster('us-east-1')}spec: { size: 1 }\n` }],
    ['a duplicate', { 'fleet/more.yaml': cluster('us-east-1') }],
    ['unreadable YAML', { 'fleet/clusters.yaml': `${cluster('us-east-1')}  x: [\n` }],
    ['a file that says nothing of its kind', { 'fleet/clusters.yaml': '<<<<<<< HEAD\n' }],
    [
      'a misspelled kind',
      { 'fleet/more.yaml': cluster('eu-west-1').replace('kind: Cluster', 'kind: Clsuter') },
    ],
  ])('%s', (_, changes: { readonly [path: string]: string }) => {
    const parsed = parse(changes);
    expect(names(parsed)).toEqual([]);
    expect(new Set(parsed.problems.map((each) => each.application))).toEqual(
      new Set([undefined, 'one', 'two']),
    );
    expect(parsed.incomplete).toBe(true);
  });
});

test('keys with a meaning in JavaScript are refused and pollute nothing', () => {
  const parsed = parse({
    'fleet/applications/one.yaml': application('one').replace(
      'matchLabels: {',
      'matchLabels: { __proto__: x,',
    ),
  });
  expect(names(parsed)).toEqual(['two']);
  expect(({} as { tier?: unknown }).tier).toBeUndefined();
});
