import type { Body } from '../body.ts';
import { allow, deny, hooked, patch, rules } from '../hooked.ts';
import type { HookSpec } from '../hooked.ts';
import { sampleOf } from '../objects.ts';
import type { ContractCase, Session } from '../session.ts';

const merge = { type: 'application/merge-patch+json' };
const apply = { type: 'application/apply-patch+yaml' };
const configMap = sampleOf('ConfigMap');
const pod = sampleOf('Pod');
const deployment = sampleOf('Deployment');
const settings = `${configMap.path}/sample`;

const create = (session: Session, body: Body = configMap.make('')) =>
  session.ask('POST', configMap.path, body);
const prepared = async (session: Session) => {
  await session.prepare('POST', configMap.path, configMap.make(''));
};
const onCreate = rules(['CREATE'], '/v1/configmaps');
const sidecar = { name: 'proxy', image: 'registry.example/proxy:1' };

/** A webhook that answers so, asked about new config maps. */
const once = (answer: HookSpec['answer'], webhook: Body = {}): HookSpec => ({
  answer,
  webhook: { rules: onCreate, ...webhook },
});

/** Answers that are none, and answers that the server cannot use. */
const broken: readonly (readonly [string, HookSpec['answer']])[] = [
  ['that answers with an error', () => ({ raw: 'out of order', status: 500 })],
  ['that is not found', () => ({ raw: 'where?', status: 404 })],
  ['that is overloaded', () => ({ raw: '', status: 503 })],
  ['that answers with a Status', () => ({ raw: JSON.stringify(teapot), status: 418 })],
  ['that answers no JSON', () => ({ raw: 'fine by me' })],
  ['that answers nothing', () => ({ raw: '' })],
  ['that answers without a response', () => ({ raw: JSON.stringify(review) })],
  ['that answers another request', () => ({ response: { uid: 'other', allowed: true } })],
  ['that answers in another version', (request) => ({ raw: JSON.stringify(inVersion('v1beta1', request)) })],
  ['whose patch has no type', () => ({ response: { allowed: true, patch: 'W10=' } })],
  ['whose patch type has no patch', () => ({ response: { allowed: true, patchType: 'JSONPatch' } })],
  ['whose patch is no patch', () => ({ response: { allowed: true, patchType: 'JSONPatch', patch: 'e30=' } })],
  ['whose patch removes what is not there', patch({ op: 'remove', path: '/data/none' })],
  ['whose patch adds below nothing', patch({ op: 'add', path: '/spec/none/deep', value: 1 })],
  ['whose patch tests what is not so', patch({ op: 'test', path: '/data/model', value: 'x' })],
  ['whose patch makes an invalid object', patch({ op: 'add', path: '/metadata/labels', value: { a: '!' } })],
  ['whose patch makes no object of the kind', patch({ op: 'add', path: '/data', value: ['x'] })],
];

