import { bodyAt } from '../body.ts';
import type { ContractCase } from '../session.ts';

const group = '/apis/admissionregistration.k8s.io/v1';
const apiVersion = 'admissionregistration.k8s.io/v1';

const plurals = {
  ValidatingAdmissionPolicy: 'validatingadmissionpolicies',
  MutatingAdmissionPolicy: 'mutatingadmissionpolicies',
  ValidatingAdmissionPolicyBinding: 'validatingadmissionpolicybindings',
  MutatingAdmissionPolicyBinding: 'mutatingadmissionpolicybindings',
} as const;

type Kind = keyof typeof plurals;

/** A policy is made, written without its revision and with it, as it is and changed, and deleted. */
const life = (kind: Kind, spec: object, change: object): ContractCase => ({
  title: `admission policy: ${kind} from its beginning to its end`,
  async run(session) {
    const metadata = { name: session.namespace };
    const path = `${group}/${plurals[kind]}/${metadata.name}`;
    const made = await session.ask('POST', `${group}/${plurals[kind]}`, { apiVersion, kind, metadata, spec });
    await session.ask('PUT', path, { ...made.body, metadata });
    await session.ask('PUT', path, made.body);
    await session.ask('PUT', path, { ...made.body, spec: { ...bodyAt(made.body, 'spec'), ...change } });
    await session.ask('PATCH', path, { metadata: { labels: { a: 'b' } } }, { type: 'application/merge-patch+json' });
    await session.ask('DELETE', path);
  },
});

const refused = (kind: Kind, words: string, spec: object | undefined): ContractCase => ({
  title: `admission policy: ${kind} ${words}`,
  async run(session) {
    const object = { apiVersion, kind, metadata: { name: session.namespace }, ...(spec === undefined ? {} : { spec }) };
    await session.ask('POST', `${group}/${plurals[kind]}`, object);
    await session.attempt('DELETE', `${group}/${plurals[kind]}/${session.namespace}`);
  },
});

