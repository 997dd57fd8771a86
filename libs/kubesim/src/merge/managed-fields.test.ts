import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import type { FieldSchema, GoField } from '../schema/schema.ts';
import { fieldSetOfPaths } from './field-set.ts';
import { keepTimes, recordUpdate } from './managed-fields.ts';
import type { RecordedUpdate } from './managed-fields.ts';
import { deploymentSchema, integer, map, object, text } from './test-schema.ts';

const start = Date.parse('2026-11-24T10:00:00Z');

function deployment(spec: JsonObject, metadata: JsonObject = {}): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'sample', ...metadata },
    spec,
  };
}

function record(
  live: KubeObject | undefined,
  updated: KubeObject,
  more: Partial<RecordedUpdate> = {},
): KubeObject {
  return recordUpdate({
    live,
    updated,
    manager: 'hand',
    subresource: '',
    schema: deploymentSchema,
    apiVersion: 'apps/v1',
    resetFields: undefined,
    nowMs: start,
    ...more,
  });
}

const stored = (made: KubeObject): KubeObject => ({ ...made, metadata: { ...made.metadata, uid: 'u-1' } });
const entries = (object: KubeObject) =>
  (object.metadata['managedFields'] ?? []) as { manager: string; time: string; fieldsV1: Json }[];
const fieldsOf = (object: KubeObject, manager: string) =>
  entries(object).find((entry) => entry.manager === manager)?.fieldsV1;
const withSpec = (live: KubeObject, spec: JsonObject): KubeObject => ({ ...live, spec });

describe('an update', () => {
  it('makes the creator own all that it set, members on the way included', () => {
    const made = record(undefined, deployment({ replicas: 1 }, { labels: { a: 'b' } }));
    expect(entries(made)).toEqual([
      {
        manager: 'hand',
        operation: 'Update',
        apiVersion: 'apps/v1',
        time: '2026-11-24T10:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } },
          'f:spec': { '.': {}, 'f:replicas': {} },
        },
      },
    ]);
  });

  it('does not own structs that Go writes by itself', () => {
    const struct: GoField = { omit: 'empty', kind: 'struct', type: 'v1.DeploymentSpec' };
    const field = (schema: FieldSchema['schema']): FieldSchema => ({
      schema,
      nullable: false,
      patch: { strategies: [] },
      go: struct,
    });
    const schema = object('Deployment', {
      apiVersion: text,
      kind: text,
      metadata: field(object('ObjectMeta', { name: text, labels: map(text) })),
      spec: field(object('DeploymentSpec', { replicas: integer })),
      status: field(object('DeploymentStatus', { replicas: integer })),
    });
    const made = record(undefined, { ...deployment({ replicas: 1 }), status: {} }, { schema });
    expect(fieldsOf(made, 'hand')).toEqual({ 'f:spec': { 'f:replicas': {} } });
  });

  it('moves the fields that it changes to its writer and takes away what it removes', () => {
    const made = stored(record(undefined, deployment({ replicas: 1, paused: true }), { manager: 'maker' }));
    const changed = record(made, withSpec(made, { replicas: 2 }), { nowMs: start + 5000 });
    expect(fieldsOf(changed, 'maker')).toEqual({ 'f:spec': {} });
    expect(fieldsOf(changed, 'hand')).toEqual({ 'f:spec': { 'f:replicas': {} } });
    expect(entries(changed).map(({ time }) => time)).toEqual([
      '2026-11-24T10:00:00Z',
      '2026-11-24T10:00:05Z',
    ]);
  });

  it('keeps entry and time when nothing changes', () => {
    const made = stored(record(undefined, deployment({ replicas: 1 })));
    expect(record(made, made, { nowMs: start + 5000 })).toEqual(made);
    expect(record(made, made, { nowMs: start + 5000, manager: 'other' })).toEqual(made);
  });

  it('adds to what its writer owned before', () => {
    const made = stored(record(undefined, deployment({ replicas: 1 })));
    const changed = record(made, withSpec(made, { replicas: 1, paused: true }), { nowMs: start + 5000 });
    expect(entries(changed)).toHaveLength(1);
    expect(fieldsOf(changed, 'hand')).toEqual({ 'f:spec': { '.': {}, 'f:paused': {}, 'f:replicas': {} } });
  });

  it('through a subresource is an entry of its own, and leaves out what it resets', () => {
    const made = stored(record(undefined, deployment({ replicas: 1 })));
    const changed = record(
      made,
      { ...withSpec(made, { replicas: 9 }), status: { replicas: 1 } },
      { subresource: 'status', resetFields: fieldSetOfPaths(['spec']) },
    );
    expect(changed.metadata['managedFields']).toMatchObject([
      { manager: 'hand', fieldsV1: { 'f:spec': { '.': {}, 'f:replicas': {} } } },
      { manager: 'hand', fieldsV1: { 'f:status': { '.': {}, 'f:replicas': {} } }, subresource: 'status' },
    ]);
  });

  it('calls a writer without a name unknown', () => {
    expect(entries(record(undefined, deployment({}), { manager: '' }))[0]?.manager).toBe('unknown');
  });

  it('takes items that stand twice for one field', () => {
    const list = (...names: string[]) => ({
      template: { spec: { containers: names.map((name) => ({ name })) } },
    });
    const made = stored(record(undefined, deployment(list('a', 'a', 'b'))));
    const spec = {
      'f:containers': { '.': {}, 'k:{"name":"a"}': {}, 'k:{"name":"b"}': { '.': {}, 'f:name': {} } },
    };
    expect(fieldsOf(made, 'hand')).toMatchObject({ 'f:spec': { 'f:template': { 'f:spec': spec } } });
    const once = record(made, withSpec(made, list('a', 'b')), { manager: 'other' });
    const owned = (fields: Json) => ({ 'f:template': { 'f:spec': { 'f:containers': fields } } });
    const { 'k:{"name":"a"}': _, ...rest } = spec['f:containers'];
    expect(fieldsOf(once, 'hand')).toMatchObject({ 'f:spec': owned(rest) });
    expect(JSON.stringify(fieldsOf(once, 'hand'))).not.toContain('"a');
    const none = record(made, withSpec(made, list('b')), { manager: 'other' });
    expect(JSON.stringify(fieldsOf(none, 'hand'))).not.toContain('"a');
    expect(fieldsOf(once, 'other')).toEqual({
      'f:spec': owned({ 'k:{"name":"a"}': { '.': {}, 'f:name': {} } }),
    });
  });

  it('of an object that does not fit its type leaves no owners', () => {
    const made = stored(record(undefined, deployment({ replicas: 1 })));
    const changed = record(made, withSpec(made, { replicas: 'many' }));
    expect(changed.metadata).not.toHaveProperty('managedFields');
  });
});

