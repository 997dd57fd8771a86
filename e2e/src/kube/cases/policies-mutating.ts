import type { Body } from '../body.ts';
import { established, sharedGroup } from '../custom-definition.ts';
import { about, governed, keepParameters } from '../governed.ts';
import type { PolicySpec } from '../governed.ts';
import { sampleOf } from '../objects.ts';
import type { ContractCase, Session } from '../session.ts';
import { until } from '../until.ts';

const merge = { type: 'application/merge-patch+json' };
const apply = { type: 'application/apply-patch+yaml' };
const configMap = sampleOf('ConfigMap');
const deployment = sampleOf('Deployment');
const pod = sampleOf('Pod');
const sample = `${configMap.path}/sample`;

const create = (session: Session, body: Body = configMap.make(''), query = '') =>
  session.ask('POST', `${configMap.path}${query}`, body);
const named = (name: string): Body => ({ ...configMap.make(''), metadata: { name } });

const applying = (expression: string) => ({
  patchType: 'ApplyConfiguration',
  applyConfiguration: { expression },
});
const patching = (expression: string) => ({ patchType: 'JSONPatch', jsonPatch: { expression } });

/** A policy that makes changes; to config maps unless told. */
const changes = (mutations: readonly object[], more: Body = {}): PolicySpec => ({
  kind: 'Mutating',
  spec: { mutations, ...more },
});
const ofPods = about(['CREATE', 'UPDATE'], '/v1/pods');
const ofDeployments = about(['CREATE', 'UPDATE'], 'apps/v1/deployments');

/** Mutations of config maps, each in a case of its own: some change the object, some refuse the request. */
const single: Readonly<Record<string, object>> = {
  'adds labels and data': applying(
    'Object{metadata: Object.metadata{labels: {"team": "a", "model": string(object.data.model)}}, data: {"added": "1"}}',
  ),
  'adds an annotation that is computed': applying(
    'Object{metadata: Object.metadata{annotations: {"by/" + request.operation.lowerAscii(): request.userInfo.username.split(":").size() > 0 ? "known" : "x"}}}',
  ),
  'says nothing': applying('Object{}'),
  'says only what is optional': applying('Object{?data: optional.none(), metadata: Object.metadata{?labels: optional.of({"a": "b"})}}'),
  'takes the type of another field': applying('Object{metadata: Object.spec{labels: {"a": "b"}}}'),
  'names a field that is none': applying('Object{spec: Object.spec{replicas: 1}}'),
  'gives a number where text belongs': applying('Object{data: {"a": 1}}'),
  'stumbles over a field that is missing': applying('Object{data: {"a": object.data.nothing}}'),
  'patches by JSON patch': patching(
    '[JSONPatch{op: "test", path: "/data/model", value: "llama"}, JSONPatch{op: "replace", path: "/data/threads", value: "9"}, JSONPatch{op: "add", path: "/metadata/labels", value: {"a": "b"}}]',
  ),
  'patches by an escaped key': patching(
    '[JSONPatch{op: "add", path: "/data/" + jsonpatch.escapeKey("a~b/c"), value: "1"}]',
  ),
  'tests for what is not so': patching(
    '[JSONPatch{op: "replace", path: "/data/threads", value: "9"}, JSONPatch{op: "test", path: "/data/model", value: "x"}]',
  ),
  'removes what is not there': patching('[JSONPatch{op: "remove", path: "/data/none"}]'),
  'replaces what is not there': patching('[JSONPatch{op: "replace", path: "/data/none", value: "x"}]'),
  'adds below nothing': patching('[JSONPatch{op: "add", path: "/spec/none/deep", value: "x"}]'),
  'moves and copies': patching(
    '[JSONPatch{op: "copy", from: "/data/model", path: "/data/copied"}, JSONPatch{op: "move", from: "/data/threads", path: "/data/moved"}]',
  ),
  'patches when there is a reason': patching('has(object.data.none) ? [JSONPatch{op: "remove", path: "/data"}] : []'),
  'makes an invalid object': patching('[JSONPatch{op: "add", path: "/metadata/labels", value: {"a": "!"}}]'),
  'makes no object of the kind': patching('[JSONPatch{op: "add", path: "/data", value: ["x"]}]'),
  'makes an object with an unknown field': patching('[JSONPatch{op: "add", path: "/spec", value: Object.spec{a: 1}}]'),
};

