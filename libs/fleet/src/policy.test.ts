import { describe, expect, test } from 'vitest';
import { parseFleetConfig, type ParsedFleetConfig, type PolicyCheck } from './index.ts';

const header = 'apiVersion: meridian.dev/v1alpha1\nkind:';
const base = `${header} Cluster
metadata: { name: eu }
---
${header} RolloutStrategy
metadata: { name: all }
spec: { stages: [{ name: all, clusters: {} }] }
`;
const application = (name: string, project: string) => `---
${header} Application
metadata: { name: ${name}, labels: { project: ${project} } }
spec: { source: { path: ${name} }, placement: {}, namespace: ${name}, rolloutStrategy: all }
`;
const policy = (spec: string, name = 'rule') =>
  `${header} Policy\nmetadata: { name: ${name} }\nspec:\n${spec}`;

function parse(policies: string, check?: PolicyCheck): ParsedFleetConfig {
  const files = [
    { path: 'fleet/base.yaml', text: base + application('serving', 'ml') + application('shop', 'web') },
    { path: 'fleet/policies.yaml', text: policies },
  ];
  return parseFleetConfig(files, check);
}

const names = ({ config }: ParsedFleetConfig) => config.applications.map(({ name }) => name);

test('a policy that says only what must hold is about every object everywhere, and denies', () => {
  const { config, problems } = parse(policy('  validations: [{ expression: "true" }]\n'));
  expect(problems).toEqual([]);
  expect(config.policies).toEqual([
    {
      name: 'rule',
      declaredIn: 'fleet/policies.yaml',
      applications: {},
      clusters: {},
      action: 'deny',
      scope: 'object',
      rules: [{ apiGroups: ['*'], apiVersions: ['*'], kinds: ['*'], resourceNames: ['*'] }],
      exceptions: [],
      objectSelector: {},
      conditions: [],
      params: {},
      variables: [],
      validations: [{ expression: 'true' }],
    },
  ]);
});

test('an unknown field of a policy is told with its line and what was meant', () => {
  const { problems } = parse(policy('  validations:\n    - { expresion: "true" }\n'));
  expect(problems[0]).toMatchObject({
    file: 'fleet/policies.yaml',
    line: 6,
    field: 'spec.validations[0].expression',
  });
  expect(problems[1]).toMatchObject({
    field: 'spec.validations[0].expresion',
    fix: 'did you mean expression?',
  });
});

describe('a broken policy', () => {
  const selecting = '  applications: { matchLabels: { project: ml } }\n';

  test('freezes the applications that it selects, and no others', () => {
    const parsed = parse(policy(`${selecting}  validations: []\n`));
    expect(names(parsed)).toEqual(['shop']);
    expect(parsed.problems).toContainEqual(
      expect.objectContaining({
        application: 'serving',
        message: 'what serving is held to is not certain while fleet/policies.yaml:6 is broken',
        fix: 'mend fleet/policies.yaml:6',
      }),
    );
  });

  test('freezes every application when it does not say which it selects', () => {
    expect(names(parse(policy('  applications: ml\n  validations: []\n')))).toEqual([]);
    expect(names(parse(`${header} Policy\nmetadata: { name: rule }\n`))).toEqual([]);
  });

  test('is one whose expressions are wrong, with the place of the expression', () => {
    const check: PolicyCheck = ({ validations }) =>
      validations.flatMap(({ expression }, index) =>
        expression === 'no' ? [{ path: ['spec', 'validations', index, 'expression'], message: 'wrong' }] : [],
      );
    const parsed = parse(policy(`${selecting}  validations:\n    - expression: "no"\n`), check);
    expect(parsed.problems[0]).toMatchObject({
      file: 'fleet/policies.yaml',
      line: 7,
      field: 'spec.validations[0].expression',
      message: 'wrong',
    });
    expect(parsed.config.policies).toEqual([]);
    expect(names(parsed)).toEqual(['shop']);
  });

  test.each(['Policies', 'policy', 'ClusterPolicy'])('is one that calls itself %s', (kind) => {
    const parsed = parse(`${header} ${kind}\nmetadata: { name: rule }\nspec:\n${selecting}`);
    expect(names(parsed)).toEqual(['shop']);
  });

  test('is one that is declared twice: neither of the two is followed', () => {
    const one = policy(`${selecting}  validations: [{ expression: "true" }]\n`);
    const parsed = parse(`${one}---\n${one}`);
    expect(parsed.problems[0]?.message).toContain('the policy rule is declared twice');
    expect(parsed.config.policies).toEqual([]);
    expect(names(parsed)).toEqual(['shop']);
  });
});