describe('managed fields that a client sends', () => {
  const made = stored(record(undefined, deployment({ replicas: 1 })));
  const sending = (managedFields: Json | undefined): KubeObject => ({
    ...withSpec(made, { replicas: 2 }),
    metadata: { ...made.metadata, ...(managedFields === undefined ? {} : { managedFields }) },
  });
  const mine = {
    manager: 'mine',
    operation: 'Update',
    apiVersion: 'apps/v1',
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:spec': { 'f:paused': {} } },
  };

  it('count as the owners before the write', () => {
    const changed = record(made, sending([mine]), { manager: 'other' });
    expect(entries(changed).map(({ manager }) => manager)).toEqual(['mine', 'other']);
  });

  it('end the tracking when they are emptied, until the object is applied', () => {
    for (const emptied of [[], [{}]]) {
      const reset = record(made, sending(emptied));
      expect(reset.metadata).not.toHaveProperty('managedFields');
      expect(record(reset, withSpec(reset, { replicas: 3 })).metadata).not.toHaveProperty('managedFields');
    }
  });

  it('are passed over when they are missing or make no sense', () => {
    for (const nonsense of [
      undefined,
      [{ ...mine, fieldsType: 'FieldsV9' }],
      [{ ...mine, operation: 'x' }],
    ]) {
      const changed = record(made, sending(nonsense), { manager: 'other' });
      expect(fieldsOf(changed, 'other')).toEqual({ 'f:spec': { 'f:replicas': {} } });
      expect(fieldsOf(changed, 'hand')).toEqual({ 'f:spec': {} });
    }
  });

  it('are passed over by subresources', () => {
    const changed = record(made, sending([{}]), { subresource: 'status' });
    expect(entries(changed)).toHaveLength(2);
  });
});

describe('many writers', () => {
  it('are kept apart up to ten; the oldest become ancient changes', () => {
    let live = stored(record(undefined, deployment({}), { manager: 'maker' }));
    for (let number = 0; number < 12; number++) {
      const annotations = { ...live.metadata.annotations, [`a${String(number)}`]: 'x' };
      const updated = { ...live, metadata: { ...live.metadata, annotations } };
      live = record(live, updated, { manager: `m${String(number)}`, nowMs: start + number * 1000 });
    }
    const names = entries(live).map(({ manager }) => manager);
    expect(names).toHaveLength(10);
    expect(names.slice(0, 2)).toEqual(['ancient-changes', 'm3']);
    expect(fieldsOf(live, 'ancient-changes')).toEqual({
      'f:metadata': { 'f:annotations': { '.': {}, 'f:a0': {}, 'f:a1': {}, 'f:a2': {} } },
      'f:spec': {},
    });
  });
});

describe('keeping times', () => {
  const made = stored(record(undefined, deployment({ replicas: 1 })));
  const [entry] = entries(made);
  const later = [{ ...entry, time: '2026-11-24T12:00:00Z' }] as unknown as Json;
  const retimed: KubeObject = { ...made, metadata: { ...made.metadata, managedFields: later } };

  it('undoes a change of nothing but times', () => {
    expect(keepTimes(made, retimed)).toEqual(made);
  });

  it('lets times change with anything else', () => {
    const changed = withSpec(retimed, { replicas: 2 });
    expect(keepTimes(made, changed)).toBe(changed);
    const other = [{ ...entry, time: '2026-11-24T12:00:00Z', manager: 'other' }] as unknown as Json;
    const moved: KubeObject = { ...made, metadata: { ...made.metadata, managedFields: other } };
    expect(keepTimes(made, moved)).toBe(moved);
  });
});