const sidecar =
  'Object.spec.containers{name: "proxy", image: "registry.example/proxy:1", ports: [Object.spec.containers.ports{containerPort: 9000}]}';

/** Changes of whole workloads. */
const workloads: readonly ContractCase[] = [
  governed({
    title: 'injects a sidecar into pods',
    policies: [
      changes([applying(`Object{spec: Object.spec{containers: [${sidecar}]}}`)], {
        matchConstraints: ofPods,
        matchConditions: [
          { name: 'once', expression: "!object.spec.containers.exists(c, c.name == 'proxy')" },
        ],
      }),
    ],
    async run(session) {
      await session.ask('POST', pod.path, pod.make(''));
      await session.ask('PATCH', `${pod.path}/sample`, { metadata: { labels: { more: 'yes' } } }, merge);
      await session.ask('PATCH', `${pod.path}/other?fieldManager=one`, { ...pod.make(''), metadata: { name: 'other' } }, apply);
    },
  }),
  governed({
    title: 'adds a toleration by JSON patch',
    policies: [
      changes(
        [
          patching(
            '[JSONPatch{op: "add", path: "/spec/tolerations/-", value: Object.spec.tolerations{key: "gpu", operator: "Exists"}}]',
          ),
        ],
        { matchConstraints: ofPods },
      ),
    ],
    async run(session) {
      await session.ask('POST', pod.path, pod.make(''));
    },
  }),
  governed({
    title: 'may not change what is owned as a whole',
    policies: [
      changes(
        [
          applying(
            'Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [Object.spec.template.spec.containers{name: "server", args: ["x"]}]}}}}',
          ),
        ],
        { matchConstraints: ofDeployments },
      ),
    ],
    async run(session) {
      await session.ask('POST', deployment.path, deployment.make(''));
    },
  }),
  governed({
    title: 'changes replicas at every write, and its fields belong to who wrote them',
    policies: [
      changes([applying('Object{spec: Object.spec{replicas: object.spec.replicas + 1}}')], {
        matchConstraints: ofDeployments,
      }),
    ],
    async run(session) {
      await session.ask('POST', deployment.path, deployment.make(''));
      await session.ask('PATCH', `${deployment.path}/sample?fieldManager=one&force=true`, { ...deployment.make(''), spec: { replicas: 5 } }, apply);
      await session.ask('PATCH', `${deployment.path}/sample`, { metadata: { labels: { a: 'b' } } }, merge);
      await session.ask('GET', `${deployment.path}/sample`);
    },
  }),
  governed({
    title: 'changes custom objects within their schema',
    async before(session) {
      await established(session);
    },
    policies: [
      changes(
        [
          applying('Object{spec: Object.spec{replicas: 7, stages: [Object.spec.stages{name: "b", weight: 2}]}}'),
          applying('Object{spec: Object.spec{unknown: 7}}'),
        ],
        {
          failurePolicy: 'Ignore',
          matchConstraints: about(['CREATE'], `${sharedGroup}/v1/modelservers`),
        },
      ),
    ],
    async run(session) {
      const path = `/apis/${sharedGroup}/v1/namespaces/{ns}/modelservers`;
      const server = {
        apiVersion: `${sharedGroup}/v1`,
        kind: 'ModelServer',
        metadata: { name: 'sample' },
        spec: { model: 'llama', stages: [{ name: 'a' }] },
      };
      // A real server learns the schema of a new kind for its policies later than it serves the kind.
      const isKnown = async () => (await session.attempt('POST', `${path}?dryRun=All`, server)).status !== 503;
      await until(isKnown, 'policies do not know the kind');
      await session.ask('POST', path, server);
    },
  }),
];

