import type { Policy } from '@meridian/fleet';
import type { KubeObject } from '@meridian/manifests';
import { describe, expect, test } from 'vitest';
import { Judge } from './index.ts';
import { judged } from './testing/judged.ts';
import { policyOf } from './testing/policy-of.ts';

const map = (name: string, data: object = {}, more: object = {}): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'ml', ...more },
    data,
  }) as unknown as KubeObject;

const validation = (expression: string, more: object = {}) => ({ validations: [{ expression, ...more }] });

function judgement(said: Partial<Policy>, objects: readonly KubeObject[] = [map('one')]) {
  return new Judge().judge([policyOf(said)], judged(objects));
}
const messages = (said: Partial<Policy>, objects?: readonly KubeObject[]) =>
  judgement(said, objects).errors.map(({ message }) => message);

describe('a violation', () => {
  test('names the policy, the object, its file and line, the field, the cluster and the way out', () => {
    const said = validation('object.data.size() > 0', { message: 'it is empty', fieldPath: '.data' });
    expect(judgement(said)).toEqual({
      warnings: [],
      errors: [
        {
          file: 'applications/serving/web.yaml',
          line: 1,
          field: '.data',
          cluster: 'eu-west-1',
          message: 'policy rule: ConfigMap ml/one: it is empty',
          fix:
            'mend it, or change the policy rule in fleet/policies.yaml; in a checkout, which file set it: ' +
            'meridian build --application serving --cluster NAME --explain configmap/one .data',
        },
      ],
    });
  });

  test('is a warning when the policy only warns', () => {
    const { errors, warnings } = judgement({ action: 'warn', ...validation('false') });
    expect(errors).toEqual([]);
    expect(warnings).toHaveLength(1);
  });

  test('tells the message that is computed, else the written one, else the expression', () => {
    const computed = { messageExpression: "'no data in ' + object.metadata.name" };
    expect(messages(validation('false', computed))).toEqual([
      'policy rule: ConfigMap ml/one: no data in one',
    ]);
    const failing = { messageExpression: 'object.nothing', message: 'written' };
    expect(messages(validation('false', { ...failing, messageExpression: "object.nothing + ''" }))).toEqual([
      'policy rule: ConfigMap ml/one: written',
    ]);
    expect(messages(validation('1 ==\n  2'))).toEqual([
      'policy rule: ConfigMap ml/one: failed expression: 1 == 2',
    ]);
  });

  test('of thousands is told of the first ones, with the count of the others', () => {
    const objects = Array.from({ length: 1_000 }, (_, index) => map(`m${String(index)}`));
    const told = messages(validation('false'), objects);
    expect(told).toHaveLength(20);
    expect(told.at(-1)).toBe(
      'policy rule: ConfigMap ml/m19: failed expression: false (and 980 more of this policy)',
    );
  });
});

describe('what a policy is about', () => {
  const rule = { apiGroups: ['*'], apiVersions: ['*'], kinds: ['*'], resourceNames: ['*'] };
  const apps = { ...rule, apiGroups: ['apps'] };
  const deployment = { ...map('web'), apiVersion: 'apps/v1', kind: 'Deployment' } as KubeObject;

  test.each<[string, Partial<Policy>, number]>([
    ['groups', { rules: [apps] }, 1],
    ['the core group', { rules: [{ ...rule, apiGroups: [''] }] }, 1],
    ['versions', { rules: [{ ...rule, apiVersions: ['v2'] }] }, 0],
    ['kinds', { rules: [{ ...rule, kinds: ['ConfigMap', 'Deployment'] }] }, 2],
    ['names', { rules: [{ ...rule, resourceNames: ['web'] }] }, 1],
    ['any of its rules', { rules: [apps, { ...rule, kinds: ['ConfigMap'] }] }, 2],
    ['exceptions', { exceptions: [apps] }, 1],
    ['labels', { objectSelector: { matchLabels: { app: 'web' } } }, 0],
    ['conditions', { conditions: [{ name: 'maps', expression: "object.kind == 'ConfigMap'" }] }, 1],
  ])('is chosen by %s', (_, said, count) => {
    expect(messages({ ...said, ...validation('false') }, [map('one'), deployment])).toHaveLength(count);
  });
});

