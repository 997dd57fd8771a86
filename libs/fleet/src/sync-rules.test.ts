import { expect, test } from 'vitest';
import { parseFleetConfig } from './fleet-config.ts';

const strategy = `apiVersion: meridian.dev/v1alpha1
kind: RolloutStrategy
metadata: { name: all }
spec: { stages: [{ name: all, clusters: {} }] }
`;

const parse = (syncPolicy: string) =>
  parseFleetConfig([
    { path: 'fleet/strategy.yaml', text: strategy },
    {
      path: 'fleet/web.yaml',
      text: `apiVersion: meridian.dev/v1alpha1
kind: Application
metadata: { name: web }
spec:
  source: { path: web }
  placement: {}
  namespace: web
  rolloutStrategy: all
  syncPolicy: ${syncPolicy}
`,
    },
  ]);
const rulesOf = (syncPolicy: string) => {
  const { config, problems } = parse(syncPolicy);
  expect(problems).toEqual([]);
  return config.applications[0]?.syncPolicy.rules;
};

test('without fields for it objects are applied as usual', () => {
  expect(rulesOf('{ prune: false }')).toBeUndefined();
  expect(rulesOf('{ replaceImmutable: false }')).toBeUndefined();
});

test('what is said becomes rules, with the defaults of what is not', () => {
  expect(rulesOf('{ replaceImmutable: true, retry: { factor: 1.5, limit: 5 } }')).toEqual({
    replaceImmutable: true,
    retry: { firstMs: 500, factor: 1.5, capMs: 20_000, limit: 5 },
  });
  expect(rulesOf('{ retry: { first: 2m, cap: 10s } }')).toEqual({
    retry: { firstMs: 120_000, factor: 2, capMs: 120_000 },
  });
  expect(
    rulesOf('{ createNamespace: true, namespaceMetadata: { labels: { istio-injection: enabled } } }'),
  ).toEqual({ namespaceMetadata: { labels: { 'istio-injection': 'enabled' }, annotations: {} } });
});

test.each(['deployer', 'ml-platform/deployer', 'a.b.c'])(
  'an application may name the account %s',
  (account) => {
    expect(rulesOf(`{ serviceAccount: ${account} }`)).toEqual({ serviceAccount: account });
  },
);

test.each(['""', 'a/b/c', '/a', 'ml/', 'system:serviceaccount:ml:a', 'A', '"*"', 'm.l/a'])(
  'the account %s is refused at its place',
  (account) => {
    const [problem] = parse(`{ serviceAccount: ${account} }`).problems;
    expect(problem).toMatchObject({ file: 'fleet/web.yaml', line: 9, application: 'web' });
    expect(problem?.field).toBe('spec.syncPolicy.serviceAccount');
    expect(problem?.message).toContain('must be the name of a service account');
  },
);
test('fields that are ignored are said by group, kind, namespace and name', () => {
  const rules = `{ ignoreDifferences: [{ group: apps, kind: Deployment, jsonPointers: [/spec/replicas] },
    { kind: '*', name: 'web-*', jqPathExpressions: ['.data["a"]'], managedFieldsManagers: [tuner] }], respectIgnoreDifferences: true }`;
  expect(rulesOf(rules)).toEqual({
    ignoreDifferences: [
      { group: 'apps', kind: 'Deployment', jsonPointers: ['/spec/replicas'] },
      {
        group: '',
        kind: '*',
        name: 'web-*',
        jqPathExpressions: ['.data["a"]'],
        managedFieldsManagers: ['tuner'],
      },
    ],
    respectIgnoreDifferences: true,
  });
});

const ignoring = (fields: string) => `{ ignoreDifferences: [{ kind: Pod, ${fields} }] }`;

test.each([
  [
    ignoring('jqPathExpressions: [.spec.a, ".spec | test(1)"]'),
    'spec.syncPolicy.ignoreDifferences[0].jqPathExpressions[1]',
    /test is not understood \(column 9\); use startswith/,
  ],
  [
    ignoring('jsonPointers: [spec]'),
    'spec.syncPolicy.ignoreDifferences[0].jsonPointers[0]',
    /no JSON pointer; write it like/,
  ],
  [
    ignoring('jsonPointers: [/metadata/name]'),
    'spec.syncPolicy.ignoreDifferences[0].jsonPointers[0]',
    /by these an object is known/,
  ],
  [ignoring('name: a'), 'spec.syncPolicy.ignoreDifferences[0]', /of no field/],
  ['{ ignoreDifferences: [{ jsonPointers: [/spec/a] }] }', 'spec.syncPolicy.ignoreDifferences[0].kind', /./],
  ['{ respectIgnoreDifferences: true }', 'spec.syncPolicy.respectIgnoreDifferences', /there are none/],
  [
    '{ namespaceMetadata: { labels: { a: b } } }',
    'spec.syncPolicy.namespaceMetadata',
    /createNamespace: true/,
  ],
  [
    '{ createNamespace: true, namespaceMetadata: { labels: { meridian.dev/application: b } } }',
    'spec.syncPolicy.namespaceMetadata.labels',
    /set by Meridian alone/,
  ],
  ['{ retry: { limit: 0 } }', 'spec.syncPolicy.retry.limit', /./],
  ['{ retry: { first: 0s } }', 'spec.syncPolicy.retry.first', /./],
  ['{ retry: { factor: 0.5 } }', 'spec.syncPolicy.retry.factor', /./],
  ['{ retry: { backoff: 5s } }', 'spec.syncPolicy.retry.backoff', /./],
])('%s is refused at its place', (syncPolicy, field, message) => {
  const [problem] = parse(syncPolicy).problems;
  expect(problem).toMatchObject({ file: 'fleet/web.yaml', line: 9, application: 'web' });
  expect(problem?.field).toContain(field);
  expect(problem?.message).toMatch(message);
});