const append = (letter: string) =>
  applying(`Object{data: {"seen": object.data.?seen.orValue("") + "${letter}"}}`);

/** Mutations among each other, and with validations. */
const together: readonly ContractCase[] = [
  governed({
    title: 'makes several changes in order, each on what the one before it left',
    policies: [changes([append('a'), append('b'), append('c')])],
    async run(session) {
      await create(session);
    },
  }),
  governed({
    title: 'is followed once when it never wants to look again',
    policies: [changes([append('n')])],
    async run(session) {
      await create(session);
      await session.ask('PATCH', sample, { data: { a: '1' } }, merge);
    },
  }),
  governed({
    title: 'is followed again when it wants to look again',
    policies: [changes([append('i')], { reinvocationPolicy: 'IfNeeded' })],
    async run(session) {
      await create(session);
      await session.ask('PATCH', sample, { data: { a: '1' } }, merge);
    },
  }),
  governed({
    title: 'makes the changes that it can before one that it cannot',
    policies: [
      changes([append('a'), applying('Object{data: {"x": object.data.nothing}}'), append('b')], {
        failurePolicy: 'Ignore',
      }),
    ],
    async run(session) {
      await create(session);
    },
  }),
  governed({
    title: 'refuses with all that it cannot do',
    policies: [
      changes([
        applying('Object{data: {"x": object.data.nothing}}'),
        patching('[JSONPatch{op: "remove", path: "/data/none"}]'),
      ]),
    ],
    async run(session) {
      await create(session);
    },
  }),
  governed({
    title: 'stumbles over a condition',
    policies: [changes([append('a')], { matchConditions: [{ name: 'c', expression: 'object.data.nothing == "x"' }] })],
    async run(session) {
      await create(session);
    },
  }),
  governed({
    title: 'is held to validations afterwards',
    policies: [
      changes([append('bad')]),
      { spec: { validations: [{ expression: "object.data.seen != 'bad'", messageExpression: "'seen ' + object.data.seen" }] } },
    ],
    async run(session) {
      await create(session);
      await create(session, named('dry'), '?dryRun=All');
    },
  }),
  governed({
    title: 'uses variables and parameters',
    async before(session) {
      await keepParameters(session);
      await session.prepare('POST', configMap.path, { ...named('settings'), data: { team: 'vision' } });
    },
    policies: [
      {
        kind: 'Mutating',
        spec: {
          paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
          variables: [{ name: 'team', expression: "params.data.team + '-team'" }],
          mutations: [applying('Object{metadata: Object.metadata{labels: {"team": variables.team}}}')],
        },
        bindings: [{ paramRef: { name: 'settings', parameterNotFoundAction: 'Deny' } }],
      },
      {
        kind: 'Mutating',
        spec: { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, mutations: [append('x')] },
        bindings: [{ paramRef: { name: 'missing', parameterNotFoundAction: 'Allow' } }],
      },
    ],
    async run(session) {
      await create(session);
    },
  }),
  governed({
    title: 'refuses when a mutation has no parameters',
    before: keepParameters,
    policies: [
      {
        kind: 'Mutating',
        spec: { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, mutations: [append('x')] },
        bindings: [{ paramRef: { name: 'missing', parameterNotFoundAction: 'Deny' } }],
      },
    ],
    async run(session) {
      await create(session);
    },
  }),
];

/** Mutating admission policies: what they make of objects. */
export const mutatingPolicyCases: readonly ContractCase[] = [
  ...Object.entries(single).map(([words, mutation]) =>
    governed({
      title: `mutation ${words}`,
      policies: [changes([mutation])],
      async run(session) {
        await create(session);
      },
    }),
  ),
  ...workloads,
  ...together,
];
