import type { Policy } from '@meridian/fleet';
import { expect, test } from 'vitest';
import { compilePolicy } from './compile-policy.ts';
import { policyOf } from './testing/policy-of.ts';

function issues(said: Partial<Policy>) {
  const compiled = compilePolicy(policyOf(said));
  return compiled.ok ? [] : compiled.issues;
}

const validation = (expression: string) => ({ validations: [{ expression }] });

test('a mistake of writing is told with its place in the expression', () => {
  expect(issues(validation('object.spec.replicas >\n  = 2'))).toMatchObject([
    {
      path: ['spec', 'validations', 0, 'expression'],
      message: expect.stringMatching(/^Syntax error: .* \(line 2, column 3 of the expression\)$/) as unknown,
    },
  ]);
});

test('a name that there is not is told with those that there are', () => {
  const [issue] = issues(validation('request.operation == "CREATE"'));
  expect(issue?.message).toBe("undeclared reference to 'request' (line 1, column 1 of the expression)");
  expect(issue?.fix).toContain('there are object');
});

test('fields of the cluster and the application are known', () => {
  expect(issues(validation('cluster.lables.size() == 0'))[0]?.message).toContain("undefined field 'lables'");
  expect(issues(validation("application.labels.team == 'a' && cluster.name != ''"))).toEqual([]);
});

test('what must hold comes to true or false, and a message to text', () => {
  expect(issues(validation('1 + 1'))[0]?.message).toBe('it comes to int, not to bool');
  expect(issues({ validations: [{ expression: 'true', messageExpression: '1' }] })).toMatchObject([
    { path: ['spec', 'validations', 0, 'messageExpression'], message: 'it comes to int, not to string' },
  ]);
});

test('a variable sees those before it, with their types', () => {
  const variables = [
    { name: 'count', expression: '2' },
    { name: 'twice', expression: 'variables.count * 2' },
  ];
  expect(issues({ variables, ...validation('variables.twice == 4') })).toEqual([]);
  expect(issues({ variables: variables.toReversed(), ...validation('true') })).toMatchObject([
    { path: ['spec', 'variables', 0, 'expression'] },
  ]);
  expect(issues({ variables, ...validation("variables.twice == 'a'") })[0]?.message).toContain('overload');
});

test('only the mistake of a variable is told, not those that follow from it', () => {
  const variables = [{ name: 'broken', expression: '1 +' }];
  expect(issues({ variables, ...validation('variables.broken == 1') })).toHaveLength(1);
});

test('two variables of one name are refused', () => {
  const variables = [1, 2].map((value) => ({ name: 'a', expression: String(value) }));
  expect(issues({ variables, ...validation('true') })).toMatchObject([
    { path: ['spec', 'variables', 1, 'name'], message: 'two variables are named a' },
  ]);
});

test('scope bundle sees all objects and no single one, and has no conditions', () => {
  expect(issues({ scope: 'bundle', ...validation('objects.size() > 0') })).toEqual([]);
  expect(issues({ scope: 'bundle', ...validation('object.kind == "A"') })).toHaveLength(1);
  expect(issues(validation('objects.size() > 0'))).toHaveLength(1);
  const conditions = [{ name: 'a', expression: 'true' }];
  expect(issues({ scope: 'bundle', conditions, ...validation('true') })).toMatchObject([
    { path: ['spec', 'matchConditions'] },
  ]);
});

test.each([
  ['nested too deeply', `${'('.repeat(1_000)}true${')'.repeat(1_000)}`],
  ['a pattern that repeats too often', "'a'.matches('((a{1000}){1000}){1000}')"],
  ['a list without an end', `[${'1,'.repeat(1_500)}`],
])('an expression that is %s is refused and nothing else happens', (_, expression) => {
  expect(issues(validation(expression))).toHaveLength(1);
});

test('an expression may be a long chain', () => {
  expect(issues(validation(Array.from({ length: 500 }, () => '1==1').join('&&')))).toEqual([]);
});

test.each([
  ['signs', `${'-'.repeat(4_000)}1 == 1`],
  ['negations', `${'!'.repeat(4_000)}true`],
  ['brackets', `${'('.repeat(1_500)}true${')'.repeat(1_500)}`],
  ['sums', `1${'+1'.repeat(2_000)} == 1`],
])('an expression that nests %s without end is refused', (_, expression) => {
  expect(issues(validation(expression))).toHaveLength(1);
});

test('an expression may be a long chain', () => {
  expect(issues(validation(Array.from({ length: 500 }, () => '1==1').join('&&')))).toEqual([]);
});