const rule = { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments'] };
const matchConstraints = { resourceRules: [rule] };
const rules = (...resourceRules: object[]) => ({ matchConstraints: { resourceRules } });
const validations = [{ expression: 'object.spec.replicas <= 5' }];
const valid = { matchConstraints, validations };
const selector = { matchExpressions: [{ key: 'a', operator: 'Nearly' }] };
const mutations = [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{}' } }];
const mutating = { matchConstraints, reinvocationPolicy: 'Never', mutations };
const none = { resourceRules: [], namespaceSelector: selector };

const validating: Readonly<Record<string, object | undefined>> = {
  'without a spec': undefined,
  'with an empty spec': {},
  'without validations': { matchConstraints },
  'for no requests': { validations },
  'for no resources': { validations, matchConstraints: none },
  'with an empty expression': { matchConstraints, validations: [{ expression: ' ' }] },
  'that fails in another way': { ...valid, failurePolicy: 'Maybe' },
  'that matches in another way': { ...valid, matchConstraints: { ...matchConstraints, matchPolicy: 'No' } },
  'for nothing at all': { validations, ...rules({}) },
  'for bad names and scopes': { validations, ...rules({ ...rule, resourceNames: ['a/b', 'c', 'c'], scope: 'Some' }) },
  'for everything and more': {
    validations,
    ...rules({ apiGroups: ['*', ''], apiVersions: ['*', ''], operations: ['*', 'NO'], resources: ['*/*', 'pods', ''] }),
  },
  'for resources twice': {
    validations,
    ...rules({ ...rule, resources: ['pods/*', 'pods/log', '*/scale', 'jobs/scale', '*', 'pods'] }),
  },
  'with bad kinds of parameters': { ...valid, paramKind: { apiVersion: 'v1/x/y', kind: 'A_b' } },
  'with bad versions of parameters': { ...valid, paramKind: { apiVersion: 'A_/1' } },
  'with a group of parameters only': { ...valid, paramKind: { apiVersion: 'a/', kind: 'Map' } },
  'with no kind of parameters': { ...valid, paramKind: {} },
  'that comes to a number': { matchConstraints, validations: [{ expression: '1 + 1' }] },
  'that knows nothing of it': { matchConstraints, validations: [{ expression: 'params.most > 1' }] },
  'with parameters': {
    ...valid,
    paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
    validations: [
      {
        expression: "object.spec.replicas <= int(params.data.most) && request.operation != 'DELETE'",
        messageExpression: "'at most ' + params.data.most",
      },
    ],
  },
  'with variables': {
    ...valid,
    variables: [{ name: 'replicas', expression: 'object.?spec.?replicas.orValue(1)' }],
    validations: [{ expression: 'variables.replicas <= 5 && has(object.metadata.labels)' }],
  },
  'that asks who may': {
    ...valid,
    validations: [{ expression: "authorizer.group('apps').resource('deployments').check('create').allowed()" }],
  },
  'with numbers for texts and truths': {
    matchConstraints,
    matchConditions: [{ name: 'a', expression: '1' }],
    validations: [{ expression: 'true', messageExpression: '1' }],
    auditAnnotations: [{ key: 'x', valueExpression: '1' }],
  },
  'with odd reasons': { matchConstraints, validations: [{ expression: 'true', reason: 'Odd', message: 'a\nb' }] },
  'with blank messages': { matchConstraints, validations: [{ expression: 'true', message: ' ', messageExpression: ' ' }] },
  'with bad annotations': {
    matchConstraints,
    auditAnnotations: [{ key: 'a b', valueExpression: '' }, ...['x', 'x'].map((key) => ({ key, valueExpression: '"a"' }))],
  },
  'with bad conditions': {
    ...valid,
    matchConditions: [
      { name: '', expression: '' },
      ...['a', 'a', 'b c'].map((name) => ({ name, expression: 'true' })),
    ],
  },
  'with bad variables': { ...valid, variables: [{ name: '1a', expression: '' }, { name: '', expression: '1' }] },
};

const bindings: Readonly<Record<string, object | undefined>> = {
  'without a spec': undefined,
  'with an empty spec': {},
  'with bad names and actions': { policyName: 'X_', validationActions: ['Deny', 'Warn', 'Deny', 'No'] },
  'with parameters told twice': { policyName: 'x', validationActions: ['Deny'], paramRef: { name: 'a/b', selector: {} } },
  'with parameters not told': {
    policyName: 'x',
    validationActions: ['Audit'],
    paramRef: { parameterNotFoundAction: 'Wait' },
    matchResources: { matchPolicy: 'x', objectSelector: selector, excludeResourceRules: [{}] },
  },
  'for deletions': { policyName: 'x', ...{ matchResources: { resourceRules: [{ ...rule, operations: ['DELETE'] }] } } },
};

/** Admission policies and their bindings: what is refused of them, and that they are written by revision only. */
export const admissionPolicyCases: readonly ContractCase[] = [
  life('ValidatingAdmissionPolicy', valid, { failurePolicy: 'Ignore' }),
  life('MutatingAdmissionPolicy', mutating, { failurePolicy: 'Ignore' }),
  life('ValidatingAdmissionPolicyBinding', { policyName: 'x', validationActions: ['Deny'] }, { policyName: 'y' }),
  life('MutatingAdmissionPolicyBinding', { policyName: 'x' }, { policyName: 'y' }),
  ...Object.entries(validating).map(([words, spec]) => refused('ValidatingAdmissionPolicy', words, spec)),
  refused('MutatingAdmissionPolicy', 'with an empty spec', {}),
  refused('MutatingAdmissionPolicy', 'that deletes', {
    ...mutating,
    ...rules({ ...rule, operations: ['DELETE', '*'] }),
  }),
  refused('MutatingAdmissionPolicy', 'with bad patches', {
    ...mutating,
    reinvocationPolicy: 'x',
    mutations: [
      { patchType: 'Other' },
      { patchType: 'JSONPatch' },
      {},
      { ...mutations[0], jsonPatch: { expression: '[]' } },
    ],
  }),
  ...Object.entries(bindings).flatMap(([words, spec]) => [
    refused('ValidatingAdmissionPolicyBinding', words, spec),
    refused('MutatingAdmissionPolicyBinding', words, spec),
  ]),
];