const review = { kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1' };
const teapot = {
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  message: 'short and stout',
  code: 418,
};
const inVersion = (version: string, { uid }: Body) => ({
  kind: 'AdmissionReview',
  apiVersion: `admission.k8s.io/${version}`,
  response: { uid, allowed: true },
});

/** Webhooks that change what is written. */
const mutatingCases: readonly ContractCase[] = [
  hooked({
    title: 'injects a sidecar into pods',
    mutating: [
      {
        answer: patch({ op: 'add', path: '/spec/containers/-', value: sidecar }),
        webhook: { rules: rules(['CREATE'], '/v1/pods') },
      },
    ],
    async run(session) {
      await session.ask('POST', pod.path, pod.make(''));
      await session.ask('GET', `${pod.path}/sample`);
      await session.ask('PATCH', `${pod.path}/sample`, { metadata: { labels: { more: 'yes' } } }, merge);
      await session.ask('PATCH', `${pod.path}/other?fieldManager=one`, { ...pod.make(''), metadata: { name: 'other' } }, apply);
    },
  }),
  hooked({
    title: 'changes replicas at every write',
    mutating: [
      {
        answer: patch({ op: 'replace', path: '/spec/replicas', value: 7 }),
        webhook: { rules: rules(['CREATE', 'UPDATE'], 'apps/v1/deployments') },
      },
    ],
    async run(session) {
      const path = `${deployment.path}/sample`;
      const intent = { ...deployment.make(''), metadata: { name: 'sample' } };
      await session.ask('PATCH', `${path}?fieldManager=one`, intent, apply);
      await session.ask('PATCH', `${path}?fieldManager=one`, intent, apply);
      await session.ask('PATCH', `${path}?fieldManager=two`, { spec: { replicas: 2 } }, merge);
      await session.ask('PATCH', `${path}?fieldManager=two`, { spec: { paused: true } }, merge);
      await session.ask('GET', path);
    },
  }),
  hooked({
    title: 'is asked about creations without a name, and about names',
    mutating: [once(patch({ op: 'add', path: '/metadata/annotations', value: { seen: 'yes' } }))],
    validating: [once(allow)],
    async run(session) {
      await create(session, { ...configMap.make(''), metadata: { generateName: 'many-' } });
      await create(session);
      await create(session);
    },
  }),
  hooked({
    title: 'is asked about a PUT with what the client sent and what is there',
    before: prepared,
    mutating: [{ answer: allow }],
    validating: [{ answer: allow }],
    async run(session) {
      await session.ask('PUT', `${settings}?fieldManager=hand&fieldValidation=Strict`, {
        ...configMap.make(''),
        data: { model: 'mistral' },
      });
      await session.ask('PUT', settings, { ...configMap.make(''), metadata: { name: 'sample', resourceVersion: '1' } });
      await session.ask('PATCH', settings, [{ op: 'test', path: '/data/model', value: 'x' }], { type: 'application/json-patch+json' });
      await session.ask('PUT', `${configMap.path}/missing`, { ...configMap.make(''), metadata: { name: 'missing' } });
    },
  }),
  hooked({
    title: 'is asked again when a later one changes the object',
    mutating: [
      once(patch({ op: 'add', path: '/data/first', value: 'yes' }), { reinvocationPolicy: 'IfNeeded' }),
      once(patch({ op: 'add', path: '/data/second', value: 'yes' }), { reinvocationPolicy: 'Never' }),
      once(patch({ op: 'add', path: '/data/third', value: 'yes' }), { reinvocationPolicy: 'IfNeeded' }),
      once(allow),
    ],
    async run(session) {
      await create(session);
    },
  }),
  hooked({
    title: 'sees what the one before it left',
    mutating: [
      once(patch({ op: 'add', path: '/metadata/labels', value: { stage: 'one' } })),
      once(patch({ op: 'add', path: '/data/second', value: 'yes' }), {
        objectSelector: { matchLabels: { stage: 'one' } },
      }),
    ],
    async run(session) {
      await create(session);
    },
  }),
  ...broken.map(([which, answer]) =>
    hooked({
      title: `one ${which}`,
      mutating: [once(answer)],
      async run(session) {
        await create(session);
      },
    }),
  ),
  hooked({
    title: 'broken ones that may be left out',
    mutating: broken.slice(0, 12).map(([, answer]) => once(answer, { failurePolicy: 'Ignore' })),
    async run(session) {
      await create(session);
    },
  }),
];

/** Webhooks that refuse what is written. */
const validatingCases: readonly ContractCase[] = [
  hooked({
    title: 'denies with a message, a code, a reason and details',
    validating: [
      once(
        deny({
          code: 422,
          reason: 'Invalid',
          message: 'no models after six',
          details: { name: 'sample', kind: 'configmaps', causes: [{ reason: 'Late', message: 'late', field: 'data.model' }] },
        }),
      ),
    ],
    async run(session) {
      await create(session);
      await session.ask('GET', settings);
    },
  }),
  hooked({
    title: 'denies without a word, with a reason only, with a code that is none',
    before: prepared,
    validating: [
      { answer: deny(), webhook: { rules: rules(['CREATE'], '/v1/configmaps') } },
      { answer: deny({ reason: 'Tired' }), webhook: { rules: rules(['UPDATE'], '/v1/configmaps') } },
      { answer: deny({ code: 200, status: 'Success', message: 'fine' }), webhook: { rules: rules(['DELETE'], '/v1/configmaps') } },
    ],
    async run(session) {
      await create(session, { ...configMap.make(''), metadata: { name: 'other' } });
      await session.ask('PATCH', settings, { data: { a: 'b' } }, merge);
      await session.ask('DELETE', settings);
    },
  }),
  hooked({
    title: 'is asked about deletions, one by one',
    async before(session) {
      await prepared(session);
      for (const name of ['one', 'two']) {
        await session.prepare('POST', configMap.path, { ...configMap.make(''), metadata: { name, labels: { set: 'yes' } } });
      }
    },
    mutating: [{ answer: allow, webhook: { rules: rules(['DELETE'], '/v1/configmaps') } }],
    validating: [
      {
        answer: ({ name }) => (name === 'two' ? deny({ message: 'two stays' })() : allow()),
        webhook: { rules: rules(['DELETE'], '/v1/configmaps') },
      },
    ],
    async run(session) {
      await session.ask('DELETE', settings, { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background' });
      await session.ask('DELETE', `${configMap.path}?labelSelector=set%3Dyes`);
      await session.ask('GET', `${configMap.path}/two`);
      await session.ask('DELETE', `${configMap.path}/none`);
    },
  }),
  hooked({
    title: 'cannot change what is deleted',
    before: prepared,
    mutating: [
      {
        answer: patch({ op: 'add', path: '/data/x', value: 'y' }),
        webhook: { rules: rules(['DELETE'], '/v1/configmaps') },
      },
    ],
    async run(session) {
      await session.ask('DELETE', settings);
    },
  }),
  hooked({
    title: 'sees the object as it will be stored',
    mutating: [
      {
        answer: patch({ op: 'add', path: '/metadata/labels/mutated', value: 'yes' }),
        webhook: { rules: rules(['CREATE', 'UPDATE'], '/v1/pods') },
      },
    ],
    validating: [{ answer: allow, webhook: { rules: rules(['CREATE', 'UPDATE'], '/v1/pods', '/v1/pods/status') } }],
    async run(session) {
      await session.ask('POST', pod.path, pod.make(''));
      await session.ask('PATCH', `${pod.path}/sample/status`, { status: { phase: 'Running' } }, merge);
      await session.ask('POST', pod.path, { ...pod.make(''), spec: {} });
    },
  }),
  hooked({
    title: 'may not patch',
    validating: [once(patch({ op: 'add', path: '/data/x', value: 'y' }))],
    async run(session) {
      await create(session);
    },
  }),
  hooked({
    title: 'one that may be left out still refuses',
    validating: [once(deny({ message: 'no' }), { failurePolicy: 'Ignore' })],
    async run(session) {
      await create(session);
    },
  }),
  hooked({
    title: 'warns, once for each warning',
    mutating: [once(() => ({ response: { allowed: true, warnings: ['first', 'same'] } }))],
    validating: [once(() => ({ response: { allowed: true, warnings: ['same', 'with "quotes"'] } }))],
    async run(session) {
      await create(session);
    },
  }),
  hooked({
    title: 'warns and denies',
    validating: [once(() => ({ response: { allowed: false, warnings: ['told you so'] } }))],
    async run(session) {
      await create(session);
    },
  }),
];

/** Admission webhooks, which are real HTTPS servers that every server calls. */
export const webhookCases: readonly ContractCase[] = [...mutatingCases, ...validatingCases];
