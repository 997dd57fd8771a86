import { bodyAt, set, textAt } from '../body.ts';
import type { Body } from '../body.ts';
import type { ContractCase, Session } from '../session.ts';
import { until } from '../until.ts';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
const apply = { type: 'application/apply-patch+yaml' };
const merge = { type: 'application/merge-patch+json' };

const schema = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      required: ['model'],
      properties: {
        model: { type: 'string', minLength: 2, maxLength: 20, pattern: '^[a-z0-9-]+$' },
        replicas: { type: 'integer', minimum: 0, maximum: 100, default: 1 },
        precision: { type: 'string', enum: ['fp16', 'fp8', 'int4'], default: 'fp16' },
        ratio: { type: 'number', exclusiveMinimum: true, minimum: 0 },
        tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set', maxItems: 3 },
        stages: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: { type: 'string' }, weight: { type: 'integer', default: 10 } },
          },
        },
        port: { 'x-kubernetes-int-or-string': true },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        limits: { type: 'object', additionalProperties: { type: 'string' } },
        note: { type: 'string', nullable: true },
        window: { type: 'string', format: 'date-time' },
        atomic: {
          type: 'object',
          'x-kubernetes-map-type': 'atomic',
          properties: { a: { type: 'string' }, b: { type: 'string' } },
        },
        minimum: { type: 'integer' },
        maximum: { type: 'integer' },
      },
      'x-kubernetes-validations': [
        {
          rule: '!has(self.minimum) || !has(self.maximum) || self.minimum <= self.maximum',
          message: 'minimum above maximum',
        },
        { rule: 'self.model == oldSelf.model', message: 'model is immutable' },
      ],
    },
    status: {
      type: 'object',
      properties: {
        phase: { type: 'string' },
        replicas: { type: 'integer' },
        selector: { type: 'string' },
      },
    },
  },
};

/** The group of the definition that cases about objects share: a real server takes two seconds to serve a new one. */
const sharedGroup = 'shared.example.com';

