import type { Body } from '../body.ts';
import { about, governed } from '../governed.ts';
import type { PolicySpec } from '../governed.ts';
import { sampleOf } from '../objects.ts';
import type { ContractCase, Session } from '../session.ts';

const merge = { type: 'application/merge-patch+json' };
const apply = { type: 'application/apply-patch+yaml' };
const configMap = sampleOf('ConfigMap');
const sample = `${configMap.path}/sample`;

const create = (session: Session, body: Body = configMap.make(''), query = '') =>
  session.ask('POST', `${configMap.path}${query}`, body);
const prepared = async (session: Session) => {
  await session.prepare('POST', configMap.path, configMap.make(''));
};
const named = (name: string, more: Body = {}): Body => ({
  ...configMap.make(''),
  ...more,
  metadata: { name, ...(more['metadata'] as object | undefined) },
});

/** A policy that asks one thing of config maps. */
const asks = (expression: string, more: Body = {}, bindings?: PolicySpec['bindings']): PolicySpec => ({
  spec: { validations: [{ expression, ...more }] },
  ...(bindings === undefined ? {} : { bindings }),
});
const never = asks('false', { message: 'not today' });

/** How refusals are worded, by the expression and what is said of it. */
const worded: readonly (readonly [string, string, Body])[] = [
  ['with nothing but an expression', "  object.data.model != 'llama'", {}],
  ['with a message', 'false', { message: '  no llamas ' }],
  ['with a reason', 'false', { message: 'no', reason: 'Forbidden' }],
  ['with another reason', 'false', { message: 'too much', reason: 'RequestEntityTooLarge' }],
  ['with a message that is computed', 'false', { messageExpression: "'not ' + object.data.model", message: 'x' }],
  ['with a message that fails', 'false', { messageExpression: 'string(object.data.nothing)', message: 'the other' }],
  ['with a message that fails and no other', 'false', { messageExpression: 'string(object.data.nothing)' }],
  ['with a message of two lines', 'false', { messageExpression: "'a\\nb'", message: 'one' }],
  ['with a blank computed message', 'false', { messageExpression: "' '" }],
  ['with a message that is too long', 'false', { messageExpression: "object.data.model.replace('llama', '" + 'x'.repeat(5200) + "')" }],
];

/** What goes wrong while expressions are evaluated. */
const wrong: Readonly<Record<string, string>> = {
  'a field that is missing': 'object.data.nothing == "x"',
  'a field of the old object, of which there is none': 'oldObject.data.model == "x"',
  'types that do not fit': 'object.data.model < 3',
  'a call that does not fit': 'object.data.model.startsWith(object.data)',
  'no truth': 'object.data.model && true',
  'a number that is none': 'int(object.data.model) > 3',
  'a quantity that is none': 'quantity(object.data.model).isGreaterThan(quantity("1"))',
  'an index out of bounds': 'object.data.model.split(",")[3] == "x"',
  'a division by zero': '1 / (size(object.data) - 2) == 1',
  'a namespace that lacks the label': 'namespaceObject.metadata.labels["team"] == "x"',
};

/** What expressions see: each is fulfilled. */
const seen: readonly string[] = [
  "object.kind == 'ConfigMap' && object.apiVersion == 'v1' && object.metadata.namespace == request.namespace",
  "object.data.model == 'llama' && object.data.exists(k, k == 'threads')",
  "request.operation == 'CREATE' && oldObject == null && request.dryRun == false",
  "request.kind.kind == 'ConfigMap' && request.kind.group == '' && request.kind.version == 'v1'",
  "request.resource.resource == 'configmaps' && request.requestResource.resource == 'configmaps'",
  "request.name == 'sample' && object.metadata.name == request.name && has(object.metadata.uid)",
  "!has(request.subResource) || request.subResource == ''",
  "'system:masters' in request.userInfo.groups && request.userInfo.username.endsWith('admin')",
  "namespaceObject.metadata.name == request.namespace && namespaceObject.status.phase == 'Active'",
  "namespaceObject.metadata.labels['kubernetes.io/metadata.name'] == request.namespace",
  'has(request.options.kind) && request.options.kind == "CreateOptions"',
  "authorizer.group('apps').resource('deployments').namespace('default').check('create').allowed()",
  "authorizer.path('/healthz').check('get').allowed() && authorizer.requestResource.check('anything').allowed()",
  "object.?data.?missing.orValue('none') == 'none' && !object.?spec.hasValue()",
  'object.metadata.managedFields.size() == 1 && has(object.metadata.creationTimestamp)',
];

