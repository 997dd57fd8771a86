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

/** Expressions that are of other types than they should be, or of none. */
const untyped: Readonly<Record<string, string>> = {
  'with a field that requests lack': "request.nothing == 'x'",
  'with a field that namespaces lack': "namespaceObject.metadata.nothing == 'x'",
  'with a text and a number': "request.name + 1 == 'a'",
  'with a member that is compared with a number': 'request.userInfo.groups.exists(g, g == 1)',
  'with a call that does not fit': 'request.name.startsWith(1)',
  'with a function that is none': 'nothing(object) && object.nothing(1)',
  'with a check of too little': 'authorizer.group("apps").check("create").allowed()',
  'with variables that it has not': 'variables.x == 1',
  'with a field of any type for a truth': 'object.spec.paused',
  'with a list of different things': '["a", 1].size() > 0',
  'with a list of texts and fields': "['a', object.spec.replicas].size() > 0",
  'with a map of fields and texts': "{'a': object.spec.replicas, 'b': 'c'}.size() > 0",
  'with two ends of different types': "(true ? 'a' : 1) == 'a'",
  'with macros of two variables': "object.metadata.labels.all(k, v, v != 'x')",
  'with a namespace that may be null': "namespaceObject == null || namespaceObject.metadata.name == 'x'",
};

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
  ...Object.fromEntries(
    Object.entries(untyped).map(([words, expression]): [string, object] => [
      words,
      { matchConstraints, validations: [{ expression }] },
    ]),
  ),
  'with variables that do not fit': {
    matchConstraints,
    variables: [
      { name: 'a', expression: 'object.spec.replicas == 1' },
      { name: 'b', expression: 'variables.a + 1' },
      { name: 'c', expression: 'variables.later == 1' },
      { name: 'later', expression: '1' },
    ],
    validations: [
      { expression: 'variables.later == "x"' },
      { expression: 'variables.nothing == 1' },
      { expression: 'variables.a', messageExpression: 'variables.later' },
      { expression: 'true', messageExpression: "authorizer.path('/').check('get').reason()" },
    ],
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

const applies = (expression: string) => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } });
const patches = (expression: string) => ({ patchType: 'JSONPatch', jsonPatch: { expression } });

/** Mutations that come to something else than they should, or to nothing. */
const mutatingExpressions: Readonly<Record<string, object>> = {
  'that applies a map': applies('{"a": "b"}'),
  'that applies a part': applies('Object.spec{replicas: 1}'),
  'that applies what nobody knows': applies('Object{spec: Object.spec{replicas: nothing}}'),
  'that applies mixed members': applies('Object{metadata: Object.metadata{labels: {"a": "b", "c": 1}}}'),
  'that applies blanks': applies(' '),
  'that applies numbers for labels': applies(' Object{metadata: Object.metadata{labels: {"a": 1}}}'),
  'that patches by objects': patches('[Object{}]'),
  'that patches by nothing': patches('[]'),
  'that patches at times': patches('has(object.spec) ? [JSONPatch{op: "remove", path: "/spec"}] : []'),
  'that patches by an object': patches('Object{}'),
  'that escapes a number': patches('[JSONPatch{op: "add", path: jsonpatch.escapeKey(1)}]'),
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
  ...Object.entries(mutatingExpressions).map(([words, mutation]) =>
    refused('MutatingAdmissionPolicy', words, { ...mutating, mutations: [mutation] }),
  ),
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