/** A definition; in a group of the case's own when the case is about the definition, so that cases do not meet. */
function definition(group: string): Body {
  return structuredClone({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `modelservers.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'modelservers', singular: 'modelserver', kind: 'ModelServer', shortNames: ['ms'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: schema },
          subresources: {
            status: {},
            scale: {
              specReplicasPath: '.spec.replicas',
              statusReplicasPath: '.status.replicas',
              labelSelectorPath: '.status.selector',
            },
          },
          additionalPrinterColumns: [
            { name: 'Model', type: 'string', jsonPath: '.spec.model' },
            { name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas', description: 'how many' },
            { name: 'Stage', type: 'string', jsonPath: '.spec.stages[0].name', priority: 1 },
            { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
          ],
        },
      ],
    },
  });
}

const ownGroup = (session: Session) => `${session.namespace}.example.com`;

/** Makes the definition and waits until its resource is served. */
async function established(session: Session, made = definition(sharedGroup)): Promise<string> {
  const { status, body } = await session.attempt('POST', definitions, made);
  if (status !== 201 && status !== 409) throw new Error(`the definition was refused: ${JSON.stringify(body)}`);
  const path = `/apis/${textAt(made, 'spec.group')}/v1/namespaces/{ns}/modelservers`;
  await until(async () => (await session.attempt('GET', path)).status === 200, `${path} is not served`);
  return path;
}

const server = (spec: object = {}, more: object = {}): Body => ({
  apiVersion: `${sharedGroup}/v1`,
  kind: 'ModelServer',
  metadata: { name: 'sample' },
  spec: { model: 'llama', ...spec },
  ...more,
});

const specs: readonly (readonly [title: string, spec: object | undefined])[] = [
  ['defaults', {}],
  [
    'everything',
    { tags: ['a', 'b'], stages: [{ name: 'x' }], port: 'http', free: { deep: [1] }, limits: { a: 'b' } },
  ],
  ['no model', { model: undefined }],
  ['a short model', { model: 'x' }],
  ['a long model', { model: 'x'.repeat(21) }],
  ['a bad model', { model: 'Llama 3' }],
  ['a model that is a number', { model: 7 }],
  ['too many replicas', { replicas: 101 }],
  ['negative replicas', { replicas: -1 }],
  ['replicas with a fraction', { replicas: 1.5 }],
  ['replicas as text', { replicas: '3' }],
  ['replicas null', { replicas: null }],
  ['an unknown precision', { precision: 'fp64' }],
  ['a ratio of zero', { ratio: 0 }],
  ['tags twice', { tags: ['a', 'a'] }],
  ['too many tags', { tags: ['a', 'b', 'c', 'd'] }],
  ['stages of one name', { stages: [{ name: 'x' }, { name: 'x' }] }],
  ['a stage without a name', { stages: [{ weight: 3 }] }],
  ['a port that is a list', { port: [80] }],
  ['limits that are numbers', { limits: { a: 1 } }],
  ['a note that is null', { note: null }],
  ['a window that is no time', { window: 'tomorrow' }],
  ['unknown fields', { bogus: 1, free: { kept: true }, atomic: { c: 'dropped' } }],
  ['minimum above maximum', { minimum: 5, maximum: 2 }],
];

const badDefinitions: readonly (readonly [title: string, change: (made: Body) => void])[] = [
  ['of a wrong name', (made) => set(made, 'metadata.name', 'others.example.com')],
  ['without versions', (made) => set(made, 'spec.versions', [])],
  ['with two storage versions', (made) => set(made, 'spec.versions.1', { ...bodyAt(made, 'spec.versions.0'), name: 'v2' })],
  ['with no storage version', (made) => set(made, 'spec.versions.0.storage', false)],
  ['without a schema', (made) => set(made, 'spec.versions.0.schema', undefined)],
  [
    'with a schema that is not structural',
    (made) => {
      set(made, 'spec.versions.0.schema.openAPIV3Schema.properties.spec.properties.model.type', undefined);
    },
  ],
  [
    'with a default of a wrong type',
    (made) => {
      set(made, 'spec.versions.0.schema.openAPIV3Schema.properties.spec.properties.replicas.default', 'many');
    },
  ],
  [
    'with a bad pattern',
    (made) => {
      set(made, 'spec.versions.0.schema.openAPIV3Schema.properties.spec.properties.model.pattern', '(');
    },
  ],
  [
    'with a list map without keys',
    (made) => {
      set(
        made,
        'spec.versions.0.schema.openAPIV3Schema.properties.spec.properties.stages.x-kubernetes-list-map-keys',
        undefined,
      );
    },
  ],
  ['with a bad scope', (made) => set(made, 'spec.scope', 'Everywhere')],
  ['with a bad plural', (made) => set(made, 'spec.names.plural', 'Model_Servers')],
  [
    'with a column without a path',
    (made) => set(made, 'spec.versions.0.additionalPrinterColumns.0.jsonPath', ''),
  ],
  [
    'with a column of a bad type',
    (made) => set(made, 'spec.versions.0.additionalPrinterColumns.0.type', 'colour'),
  ],
  [
    'with a bad scale path',
    (made) => set(made, 'spec.versions.0.subresources.scale.specReplicasPath', '.replicas'),
  ],
  ['with a webhook that is not said', (made) => set(made, 'spec.conversion', { strategy: 'Webhook' })],
  ['with preserveUnknownFields', (made) => set(made, 'spec.preserveUnknownFields', true)],
  [
    'with a rule that is no CEL',
    (made) => {
      set(made, 'spec.versions.0.schema.openAPIV3Schema.properties.spec.x-kubernetes-validations', [
        { rule: 'self..' },
      ]);
    },
  ],
];

/** Definitions of custom kinds and their objects. */
export const customCases: readonly ContractCase[] = [
  ...badDefinitions.map(([title, change]) => ({
    title: `definition: ${title}`,
    async run(session: Session) {
      const made = definition(ownGroup(session));
      change(made);
      await session.ask('POST', definitions, made);
    },
  })),
  ...specs.map(([title, spec]) => ({
    title: `custom object: ${title}`,
    async run(session: Session) {
      const path = await established(session);
      await session.ask('POST', path, server(spec));
      await session.ask('POST', `${path}?fieldValidation=Strict&dryRun=All`, server(spec, { more: true }));
    },
  })),
  {
    title: 'definition: made, read, discovered, changed, deleted',
    async run(session) {
      await session.ask('POST', `${definitions}?dryRun=All`, definition(ownGroup(session)));
      await established(session, definition(ownGroup(session)));
      const name = `${definitions}/modelservers.${session.namespace}.example.com`;
      await session.ask('GET', name);
      await session.ask('GET', name, undefined, { accept: table });
      await session.ask('GET', `/apis/${session.namespace}.example.com`);
      await session.ask('GET', `/apis/${session.namespace}.example.com/v1`);
      await session.ask('PATCH', name, { spec: { scope: 'Cluster' } }, merge);
      await session.ask('PATCH', name, { spec: { group: 'other.example.com' } }, merge);
      await session.ask('PATCH', name, { spec: { names: { shortNames: ['msv'] } } }, merge);
      await session.prepare('DELETE', name);
      await until(async () => (await session.attempt('GET', name)).status === 404, `${name} is still there`);
      await session.ask('GET', name);
    },
  },
  {
    title: 'custom object: its life with status, scale, table and generation',
    async run(session) {
      const path = await established(session);
      await session.ask('POST', path, server({}, { status: { phase: 'set by a client' } }));
      await session.ask('GET', `${path}/sample`, undefined, { accept: table });
      await session.ask('PATCH', `${path}/sample`, { spec: { replicas: 3 }, status: { phase: 'no' } }, merge);
      await session.ask(
        'PATCH',
        `${path}/sample/status`,
        { spec: { replicas: 9 }, status: { phase: 'Ready' } },
        merge,
      );
      await session.ask('PATCH', `${path}/sample/status`, { status: { phase: 7 } }, merge);
      await session.ask('GET', `${path}/sample/scale`);
      await session.ask('PATCH', `${path}/sample/scale`, { spec: { replicas: 5 } }, merge);
      await session.ask('PATCH', `${path}/sample`, { spec: { model: 'other' } }, merge);
      await session.ask('PATCH', `${path}/sample`, {}, { type: 'application/strategic-merge-patch+json' });
      await session.ask('GET', path);
      await session.ask('DELETE', `${path}/sample`);
    },
  },
  {
    title: 'custom object: applied by two managers, lists by key and as sets',
    async run(session) {
      const path = `${await established(session)}/sample`;
      const first = {
        tags: ['a'],
        stages: [{ name: 'x', weight: 1 }],
        atomic: { a: '1' },
        free: { mine: [1] },
      };
      const second = {
        tags: ['b'],
        stages: [{ name: 'y' }],
        atomic: { b: '2' },
        free: { mine: [2], other: 1 },
      };
      await session.ask('PATCH', `${path}?fieldManager=one`, server(first), apply);
      await session.ask('PATCH', `${path}?fieldManager=two`, server(second), apply);
      await session.ask('PATCH', `${path}?fieldManager=two&force=true`, server(second), apply);
      await session.ask('PATCH', `${path}?fieldManager=one`, server({ stages: [{ name: 'z' }] }), apply);
      await session.ask('GET', path);
    },
  },
  {
    title: 'custom object: two versions of one definition',
    async run(session) {
      const made = definition(ownGroup(session));
      const older = {
        ...bodyAt(made, 'spec.versions.0'),
        name: 'v1beta1',
        storage: false,
        deprecated: true,
      };
      set(made, 'spec.versions.1', older);
      const path = await established(session, made);
      const object = { ...server(), apiVersion: `${ownGroup(session)}/v1` };
      await session.ask('POST', path, object);
      await session.ask('GET', `${path.replace('/v1/', '/v1beta1/')}/sample`);
      await session.ask(
        'PATCH',
        `${path.replace('/v1/', '/v1beta1/')}/sample`,
        { spec: { replicas: 2 } },
        merge,
      );
      await session.ask('GET', `${path}/sample`);
      await session.ask('GET', `/apis/${session.namespace}.example.com`);
    },
  },
];