/** Validating admission policies: what they refuse and in which words. */
export const policyCases: readonly ContractCase[] = [
  ...worded.map(([words, expression, more]) =>
    governed({
      title: `refuses ${words}`,
      policies: [asks(expression, more)],
      async run(session) {
        await create(session);
      },
    }),
  ),
  ...Object.entries(wrong).map(([words, expression]) =>
    governed({
      title: `stumbles over ${words}`,
      policies: [asks(expression, { message: 'unseen' })],
      async run(session) {
        await create(session);
      },
    }),
  ),
  governed({
    title: 'sees the object, the request, the namespace and who may do what',
    policies: [{ spec: { validations: seen.map((expression) => ({ expression })) } }],
    async run(session) {
      await create(session);
    },
  }),
  governed({
    title: 'tells the first of several refusals',
    policies: [{ spec: { validations: ['true', 'false', '1 > 2'].map((expression) => ({ expression })) } }],
    async run(session) {
      await create(session);
    },
  }),
  governed({
    title: 'names an object without a name by what the server gave it',
    policies: [never],
    async run(session) {
      const { body } = await session.attempt('POST', configMap.path, {
        ...configMap.make(''),
        metadata: { generateName: 'some-' },
      });
      const message = String(body['message']).replace(/some-\w{5}/, 'some-<name>');
      session.exchanges.push({ asked: 'POST', status: Number(body['code']), headers: {}, body: message });
    },
  }),
  governed({
    title: 'passes what it cannot judge, when told so',
    policies: [
      {
        spec: {
          failurePolicy: 'Ignore',
          validations: [{ expression: 'object.data.nothing == "x"' }, { expression: "object.data.model != 'gpt'" }],
        },
      },
    ],
    async run(session) {
      await create(session);
      await create(session, named('other', { data: { model: 'gpt' } }));
    },
  }),
  governed({
    title: 'refuses updates, patches and applies, too',
    before: prepared,
    policies: [asks("object.data.threads == '8'", { message: 'eight threads' })],
    async run(session) {
      await session.ask('PATCH', sample, { data: { model: 'gpt' } }, merge);
      await session.ask('PATCH', sample, { data: { threads: '9' } }, merge);
      await session.ask('PUT', sample, named('sample', { data: { threads: '9' } }));
      await session.ask('PATCH', `${sample}?fieldManager=one&force=true`, named('sample', { data: { threads: '9' } }), apply);
      await session.ask('PATCH', `${configMap.path}/other?fieldManager=one`, named('other', { data: { threads: '9' } }), apply);
      await session.ask('GET', configMap.path);
    },
  }),
  governed({
    title: 'refuses dry runs and tells them apart',
    policies: [asks('!request.dryRun', { message: 'no rehearsals' })],
    async run(session) {
      await create(session, configMap.make(''), '?dryRun=All');
      await create(session);
    },
  }),
  governed({
    title: 'compares with the old object',
    before: prepared,
    policies: [
      {
        spec: {
          matchConstraints: about(['UPDATE'], '/v1/configmaps'),
          validations: [{ expression: 'object.data.model == oldObject.data.model', message: 'the model stays' }],
        },
      },
    ],
    async run(session) {
      await create(session, named('other'));
      await session.ask('PATCH', sample, { data: { model: 'gpt' } }, merge);
      await session.ask('PATCH', sample, { data: { threads: '9' } }, merge);
    },
  }),
  governed({
    title: 'refuses deletions, one by one and of many',
    before: prepared,
    policies: [
      {
        spec: {
          matchConstraints: about(['DELETE'], '/v1/configmaps'),
          validations: [{ expression: "object == null && oldObject.data.model != 'llama'", message: 'kept' }],
        },
      },
    ],
    async run(session) {
      await session.ask('DELETE', sample);
      await session.ask('DELETE', `${sample}?dryRun=All`);
      await session.ask('DELETE', `${configMap.path}?fieldSelector=metadata.name%3Dsample`);
      await session.ask('PATCH', sample, { data: { model: 'gpt' } }, merge);
      await session.ask('DELETE', sample);
    },
  }),
];
