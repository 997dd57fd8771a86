import type { Body } from '../body.ts';
import { about, governed } from '../governed.ts';
import type { PolicySpec } from '../governed.ts';
import { sampleOf } from '../objects.ts';
import type { ContractCase, Session } from '../session.ts';

const merge = { type: 'application/merge-patch+json' };
const apply = { type: 'application/apply-patch+yaml' };
const configMap = sampleOf('ConfigMap');
const deployment = sampleOf('Deployment');
const pod = sampleOf('Pod');
const sample = `${configMap.path}/sample`;
const everyMap = { operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] };

const create = (session: Session, body: Body = configMap.make('')) => session.ask('POST', configMap.path, body);
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

/** What bindings do with refusals. */
const bound: readonly ContractCase[] = [
  governed({
    title: 'warns, by one binding',
    policies: [asks('false', { message: 'rather not' }, [{ validationActions: ['Warn'] }])],
    async run(session) {
      await create(session);
      await session.ask('PATCH', sample, { data: { a: '1' } }, merge);
    },
  }),
  governed({
    title: 'warns of what it stumbles over',
    policies: [asks('object.data.nothing == "x"', {}, [{ validationActions: ['Warn', 'Audit'] }])],
    async run(session) {
      await create(session);
    },
  }),
  governed({
    title: 'only notes in the audit log',
    policies: [asks('false', {}, [{ validationActions: ['Audit'] }])],
    async run(session) {
      await create(session);
    },
  }),
  governed({
    title: 'does nothing without a binding',
    policies: [asks('false', {}, [])],
    async run(session) {
      await create(session);
    },
  }),
  governed({
    title: 'does what a binding of its own is about',
    policies: [
      asks('false', { message: 'no' }, [
        { matchResources: { objectSelector: { matchLabels: { tier: 'gold' } } } },
        { matchResources: about(['UPDATE'], '/v1/configmaps') },
      ]),
    ],
    async run(session) {
      await create(session);
      await create(session, named('other', { metadata: { labels: { tier: 'gold' } } }));
      await session.ask('PATCH', sample, { data: { a: '1' } }, merge);
    },
  }),
  governed({
    title: 'is not about what a binding leaves out',
    policies: [
      asks('false', { message: 'no' }, [
        { matchResources: { excludeResourceRules: [{ ...everyMap, resourceNames: ['sample'] }] } },
      ]),
    ],
    async run(session) {
      await create(session);
      await create(session, named('other'));
    },
  }),
  governed({
    title: 'notes in the audit log what it can, and refuses when it cannot',
    policies: [
      {
        spec: {
          auditAnnotations: [
            { key: 'model', valueExpression: "'model ' + object.data.model" },
            { key: 'none', valueExpression: 'null' },
          ],
        },
        bindings: [{ validationActions: ['Warn'] }],
      },
    ],
    async run(session) {
      await create(session);
      await create(session, named('other', { data: {} }));
    },
  }),
];

/** Policies that accept or refuse some work by what it asks for, as platform teams write them. */
const platform: readonly ContractCase[] = [
  governed({
    title: 'allows images of one registry only',
    policies: [
      {
        spec: {
          matchConstraints: about(['CREATE', 'UPDATE'], 'apps/v1/deployments', '/v1/pods'),
          variables: [
            {
              name: 'spec',
              expression: "has(object.spec.template) ? object.spec.template.spec : object.spec",
            },
            { name: 'bad', expression: "variables.spec.containers.filter(c, !c.image.startsWith('registry.good/'))" },
          ],
          validations: [
            {
              expression: 'variables.bad.size() == 0',
              messageExpression: "'images must come from registry.good: ' + variables.bad.map(c, c.image).join(', ')",
              reason: 'Forbidden',
            },
          ],
        },
      },
    ],
    async run(session) {
      await session.ask('POST', deployment.path, deployment.make(''));
      await session.ask('POST', pod.path, pod.make(''));
      await session.ask('POST', `${deployment.path}?dryRun=All&fieldManager=one`, deployment.make(''));
      await session.ask('PATCH', `${deployment.path}/sample?fieldManager=agent`, deployment.make(''), apply);
    },
  }),
  governed({
    title: 'limits accelerators',
    policies: [
      {
        spec: {
          matchConstraints: about(['CREATE', 'UPDATE'], '/v1/pods'),
          validations: [
            {
              expression:
                "object.spec.containers.all(c, !has(c.resources) || !has(c.resources.limits) || !('nvidia.com/gpu' in c.resources.limits) || quantity(c.resources.limits['nvidia.com/gpu']).compareTo(quantity('4')) <= 0)",
              message: 'at most four GPUs',
            },
          ],
        },
      },
    ],
    async run(session) {
      await session.ask('POST', pod.path, gpuPod('two', 2));
      await session.ask('POST', pod.path, gpuPod('eight', 8));
    },
  }),
  governed({
    title: 'requires labels, and knows who is exempt',
    policies: [
      {
        spec: {
          matchConditions: [
            { name: 'not-exempt', expression: "!('exempt' in object.metadata.?annotations.orValue({}))" },
            { name: 'not-system', expression: "!request.userInfo.username.startsWith('system:node')" },
          ],
          validations: [
            {
              expression: "has(object.metadata.labels) && ['team', 'model'].all(l, l in object.metadata.labels)",
              message: 'labels team and model are required',
            },
          ],
        },
      },
    ],
    async run(session) {
      await create(session);
      await create(session, named('labelled', { metadata: { labels: { team: 'a', model: 'b' } } }));
      await create(session, named('exempt', { metadata: { annotations: { exempt: 'yes' } } }));
    },
  }),
];

const gpuPod = (name: string, count: number): Body => ({
  ...pod.make(''),
  metadata: { name },
  spec: {
    containers: [
      { name: 'server', image: 'x', resources: { limits: { 'nvidia.com/gpu': String(count), cpu: '1' } } },
    ],
  },
});

/** What bindings do with refusals, and what platform teams write. */
export const boundPolicyCases: readonly ContractCase[] = [...bound, ...platform];
