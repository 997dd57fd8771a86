import { bodyAt, set } from '../body.ts';
import type { Body } from '../body.ts';
import { definitionPath, gadget, ownGroup, served, smallDefinition } from '../custom-definition.ts';
import type { ContractCase, Session } from '../session.ts';
import { until } from '../until.ts';

const apply = { type: 'application/apply-patch+yaml' };
const merge = { type: 'application/merge-patch+json' };
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

const setOfText = { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' };

const grows = [{ rule: 'self >= oldSelf', message: 'only grows', reason: 'FieldValueForbidden' }];

const ruled = {
  type: 'object',
  properties: {
    model: { type: 'string', maxLength: 9 },
    note: { type: 'string', 'x-kubernetes-validations': [{ rule: "self != 'low'", messageExpression: "'not ' + self" }] },
    phase: {
      type: 'string',
      'x-kubernetes-validations': [
        { rule: "oldSelf.hasValue() ? self == 'b' : self == 'a'", optionalOldSelf: true, message: 'a, then b' },
      ],
    },
    limits: { type: 'object', maxProperties: 5, additionalProperties: { type: 'integer', 'x-kubernetes-validations': grows } },
    stages: {
      type: 'array',
      maxItems: 5,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: {
        type: 'object',
        required: ['name'],
        properties: { name: { type: 'string' }, weight: { type: 'integer', 'x-kubernetes-validations': grows } },
      },
    },
  },
  'x-kubernetes-validations': [
    { rule: 'has(oldSelf.model) == has(self.model)', message: 'model comes and goes' },
    { rule: '!has(self.model) || self.model.size() == 1', reason: 'FieldValueDuplicate', fieldPath: '.model' },
  ],
};

/** Objects of custom kinds that have definitions of their own. */
export const customKindCases: readonly ContractCase[] = [
  {
    title: 'custom object: read with the schema of today, and let be as it was',
    async run(session) {
      const made = smallDefinition(ownGroup(session));
      const path = await served(session, made);
      await session.ask('POST', path, gadget(made, 'sample', { spec: { model: 'long-model' } }));
      const spec = 'spec.versions.0.schema.openAPIV3Schema.properties.spec.properties';
      await changed(session, made, (next) => {
        set(next, `${spec}.model.maxLength`, 4);
        set(next, `${spec}.size`, { type: 'integer', default: 3 });
        set(next, `${spec}.parts`, { type: 'object', default: {}, properties: { a: { type: 'string', default: 'x' } } });
      });
      await until(async () => 'size' in specOf((await session.attempt('GET', `${path}/sample`)).body), 'no default');
      await session.ask('GET', `${path}/sample`);
      await session.ask('PATCH', `${path}/sample`, { metadata: { labels: { a: 'b' } } }, merge);
      await session.ask('PATCH', `${path}/sample`, { spec: { size: 4 } }, merge);
      await session.ask('PATCH', `${path}/sample`, { spec: { model: 'another-long-model' } }, merge);
      await session.ask('PATCH', `${path}/sample`, { spec: { model: 'abc' } }, merge);
      await session.ask('POST', path, gadget(made, 'other', { spec: { model: 'too-long' } }));
    },
  },
  {
    title: 'custom object: of a cluster, without subresources',
    async run(session) {
      const made = smallDefinition(ownGroup(session));
      set(made, 'spec.scope', 'Cluster');
      const path = await served(session, made);
      await session.ask('POST', path, gadget(made, 'sample', { spec: { model: 'a' }, status: { phase: 'x' } }));
      await session.ask('POST', path, gadget(made, 'other', { metadata: { name: 'other', namespace: 'default' } }));
      await session.ask('GET', `${path}/sample/status`);
      await session.ask('GET', `${path}/sample/scale`);
      await session.ask('GET', `${path}?fieldSelector=metadata.namespace=a`);
      await session.ask('GET', path);
      await session.ask('GET', path, undefined, { accept: table });
      await session.ask('DELETE', path);
    },
  },
  {
    title: 'custom object: written in two versions with other defaults and other lists',
    async run(session) {
      const made = smallDefinition(ownGroup(session));
      const first = bodyAt(made, 'spec.versions.0');
      const spec = 'schema.openAPIV3Schema.properties.spec.properties';
      set(made, 'spec.versions.1', { ...structuredClone(first), name: 'v2', storage: false });
      set(made, `spec.versions.0.${spec}.size`, { type: 'integer', default: 3 });
      set(made, `spec.versions.0.${spec}.names`, setOfText);
      set(made, `spec.versions.1.${spec}.names`, { type: 'array', items: { type: 'string' } });
      set(made, `spec.versions.0.${spec}.only`, { type: 'string' });
      set(made, `spec.versions.1.${spec}.size`, { type: 'integer', default: 9 });
      set(made, `spec.versions.1.${spec}.only`, { type: 'string', maxLength: 3, default: 'two' });
      const path = await served(session, made);
      const second = path.replace('/v1/', '/v2/');
      const older = (fields: object) => gadget(made, 'sample', { spec: fields });
      const newer = (fields: object) => ({ ...older(fields), apiVersion: `${ownGroup(session)}/v2` });
      await session.ask('POST', second, newer({ model: 'a', size: 7, only: 'toolong' }));
      await session.ask('POST', second, newer({ model: 'a', size: 7, only: 'x' }));
      await session.ask('GET', `${path}/sample`);
      await session.ask('GET', `${second}/sample`);
      await session.ask('PATCH', `${path}/sample?fieldManager=one`, older({ size: 4, names: ['a'] }), apply);
      await session.ask('PATCH', `${second}/sample?fieldManager=two`, newer({ model: 'b', names: ['b'] }), apply);
      await session.ask('PATCH', `${second}/sample?fieldManager=two&force=true`, newer({ model: 'b', only: 'y' }), apply);
      await session.ask('PATCH', `${second}/sample?fieldManager=three`, { spec: { names: ['c'], only: 'z' } }, merge);
      await session.ask('PATCH', `${path}/sample?fieldManager=one`, older({ size: 5 }), apply);
      await session.ask('GET', `${path}/sample`);
      await session.ask('GET', second);
    },
  },
  {
    title: 'custom object: kept by rules that look back, in lists by key',
    async run(session) {
      const made = smallDefinition(ownGroup(session));
      set(made, 'spec.versions.0.schema.openAPIV3Schema.properties.spec', ruled);
      const path = await served(session, made);
      const write = (spec: object) => session.ask('PATCH', `${path}/sample`, { spec }, merge);
      await session.ask('POST', path, gadget(made, 'sample', { spec: { stages: [{ name: 'a', weight: 5 }] } }));
      await session.ask('POST', path, gadget(made, 'other', { spec: { model: 'late', note: 'low' } }));
      await write({ model: 'x' });
      await write({ model: 'y' });
      await write({ model: null });
      await write({ stages: [{ name: 'b', weight: 1 }, { name: 'a', weight: 6 }] });
      await write({ stages: [{ name: 'b', weight: 1 }, { name: 'a', weight: 4 }] });
      await write({ limits: { cpu: 3 } });
      await write({ limits: { cpu: 2, gpu: 1 } });
      await write({ note: 'low' });
      await write({ phase: 'a' });
      await write({ phase: 'c' });
    },
  },
];

async function changed(session: Session, made: Body, change: (next: Body) => void): Promise<void> {
  const { body } = await session.prepare('GET', definitionPath(made));
  change(body);
  await session.prepare('PUT', definitionPath(made), body);
}

function specOf(object: Body): Body {
  return (object['spec'] ?? {}) as Body;
}