test('expressions see the place and the parameters', () => {
  const seen =
    "cluster.name == 'eu-west-1' && cluster.labels.tier == 'prod' && application.name == 'serving'";
  const more = "application.labels.project == 'ml' && application.namespace == 'ml' && params.most == 3";
  expect(messages({ params: { most: 3 }, ...validation(`${seen} && ${more}`) })).toEqual([]);
});

test('scope bundle sees everything that the policy is about, at once', () => {
  const said = { scope: 'bundle' as const, ...validation('objects.size() == 2', { message: 'not two' }) };
  expect(messages(said, [map('one'), map('two')])).toEqual([]);
  expect(judgement(said, [map('one')]).errors).toMatchObject([
    { file: 'applications/serving', message: 'policy rule: not two' },
  ]);
  expect(messages(said, [])).toEqual([]);
});

test('a list of containers where no kind has one hides no pod spec below it', () => {
  const pod = { containers: [{ name: 'web', image: 'evil/web' }] };
  const decoy = { containers: [{ name: 'decoy' }], spec: { template: { spec: pod } } };
  const told = messages(
    validation("containers(object).all(one, !has(one.image) || !one.image.startsWith('evil/'))"),
    [{ ...map('one'), ...decoy }],
  );
  expect(told).toHaveLength(1);
});

test('values of Secrets are not seen, so that no message can tell them', () => {
  const secret = { ...map('key', { token: 'aHVudGVyMg==' }), kind: 'Secret' } as KubeObject;
  const told = messages(validation('false', { messageExpression: 'string(object.data.token)' }), [secret]);
  expect(told).toEqual(['policy rule: Secret ml/key: ***']);
});

describe('what cannot be evaluated is denied', () => {
  test.each([
    ['object.metadata.labels.team == "a"', 'no such key: labels'],
    ['int(object.metadata.name) == 1', "type conversion error from 'string' to 'int'"],
    ['object.data == 3 / (object.data.size() - 0)', ''],
  ])('%s', (expression, why) => {
    const [message] = messages(validation(expression));
    expect(message).toContain('cannot be evaluated');
    expect(message).toContain(why);
  });

  test('functions that meet a value of another type than the first one', () => {
    const [message] = messages({ params: { mixed: [1, 'a'] }, ...validation('params.mixed.sum() == 1') });
    expect(message).toContain('cannot be evaluated: no such overload');
  });

  test('conditions, too', () => {
    const conditions = [{ name: 'broken', expression: 'object.spec.x == 1' }];
    expect(messages({ conditions, ...validation('true') })).toEqual([
      'policy rule: ConfigMap ml/one: its condition broken cannot be evaluated: no such key: spec',
    ]);
  });

  test('a policy that warns then warns', () => {
    expect(judgement({ action: 'warn', ...validation('object.spec.x == 1') }).errors).toEqual([]);
  });
});

describe('expressions that would take long are ended', { timeout: 120_000 }, () => {
  const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`k${String(index)}`, 'v']));
  const bombs = [
    'object.data.all(a, object.data.all(b, object.data.all(c, true)))',
    '!object.data.exists(a, object.data.exists(b, object.data.exists(c, false)))',
    'lists.range(100000).map(a, lists.range(100000)).size() > 0',
    "object.data.map(k, k).join('').matches('(k?[0-9]*){50}(k?[0-9]*){50}[a-z]+(ab?)+c+d+z')",
    'object.data.map(a, object.data.map(b, a + b)).flatten().distinct().size() > 0',
  ];
  test.each(bombs)('%s', (expression) => {
    expect(messages(validation(expression), [map('big', many)])).toEqual([
      expect.stringContaining('cannot be evaluated: it takes more than 300000 steps'),
    ]);
  });

  test('texts and lists that double with each variable', () => {
    const doubling = (start: string) => ({
      variables: [
        { name: 'v0', expression: start },
        ...Array.from({ length: 40 }, (_, index) => ({
          name: `v${String(index + 1)}`,
          expression: `variables.v${String(index)} + variables.v${String(index)}`,
        })),
      ],
      ...validation('variables.v40.size() > 0'),
    });
    for (const start of ["'0123456789'", '[1, 2, 3]'])
      expect(messages(doubling(start))).toEqual([expect.stringContaining('cannot be evaluated')]);
  });

  test('all policies of a bundle together', () => {
    const heavy = policyOf(validation('object.data.all(a, object.data.all(b, true) || true)'));
    const objects = Array.from({ length: 100 }, (_, index) =>
      map(`m${String(index)}`, Object.fromEntries(Object.entries(many).slice(0, 250))),
    );
    const policies = Array.from({ length: 3 }, (_, index) => ({ ...heavy, name: `heavy-${String(index)}` }));
    const { errors } = new Judge().judge(policies, judged(objects));
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringContaining('all policies together take too many steps'),
      expect.stringContaining('all policies together take too many steps'),
      expect.stringContaining('all policies together take too many steps'),
    ]);
  });
});

