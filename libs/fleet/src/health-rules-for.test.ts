import { expect, test } from 'vitest';
import { parseFleetConfig } from './fleet-config.ts';
import { withNeededHealth } from './health-rules-for.ts';

const strategy = `apiVersion: meridian.dev/v1alpha1
kind: RolloutStrategy
metadata: { name: all }
spec: { stages: [{ name: all, clusters: {} }] }
`;
const application = (name: string, team: string) => `apiVersion: meridian.dev/v1alpha1
kind: Application
metadata: { name: ${name}, labels: { team: ${team} } }
spec: { source: { path: ${name} }, placement: {}, namespace: ml, rolloutStrategy: all }
`;
const rule = (name: string, more = '', kind = 'Model') => `apiVersion: meridian.dev/v1alpha1
kind: HealthRule
metadata: { name: ${name} }
spec:
  resourceRules: [{ apiGroups: [ml.example.com], kinds: [${kind}] }]
  checks: [{ expression: "true", health: Healthy${more} }]
`;
const parse = (rules: string, check: Parameters<typeof parseFleetConfig>[2] = () => []) =>
  parseFleetConfig(
    [
      { path: 'fleet/strategy.yaml', text: strategy },
      { path: 'fleet/web.yaml', text: application('web', 'ml') },
      { path: 'fleet/api.yaml', text: application('api', 'core') },
      { path: 'fleet/zz-rules.yaml', text: rules },
    ],
    undefined,
    check,
  );
const rulesOf = ({ config }: ReturnType<typeof parse>) =>
  Object.fromEntries(
    config.applications.map(({ name, syncPolicy }) => [
      name,
      (syncPolicy.rules?.health ?? []).map((each) => each.name),
    ]),
  );
const forMl = '  applications: { matchLabels: { team: ml } }\n';

test('a rule is for all applications, or for those that it selects', () => {
  const parsed = parse(`${rule('for-all')}---\n${rule('for-ml')}${forMl}`);
  expect(parsed.problems).toEqual([]);
  expect(rulesOf(parsed)).toEqual({ web: ['for-all', 'for-ml'], api: ['for-all'] });
});

test('a rule that cannot be read freezes the applications that it selects, and no others', () => {
  const issue = { path: ['spec', 'checks', 0, 'expression'], message: 'undeclared name' };
  const parsed = parse(`${rule('for-ml')}${forMl}`, () => [issue]);
  expect(rulesOf(parsed)).toEqual({ api: [] });
  expect(parsed.problems).toMatchObject([
    { file: 'fleet/zz-rules.yaml', field: 'spec.checks[0].expression', message: 'undeclared name' },
    { application: 'web', message: expect.stringContaining('fleet/zz-rules.yaml') as string },
  ]);
  expect(rulesOf(parse(rule('x').replace('checks:', 'check:')))).toEqual({});
});

test('of two rules of one name neither is certain', () => {
  const parsed = parse(`${rule('twice')}${forMl}---\n${rule('twice')}${forMl}`);
  expect(rulesOf(parsed)).toEqual({ api: [] });
});

test('more rules than an assignment has room for are refused at the application', () => {
  const long = `, message: "${'x'.repeat(1_000)}"`;
  const many = Array.from({ length: 50 }, (_, index) => rule(`r${index}`, long) + forMl).join('---\n');
  const parsed = parse(many);
  expect(rulesOf(parsed)).toEqual({ api: [] });
  expect(parsed.problems).toMatchObject([
    { application: 'web', file: 'fleet/web.yaml', message: expect.stringContaining('49152') as string },
  ]);
});

test('only rules for kinds that an application has travel with it', () => {
  const { config } = parse(`${rule('model')}---\n${rule('server', '', 'Server')}`);
  const { rules = {} } = config.applications[0]?.syncPolicy ?? {};
  const named = (keys: readonly string[]) => withNeededHealth(rules, keys)?.health?.map(({ name }) => name);
  expect(named(['ml.example.com/Model/ml/a', '/ConfigMap/ml/a'])).toEqual(['model']);
  expect(named(['ml.example.com/Server/ml/a', 'ml.example.com/Model/ml/a'])).toEqual(['model', 'server']);
  expect(withNeededHealth(rules, ['other.example.com/Model/ml/a'])).toBeUndefined();
  expect(withNeededHealth({ ...rules, replaceImmutable: true }, [])).toEqual({ replaceImmutable: true });
});
