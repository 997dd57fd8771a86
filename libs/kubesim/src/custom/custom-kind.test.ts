import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { customKind } from './custom-kind.ts';

const spec: JsonObject = {
  type: 'object',
  required: ['model'],
  properties: {
    model: { type: 'string', minLength: 2 },
    replicas: { type: 'integer', maximum: 9, default: 1 },
    tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
    stages: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: {
        type: 'object',
        properties: { name: { type: 'string' }, weight: { type: 'integer', default: 10 } },
      },
    },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    port: { 'x-kubernetes-int-or-string': true },
    note: { type: 'string', nullable: true },
  },
};

function definitionOf(more: JsonObject = {}, others: JsonObject[] = []): KubeObject {
  const schema = {
    type: 'object',
    properties: { spec, status: { type: 'object', properties: { phase: { type: 'string' } } } },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'models.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'models', singular: 'model', kind: 'Model', listKind: 'ModelList' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: schema },
          subresources: { status: {} },
          ...more,
        },
        ...others,
      ],
    },
  };
}

const model = (given: JsonObject = {}, more: JsonObject = {}): KubeObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Model',
  metadata: { name: 'sample', namespace: 'default' },
  spec: { model: 'llama', ...given },
  ...more,
});

const { resource, rules } = customKind(definitionOf(), 'v1');
const context = {
  nowMs: () => 0,
  random: () => 0,
  newUid: () => '',
  lookup: () => undefined,
  lookupAll: () => [],
  dryRun: false,
  apiVersion: 'v1',
  user: undefined,
};
const errorsOf = (object: KubeObject) =>
  (rules.validateCreate?.(object, context) ?? []).map(({ field, detail }) => `${field}: ${detail}`);

describe('a custom kind', () => {
  it('is described as discovery shows it', () => {
    expect(resource).toMatchObject({ group: 'example.com', name: 'models', listKind: 'ModelList' });
    expect(resource.subresources.map(({ name }) => name)).toEqual(['status']);
  });

  it('loses what its schema does not name, and says where that was', () => {
    const decoded = rules.custom?.decode(
      model({ bogus: 1, stages: [{ name: 'a', more: 2 }], free: { kept: true } }, { extra: 1 }),
    );
    expect(decoded).toMatchObject({
      ok: true,
      strict: ['unknown field "extra"', 'unknown field "spec.bogus"', 'unknown field "spec.stages[0].more"'],
    });
    expect(decoded?.ok === true && decoded.object['spec']).toEqual({
      model: 'llama',
      stages: [{ name: 'a' }],
      free: { kept: true },
    });
  });

  it('loses nulls that may not be, and keeps those that may', () => {
    const decoded = rules.custom?.decode(model({ tags: null, note: null, replicas: null }));
    expect(decoded?.ok === true && decoded.object['spec']).toEqual({
      model: 'llama',
      note: null,
      replicas: null,
    });
  });

  it('refuses metadata that has no Go type', () => {
    const decoded = rules.custom?.decode(model({}, { metadata: { labels: { a: 1 } } }));
    expect(decoded).toEqual({
      ok: false,
      message: 'json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string',
    });
  });

  it('is filled with defaults, also in lists and in place of nulls', () => {
    const draft = model({ stages: [{ name: 'a' }], replicas: null });
    rules.setDefaults?.(draft);
    expect(draft['spec']).toEqual({ model: 'llama', replicas: 1, stages: [{ name: 'a', weight: 10 }] });
  });

  it('is held to its schema', () => {
    expect(errorsOf(model({ model: 'x', replicas: 10, port: [1], tags: ['a', 'a'] }))).toEqual([
      'spec.model: spec.model in body should be at least 2 chars long',
      'spec.replicas: spec.replicas in body should be less than or equal to 9',
      'spec.port: spec.port in body must be of type integer,string: "array"',
      'spec.tags[1]: ',
    ]);
    expect(errorsOf(model({ model: undefined }))).toEqual(['spec.model: ']);
  });

  it('lets an update keep what was wrong before', () => {
    const old = model({ model: 'x', stages: [{ name: 'a', weight: 'heavy' }] });
    const errors = (object: KubeObject) =>
      (rules.validateUpdate?.(object, old, context) ?? []).map(({ field }) => field);
    expect(errors(model({ model: 'x', stages: [{ name: 'a', weight: 'heavy' }, { name: 'b' }] }))).toEqual(
      [],
    );
    expect(errors(model({ model: 'y', stages: [{ name: 'a', weight: 'light' }] }))).toEqual([
      'spec.model',
      'spec.stages[0].weight',
    ]);
  });

  it('counts changes of everything but its metadata and its status', () => {
    const old = model({}, { status: { phase: 'Ready' } });
    old.metadata.generation = 4;
    const update = (given: JsonObject, more: JsonObject = {}) => {
      const draft = model(given, more);
      rules.prepareForUpdate?.(draft, old, context);
      return { generation: draft.metadata.generation, status: draft['status'] };
    };
    expect(update({}, { status: { phase: 'no' } })).toEqual({ generation: 4, status: { phase: 'Ready' } });
    expect(update({ replicas: 3 })).toEqual({ generation: 5, status: { phase: 'Ready' } });
  });

  it('is read from storage with the defaults of today, always the same for the same object', () => {
    const stored = model({ gone: 1 });
    const shown = rules.custom?.fromStorage(stored);
    expect(shown?.['spec']).toEqual({ model: 'llama', replicas: 1 });
    expect(rules.custom?.fromStorage(stored)).toBe(shown);
  });

  it('is seen in another version without what that does not know', () => {
    const small = {
      name: 'v1alpha1',
      schema: {
        openAPIV3Schema: {
          type: 'object',
          properties: { spec: { type: 'object', properties: { model: { type: 'string' } } } },
        },
      },
    };
    const kind = customKind(definitionOf({}, [small]), 'v1alpha1');
    expect(kind.rules.custom?.fromStorage(model({ replicas: 3 }))).toMatchObject({
      apiVersion: 'example.com/v1alpha1',
      spec: { model: 'llama' },
    });
    expect(kind.rules.custom?.inVersion(model(), 'example.com/v9')).toBeUndefined();
  });
});