test('a policy of the whole bundle takes its steps from those that all have together, and ends there', () => {
  const heavy = {
    ...policyOf(validation('objects.all(a, objects.all(b, a == b || true))')),
    scope: 'bundle',
  } as const;
  const objects = Array.from({ length: 300 }, (_, index) => map(`m${String(index)}`));
  const policies = Array.from({ length: 20 }, (_, index) => ({
    ...heavy,
    name: `heavy-${String(index).padStart(2, '0')}`,
  }));
  const alone = new Judge().judge(policies.slice(0, 1), judged(objects));
  expect(alone.errors).toEqual([]);
  const { errors } = new Judge().judge(policies, judged(objects));
  const out = errors.map(({ message }) => message);
  expect(out.length).toBeGreaterThan(10);
  expect(out.at(-1)).toBe('policy heavy-19: all policies together take too many steps for this application');
});

test('one policy of many expressions on the whole bundle ends where the steps do', () => {
  const { expression } = validation('objects.all(a, objects.all(b, a == b || true))').validations[0] ?? {};
  const many = {
    scope: 'bundle',
    validations: Array.from({ length: 20 }, () => ({ expression: expression ?? '' })),
  } as const;
  const objects = Array.from({ length: 300 }, (_, index) => map(`m${String(index)}`));
  expect(messages(many, objects)).toEqual([
    'policy rule: all policies together take too many steps for this application',
  ]);
});

test('a policy that cannot be read is an error with its file, never one that is kept to', () => {
  const { errors, warnings } = judgement({ action: 'warn', ...validation('object.') });
  expect(warnings).toEqual([]);
  expect(errors).toMatchObject([
    {
      file: 'fleet/policies.yaml',
      field: 'spec.validations[0].expression',
      cluster: 'eu-west-1',
      message: expect.stringMatching(/^policy rule cannot be read: /),
    },
  ]);
});

describe('a judge that has seen an object before', () => {
  test('says the same of it', () => {
    const judge = new Judge();
    const objects = [map('one'), map('two', { a: 'b' })];
    const policies = [policyOf(validation('object.data.size() > 0'))];
    const first = judge.judge(policies, judged(objects));
    expect(first.errors).toHaveLength(1);
    expect(judge.judge(policies, judged(objects))).toEqual(first);
  });

  test('looks again for a policy that sees the cluster', () => {
    const judge = new Judge();
    const bundle = judged([map('one')]);
    const policies = [policyOf(validation("cluster.name == 'eu-west-1'"))];
    expect(judge.judge(policies, bundle).errors).toEqual([]);
    const cluster = { name: 'us-east-1', labels: {} };
    expect(judge.judge(policies, { ...bundle, cluster }).errors).toHaveLength(1);
  });

  test('looks again when a variable of the policy sees the cluster', () => {
    const judge = new Judge();
    const bundle = judged([map('one')]);
    const variables = [{ name: 'here', expression: 'cluster.name' }];
    const policies = [policyOf({ variables, ...validation("variables.here == 'eu-west-1'") })];
    expect(judge.judge(policies, bundle).errors).toEqual([]);
    const cluster = { name: 'us-east-1', labels: {} };
    expect(judge.judge(policies, { ...bundle, cluster }).errors).toHaveLength(1);
  });
});
