import { set } from '../body.ts';
import { creating, updating } from '../mutate.ts';
import type { Mutation } from '../mutate.ts';
import type { ContractCase } from '../session.ts';

const service = { namespace: 'hooks', name: 'models' };
const rule = { apiGroups: ['none.example.com'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['models'] };

/** Where else a webhook may be said to be. */
const addresses: readonly object[] = [
  {},
  { url: 'https://hooks.example.com', service },
  { url: '' },
  { url: 'hooks.example.com' },
  { url: 'http://hooks.example.com/models' },
  { url: 'https://' },
  { url: 'https:/models' },
  { url: 'https://ada@hooks.example.com/models?team=a#top' },
  { url: 'https://hooks.example.com:port/models' },
  { url: 'https://hooks example.com/models' },
  { url: 'https://hooks.example.com/150%' },
  { url: 'HTTPS://hooks.example.com/models' },
  { url: ':models' },
  { url: 'models:8443/check' },
  { url: '1models:8443/check' },
  { service: {} },
  { service: { ...service, port: 0 } },
  { service: { ...service, port: 65_536 } },
  { service: { ...service, path: 'models' } },
  { service: { ...service, path: '/Models//check/' } },
  { url: 'https://hooks.example.com', caBundle: 'bm9uZQ==' },
];

/** What else each field of a webhook may be. */
const fields: Readonly<Record<string, readonly unknown[]>> = {
  name: ['', 'a', 'a.example', 'A.example.com', 'a..example.com'],
  sideEffects: [undefined, '', 'Some', 'Unknown', 'NoneOnDryRun'],
  timeoutSeconds: [0, 1, 30, 31, -1],
  failurePolicy: ['', 'Maybe', 'Ignore'],
  matchPolicy: ['', 'Sometimes', 'Exact'],
  admissionReviewVersions: [undefined, [], ['v2'], ['v1', 'v1'], ['V1', 'v1beta1'], ['']],
  namespaceSelector: [{ matchLabels: { a: 'not good!' } }, { matchExpressions: [{ key: 'a', operator: 'Like' }] }],
  objectSelector: [{ matchExpressions: [{ key: 'a', operator: 'In' }] }],
  rules: [
    [{}],
    [{ ...rule, operations: ['*', 'CREATE'] }],
    [{ ...rule, operations: ['READ'] }],
    [{ ...rule, resources: ['*', 'models'] }],
    [{ ...rule, resources: ['models/*', 'models/status'] }],
    [{ ...rule, resources: ['*/*', 'models'] }],
    [{ ...rule, apiGroups: ['*', 'apps'] }],
    [{ ...rule, apiVersions: ['*', 'v1', ''] }],
    [{ ...rule, scope: '' }],
    [{ ...rule, scope: 'Everywhere' }],
  ],
  matchConditions: [
    [{}],
    [{ name: 'a', expression: '' }],
    [{ name: 'a', expression: 'true' }, { name: 'a', expression: '\n  true\n' }],
    [{ name: 'not good!', expression: 'request.userInfo.username' }],
    [{ name: 'a', expression: '  params.limit > 3\n' }],
    [{ name: 'a', expression: "authorizer.group('').resource('pods').check('get').allowed()" }],
    Array.from({ length: 65 }, (_, index) => ({ name: `n${String(index)}`, expression: 'true' })),
  ],
};

const validating = 'ValidatingWebhookConfiguration';

function hookWith(field: string, value: unknown): Mutation {
  const shown = JSON.stringify(value) ?? 'nothing';
  return {
    kind: validating,
    words: `${validating} whose webhook has ${shown.slice(0, 90)} at ${field}`,
    change: (object) => set(object, `webhooks.0.${field}`, value),
  };
}

const values = [
  ...addresses.map((address) => hookWith('clientConfig', address)),
  ...Object.entries(fields).flatMap(([field, all]) => all.map((value) => hookWith(field, value))),
];

/** Configurations of webhooks: what is refused, and which changes are counted. */
export const hookValidationCases: readonly ContractCase[] = [
  ...values.map(creating),
  ...['timeoutSeconds', 'rules', 'name'].map((field) => updating(hookWith(field, fields[field]?.[1]))),
  updating({
    kind: validating,
    words: `${validating} with a label`,
    change: (object) => set(object, 'metadata.labels', { team: 'serving' }),
  }),
  updating({
    kind: validating,
    words: `${validating} with a webhook twice`,
    change: (object) => set(object, 'webhooks', [0, 1].flatMap(() => object['webhooks'])),
  }),
];
