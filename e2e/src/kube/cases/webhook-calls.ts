import { at } from '../body.ts';
import { established, sharedGroup } from '../custom-definition.ts';
import type { Body } from '../body.ts';
import { allow, deny, hooked, patch, rules } from '../hooked.ts';
import type { HookSpec } from '../hooked.ts';
import { sampleOf } from '../objects.ts';
import type { ContractCase, Session } from '../session.ts';

const merge = { type: 'application/merge-patch+json' };
const configMap = sampleOf('ConfigMap');
const deployment = sampleOf('Deployment');
const pod = sampleOf('Pod');
const settings = `${configMap.path}/sample`;
const everything = { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'] };

const create = (session: Session) => session.ask('POST', configMap.path, configMap.make(''));
const prepared = async (session: Session) => {
  await session.prepare('POST', configMap.path, configMap.make(''));
};

/** A webhook that answers so, asked about new config maps. */
const once = (answer: HookSpec['answer'], webhook: Body = {}): HookSpec => ({
  answer,
  webhook: { rules: rules(['CREATE'], '/v1/configmaps'), ...webhook },
});

/** Whether a webhook is called, and what becomes of a call that goes wrong. */
export const webhookCallCases: readonly ContractCase[] = [
  hooked({
    title: 'takes part in dry runs when it has no side effects then',
    before: prepared,
    mutating: [
      { answer: patch({ op: 'add', path: '/data/dry', value: 'yes' }), webhook: { sideEffects: 'NoneOnDryRun', rules: rules(['*'], '/v1/configmaps') } },
    ],
    async run(session) {
      await session.ask('POST', `${configMap.path}?dryRun=All`, { ...configMap.make(''), metadata: { name: 'dry' } });
      await session.ask('PATCH', `${settings}?dryRun=All`, { data: { a: 'b' } }, merge);
      await session.ask('GET', settings);
    },
  }),
  hooked({
    title: 'is not asked about other namespaces, objects, scopes, groups, versions and operations',
    before: prepared,
    validating: [
      { answer: deny(), webhook: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'other' } } } },
      { answer: deny(), webhook: { objectSelector: { matchLabels: { chosen: 'yes' } } } },
      { answer: deny(), webhook: { rules: [{ ...everything, resources: ['*/*'], scope: 'Cluster' }] } },
      { answer: deny(), webhook: { rules: rules(['*'], 'apps/v1/*', '/v2/*', '/v1/secrets', '/v1/configmaps/status') } },
      { answer: deny(), webhook: { rules: rules(['CONNECT', 'DELETE'], '/v1/*') } },
      { answer: allow, webhook: { rules: [{ ...everything, resources: ['*'], scope: 'Namespaced' }] } },
    ],
    async run(session) {
      await session.ask('PATCH', settings, { data: { a: 'b' } }, merge);
      await session.ask('PATCH', settings, { metadata: { labels: { chosen: 'yes' } } }, merge);
    },
  }),
  hooked({
    title: 'is asked about an object that was chosen before the write',
    async before(session) {
      await session.prepare('POST', configMap.path, { ...configMap.make(''), metadata: { name: 'sample', labels: { chosen: 'yes' } } });
    },
    validating: [{ answer: deny({ message: 'chosen' }), webhook: { objectSelector: { matchLabels: { chosen: 'yes' } } } }],
    async run(session) {
      await session.ask('PATCH', settings, { metadata: { labels: { chosen: null } } }, merge);
    },
  }),
  hooked({
    title: 'is asked about the namespace itself',
    validating: [
      { answer: deny({ message: 'hands off' }), webhook: { rules: [{ ...everything, resources: ['namespaces'], scope: 'Cluster' }] } },
      { answer: deny({ message: 'never' }), webhook: { rules: [{ ...everything, resources: ['namespaces'], scope: 'Namespaced' }] } },
    ],
    async run(session) {
      await session.ask('PATCH', '/api/v1/namespaces/{ns}', { metadata: { labels: { more: 'yes' } } }, merge);
      await session.ask('DELETE', '/api/v1/namespaces/{ns}');
    },
  }),
  hooked({
    title: 'nobody answers, and the write has to wait for it',
    validating: [once(allow, { clientConfig: { url: 'https://127.0.0.1:1/nobody' } })],
    async run(session) {
      await create(session);
    },
  }),
  hooked({
    title: 'nobody answers, and the write goes on',
    mutating: [once(allow, { clientConfig: { url: 'https://127.0.0.1:1' }, failurePolicy: 'Ignore' })],
    validating: [once(allow, { clientConfig: { url: 'https://127.0.0.1:1' }, failurePolicy: 'Ignore' })],
    async run(session) {
      await create(session);
    },
  }),
  hooked({
    title: 'its certificate is not trusted',
    validating: [{ ...once(allow), distrusted: true }],
    async run(session) {
      await create(session);
    },
  }),
  hooked({
    title: 'its service is not there',
    mutating: [once(allow, { clientConfig: { service: { namespace: 'nowhere', name: 'hook', path: '/mutate' } } })],
    async run(session) {
      await create(session);
    },
  }),
  hooked({
    title: 'takes too long',
    mutating: [once(() => 'never', { timeoutSeconds: 1, failurePolicy: 'Ignore' })],
    validating: [once(() => 'never', { timeoutSeconds: 1 })],
    async run(session) {
      const answer = await create(session);
      if (at(answer.body, 'code') === undefined) throw new Error('nothing was awaited');
    },
  }),
  hooked({
    title: 'is asked about another version of what is written',
    mutating: [
      { answer: patch({ op: 'add', path: '/spec/maxReplicas', value: 9 }), webhook: { rules: rules(['*'], 'autoscaling/v1/horizontalpodautoscalers') } },
      { answer: deny({ message: 'never' }), webhook: { matchPolicy: 'Exact', rules: rules(['*'], 'autoscaling/v1/horizontalpodautoscalers') } },
    ],
    async run(session) {
      const autoscaler = sampleOf('HorizontalPodAutoscaler');
      await session.ask('POST', autoscaler.path, autoscaler.make(''));
    },
  }),
  hooked({
    title: 'is asked about scales',
    async before(session) {
      await session.prepare('POST', deployment.path, deployment.make(''));
    },
    validating: [
      {
        answer: (request) => (Number(at(request, 'object.spec.replicas')) > 5 ? deny({ message: 'too many' })() : allow()),
        webhook: { rules: rules(['UPDATE'], 'apps/v1/deployments/scale') },
      },
    ],
    async run(session) {
      await session.ask('PATCH', `${deployment.path}/sample/scale`, { spec: { replicas: 3 } }, merge);
      await session.ask('PATCH', `${deployment.path}/sample/scale`, { spec: { replicas: 9 } }, merge);
    },
  }),
  hooked({
    title: 'older reviews',
    mutating: [
      once(patch({ op: 'add', path: '/data/old', value: 'yes' }), { admissionReviewVersions: ['v0', 'v1beta1', 'v1'] }),
    ],
    async run(session) {
      await create(session);
    },
  }),
  hooked({
    title: 'conditions decide whether it is asked',
    before: prepared,
    validating: [
      {
        answer: deny({ message: 'big' }),
        webhook: {
          rules: rules(['UPDATE'], '/v1/configmaps'),
          matchConditions: [
            { name: 'not-quiet', expression: "!has(object.metadata.labels) || !('quiet' in object.metadata.labels)" },
            { name: 'more-than-before', expression: 'size(object.data) > size(oldObject.data)' },
            { name: 'by-hand', expression: "request.userInfo.username != 'robot'" },
          ],
        },
      },
    ],
    async run(session) {
      await session.ask('PATCH', settings, { data: { model: 'changed' } }, merge);
      await session.ask('PATCH', settings, { data: { more: 'yes' } }, merge);
      await session.ask('PATCH', settings, { data: { more: 'yes' }, metadata: { labels: { quiet: 'yes' } } }, merge);
    },
  }),
  hooked({
    title: 'a condition that goes wrong',
    validating: [
      once(allow, { matchConditions: [{ name: 'wrong', expression: "object.data.nothing == 'x'" }] }),
      once(deny(), { failurePolicy: 'Ignore', matchConditions: [{ name: 'wrong', expression: "object.data.nothing == 'x'" }] }),
    ],
    async run(session) {
      await create(session);
    },
  }),
  hooked({
    title: 'is asked about custom objects, and changes them within their schema',
    async before(session) {
      await established(session);
    },
    mutating: [
      {
        answer: patch(
          { op: 'add', path: '/spec/replicas', value: 4 },
          { op: 'add', path: '/spec/unknown', value: 'pruned' },
        ),
        webhook: { rules: rules(['CREATE'], `${sharedGroup}/v1/*`) },
      },
    ],
    validating: [{ answer: allow, webhook: { rules: rules(['*'], `${sharedGroup}/v1/*`) } }],
    async run(session) {
      const path = await established(session);
      const server = {
        apiVersion: `${sharedGroup}/v1`,
        kind: 'ModelServer',
        metadata: { name: 'sample' },
        spec: { model: 'llama' },
      };
      await session.ask('POST', path, server);
      await session.ask('PATCH', `${path}/sample`, { spec: { model: 'mistral' } }, merge);
      await session.ask('DELETE', `${path}/sample`);
    },
  }),
  hooked({
    title: 'is asked about bindings and evictions, and not about the deletion that an eviction is',
    async before(session) {
      for (const name of ['one', 'two', 'three']) {
        await session.prepare('POST', pod.path, { ...pod.make(''), metadata: { name } });
      }
    },
    mutating: [{ answer: allow, webhook: { rules: rules(['*'], '/v1/pods/*') } }],
    validating: [
      {
        answer: ({ name }) => (name === 'two' ? deny({ message: 'two stays' })() : allow()),
        webhook: { rules: rules(['*'], '/v1/pods/*', '/v1/pods') },
      },
    ],
    async run(session) {
      const eviction = { apiVersion: 'policy/v1', kind: 'Eviction' };
      const binding = { apiVersion: 'v1', kind: 'Binding', target: { kind: 'Node', name: 'node-1' } };
      for (const name of ['one', 'two', 'none']) {
        await session.ask('POST', `${pod.path}/${name}/eviction`, { ...eviction, metadata: { name } });
      }
      for (const name of ['two', 'three']) {
        await session.ask('POST', `${pod.path}/${name}/binding`, { ...binding, metadata: { name } });
      }
      await session.ask('GET', `${pod.path}/three`);
    },
  }),
];
