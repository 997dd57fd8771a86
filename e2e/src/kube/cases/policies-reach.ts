import type { Body } from '../body.ts';
import { established, sharedGroup } from '../custom-definition.ts';
import { about, governed } from '../governed.ts';
import { sampleOf } from '../objects.ts';
import type { ContractCase, Session } from '../session.ts';

const merge = { type: 'application/merge-patch+json' };
const configMap = sampleOf('ConfigMap');
const deployment = sampleOf('Deployment');
const pod = sampleOf('Pod');
const namespace = sampleOf('Namespace');

const create = (session: Session, body: Body = configMap.make('')) => session.ask('POST', configMap.path, body);
const named = (name: string, more: Body = {}): Body => ({
  ...configMap.make(''),
  ...more,
  metadata: { name, ...(more['metadata'] as object | undefined) },
});

const no = [{ expression: 'false', message: 'no' }];

/** What admission policies are about: versions, subresources, labels, names, and when they are left out. */
export const policyReachCases: readonly ContractCase[] = [
  governed({
    title: 'is about other versions of what it names',
    policies: [
      {
        spec: {
          matchConstraints: about(['CREATE'], 'autoscaling/v1/horizontalpodautoscalers'),
          validations: [
            {
              expression: 'false',
              messageExpression: "object.apiVersion + ' ' + request.kind.version + ' ' + request.requestKind.version + ' ' + string(has(object.spec.metrics))",
            },
          ],
        },
      },
    ],
    async run(session) {
      const scaler = sampleOf('HorizontalPodAutoscaler');
      await session.ask('POST', scaler.path, scaler.make(''));
    },
  }),
  governed({
    title: 'is about one version exactly',
    policies: [
      {
        spec: {
          matchConstraints: {
            ...about(['CREATE'], 'autoscaling/v1/horizontalpodautoscalers'),
            matchPolicy: 'Exact',
          },
          validations: no,
        },
      },
    ],
    async run(session) {
      const scaler = sampleOf('HorizontalPodAutoscaler');
      await session.ask('POST', scaler.path, scaler.make(''));
    },
  }),
  governed({
    title: 'is about objects of some names and labels',
    policies: [
      {
        spec: {
          matchConstraints: {
            resourceRules: [
              {
                operations: ['*'],
                apiGroups: [''],
                apiVersions: ['*'],
                resources: ['configmaps'],
                resourceNames: ['one', 'two'],
                scope: 'Namespaced',
              },
            ],
            objectSelector: { matchLabels: { tier: 'gold' } },
          },
          validations: no,
        },
      },
    ],
    async run(session) {
      await create(session, named('one'));
      await create(session, named('two', { metadata: { labels: { tier: 'gold' } } }));
      await create(session, named('three', { metadata: { labels: { tier: 'gold' } } }));
      await session.ask('PATCH', `${configMap.path}/one`, { metadata: { labels: { tier: 'gold' } } }, merge);
      await session.ask('PATCH', `${configMap.path}/three`, { data: { a: '1' } }, merge);
    },
  }),
  governed({
    title: 'is not about what it leaves out',
    policies: [
      {
        spec: {
          matchConstraints: {
            ...about(['*'], '/*/*'),
            excludeResourceRules: about(['*'], '/v1/configmaps')['resourceRules'],
          },
          validations: no,
        },
      },
    ],
    async run(session) {
      await create(session);
      await session.ask('POST', sampleOf('Secret').path, sampleOf('Secret').make(''));
    },
  }),
  governed({
    title: 'is not about other namespaces',
    policies: [
      {
        spec: {
          matchConstraints: {
            ...about(['*'], '/v1/configmaps'),
            namespaceSelector: { matchLabels: { 'no.such': 'label' } },
          },
          validations: no,
        },
      },
    ],
    async run(session) {
      await create(session);
    },
  }),
  governed({
    title: 'is about namespaces, which are in none',
    policies: [
      {
        spec: {
          matchConstraints: {
            ...about(['CREATE', 'UPDATE', 'DELETE'], '/v1/namespaces'),
            namespaceSelector: { matchLabels: { governed: 'yes' } },
          },
          validations: [
            {
              expression: "request.operation != 'DELETE' && namespaceObject == null && has(object.metadata.labels.team)",
              message: 'namespaces need a team and stay',
            },
          ],
        },
      },
    ],
    async run(session) {
      const made = namespace.make(session.namespace);
      const metadata = { ...(made['metadata'] as object), labels: { governed: 'yes' } };
      await session.ask('POST', namespace.path, { ...made, metadata });
      await session.ask('POST', namespace.path, { ...made, metadata: { ...metadata, labels: { governed: 'yes', team: 'a' } } });
      await session.ask('DELETE', `${namespace.path}/sample-{ns}`);
      await session.prepare('PATCH', `${namespace.path}/sample-{ns}`, { metadata: { labels: { governed: 'no' } } }, merge);
    },
  }),
  governed({
    title: 'is about scales',
    async before(session) {
      await session.prepare('POST', deployment.path, deployment.make(''));
    },
    policies: [
      {
        spec: {
          matchConstraints: about(['UPDATE'], 'apps/v1/deployments/scale'),
          validations: [
            {
              expression: 'object.spec.replicas <= 3 && oldObject.spec.replicas > 0',
              messageExpression: "object.kind + ' of ' + request.kind.kind + ' in ' + request.subResource + ' for ' + request.resource.resource",
            },
          ],
        },
      },
      {
        kind: 'Mutating',
        spec: {
          matchConstraints: about(['UPDATE'], 'apps/v1/deployments/scale'),
          matchConditions: [{ name: 'two', expression: 'object.spec.replicas == 2' }],
          mutations: [
            {
              patchType: 'ApplyConfiguration',
              applyConfiguration: { expression: 'Object{spec: Object.spec{replicas: 3}}' },
            },
          ],
        },
      },
      {
        kind: 'Mutating',
        spec: {
          matchConstraints: about(['UPDATE'], 'apps/v1/deployments/scale'),
          matchConditions: [{ name: 'four', expression: 'object.spec.replicas == 4' }],
          mutations: [
            {
              patchType: 'JSONPatch',
              jsonPatch: { expression: '[JSONPatch{op: "replace", path: "/spec/replicas", value: 1}]' },
            },
          ],
        },
      },
    ],
    async run(session) {
      const scale = `${deployment.path}/sample/scale`;
      await session.ask('PATCH', scale, { spec: { replicas: 2 } }, merge);
      await session.ask('PATCH', scale, { spec: { replicas: 4 } }, merge);
      await session.ask('PATCH', scale, { spec: { replicas: 9 } }, merge);
      await session.ask('PATCH', `${deployment.path}/sample`, { spec: { replicas: 9 } }, merge);
    },
  }),
  governed({
    title: 'is about statuses',
    async before(session) {
      await session.prepare('POST', deployment.path, deployment.make(''));
    },
    policies: [
      {
        spec: {
          matchConstraints: about(['*'], 'apps/v1/deployments/status'),
          validations: [{ expression: 'object.status.replicas < 5', message: 'too many' }],
        },
      },
    ],
    async run(session) {
      const status = `${deployment.path}/sample/status`;
      await session.ask('PATCH', status, { status: { replicas: 7 } }, merge);
      await session.ask('PATCH', status, { status: { observedGeneration: 1 } }, merge);
      await session.ask('PATCH', status, { status: { replicas: 3 } }, merge);
      await session.ask('PATCH', `${deployment.path}/sample`, { spec: { replicas: 9 } }, merge);
    },
  }),
  governed({
    title: 'is about evictions',
    async before(session) {
      await session.prepare('POST', pod.path, pod.make(''));
    },
    policies: [
      {
        spec: {
          matchConstraints: about(['CREATE'], '/v1/pods/eviction'),
          validations: [
            { expression: 'false', messageExpression: "object.kind + ' ' + request.name + ' ' + request.kind.group" },
          ],
        },
      },
    ],
    async run(session) {
      await session.ask('POST', `${pod.path}/sample/eviction`, {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name: 'sample' },
      });
    },
  }),
  governed({
    title: 'is about custom objects',
    async before(session) {
      await established(session);
    },
    policies: [
      {
        spec: {
          matchConstraints: about(['CREATE'], `${sharedGroup}/v1/modelservers`),
          validations: [
            {
              expression: "object.spec.replicas <= 5 && object.kind == 'ModelServer'",
              messageExpression: "'at most 5, not ' + string(object.spec.replicas)",
            },
          ],
        },
      },
    ],
    async run(session) {
      const path = `/apis/${sharedGroup}/v1/namespaces/{ns}/modelservers`;
      const server = (name: string, replicas: number) => ({
        apiVersion: `${sharedGroup}/v1`,
        kind: 'ModelServer',
        metadata: { name },
        spec: { model: 'llama', replicas },
      });
      await session.ask('POST', path, server('six', 6));
      await session.ask('POST', path, server('five', 5));
    },
  }),
  governed({
    title: 'is not about policies',
    policies: [
      {
        spec: {
          matchConstraints: {
            ...about(['*'], 'admissionregistration.k8s.io/*/*'),
            namespaceSelector: {},
          },
          validations: no,
        },
      },
    ],
    async run(session) {
      const path = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';
      await session.ask('POST', path, {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicy',
        metadata: { name: `${session.namespace}-free` },
        spec: { matchConstraints: about(['CREATE'], '/v1/pods'), validations: [{ expression: 'true' }] },
      });
      await session.ask('DELETE', `${path}/${session.namespace}-free`);
    },
  }),
  governed({
    title: 'knows the names of its variables only when they are needed',
    policies: [
      {
        spec: {
          variables: [
            { name: 'missing', expression: 'object.data.nothing' },
            { name: 'also', expression: 'variables.missing == "x"' },
            { name: 'model', expression: 'object.data.model' },
          ],
          matchConditions: [{ name: 'model', expression: "object.data.model != 'free'" }],
          validations: [{ expression: "variables.model == 'gpt' || variables.also", message: 'unseen' }],
        },
      },
    ],
    async run(session) {
      await create(session);
      await create(session, named('gpt', { data: { model: 'gpt' } }));
      await create(session, named('free', { data: { model: 'free' } }));
    },
  }),
  governed({
    title: 'stumbles over its conditions, and is not followed when one is false',
    policies: [
      {
        spec: {
          matchConditions: [
            { name: 'a', expression: 'object.data.nothing == "x"' },
            { name: 'b', expression: "object.data.model != 'free'" },
            { name: 'c', expression: 'int(object.data.model) == 1' },
          ],
          validations: no,
        },
      },
    ],
    async run(session) {
      await create(session);
      await create(session, named('free', { data: { model: 'free' } }));
    },
  }),
];
