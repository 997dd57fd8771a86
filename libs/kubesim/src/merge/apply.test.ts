import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { applyPatch } from './apply.ts';
import type { ApplyRequest } from './apply.ts';
import { fieldSetOfPaths } from './field-set.ts';
import { recordUpdate } from './managed-fields.ts';
import {
  anything,
  atomicList,
  deploymentSchema,
  integer,
  listMap,
  object,
  setOf,
  text,
} from './test-schema.ts';

const early = Date.parse('2026-11-24T10:00:00Z');
const late = Date.parse('2026-11-24T11:00:00Z');

function intent(spec: JsonObject, metadata: JsonObject = {}): JsonObject {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'sample', ...metadata }, spec };
}

function attempt(live: KubeObject | undefined, applied: JsonObject, more: Partial<ApplyRequest> = {}) {
  return applyPatch({
    live,
    applied,
    manager: 'one',
    force: false,
    subresource: '',
    schema: deploymentSchema,
    apiVersion: 'apps/v1',
    resetFields: fieldSetOfPaths(['status']),
    nowMs: early,
    ...more,
  });
}

function apply(...args: Parameters<typeof attempt>): KubeObject {
  const result = attempt(...args);
  if (result.ok) return result.object;
  throw new Error('conflicts' in result ? result.message : result.invalid);
}

function change(live: KubeObject, updated: JsonObject, manager: string): KubeObject {
  const { schema, apiVersion, resetFields } = {
    schema: deploymentSchema,
    apiVersion: 'apps/v1',
    resetFields: undefined,
  };
  return recordUpdate({
    live,
    updated: { ...live, ...updated },
    manager,
    subresource: '',
    schema,
    apiVersion,
    resetFields,
    nowMs: late,
  });
}

function stored(created: KubeObject): KubeObject {
  return { ...created, metadata: { ...created.metadata, uid: 'u-1', resourceVersion: '1' } };
}

function entry(manager: string, fieldsV1: Json) {
  const time = '2026-11-24T10:00:00Z';
  return { manager, operation: 'Apply', apiVersion: 'apps/v1', time, fieldsType: 'FieldsV1', fieldsV1 };
}

const managers = (object: KubeObject) =>
  (object.metadata['managedFields'] as { manager: string; time?: string; fieldsV1: Json }[] | undefined) ??
  [];
const fieldsOf = (object: KubeObject, manager: string) =>
  managers(object).find((entry) => entry.manager === manager)?.fieldsV1;
const containers = (...list: JsonObject[]) => ({ template: { spec: { containers: list } } });
const conflict = (...args: Parameters<typeof attempt>) => {
  const result = attempt(...args);
  if (result.ok || !('conflicts' in result)) throw new Error('no conflict');
  return result;
};
const invalid = (applied: JsonObject, more: Partial<ApplyRequest> = {}) => {
  const result = attempt(undefined, applied, more);
  if (result.ok || !('invalid' in result)) throw new Error('not invalid');
  return `${String(result.code)} ${result.invalid}`;
};

describe('an apply', () => {
  it('makes an object that its manager owns, but for what identifies it and what is reset', () => {
    const spec = { replicas: 2, selector: { matchLabels: { a: 'b' } } };
    const applied = { ...intent(spec), status: { replicas: 1 } };
    const made = apply(undefined, applied);
    expect(made.metadata['managedFields']).toEqual([
      {
        manager: 'one',
        operation: 'Apply',
        apiVersion: 'apps/v1',
        time: '2026-11-24T10:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:spec': { 'f:replicas': {}, 'f:selector': {} } },
      },
    ]);
    expect(made['spec']).toEqual(spec);
  });

  it('shares lists by their keys, with the defaults of keys that are missing', () => {
    const port = { name: 'server', image: 'i:1', ports: [{ containerPort: 80, name: 'http' }] };
    const one = stored(apply(undefined, intent(containers(port))));
    const two = apply(one, intent(containers({ name: 'proxy', image: 'p:1' })), { manager: 'two' });
    expect(two).toHaveProperty('spec.template.spec.containers', [port, { name: 'proxy', image: 'p:1' }]);
    expect(fieldsOf(two, 'one')).toEqual({
      'f:spec': {
        'f:template': {
          'f:spec': {
            'f:containers': {
              'k:{"name":"server"}': {
                '.': {},
                'f:image': {},
                'f:name': {},
                'f:ports': {
                  'k:{"containerPort":80,"protocol":"TCP"}': {
                    '.': {},
                    'f:containerPort': {},
                    'f:name': {},
                  },
                },
              },
            },
          },
        },
      },
    });
  });

  it('orders items as they are said, and keeps others before the common item that they stood before', () => {
    const names = (...list: string[]) => containers(...list.map((name) => ({ name })));
    const one = stored(apply(undefined, intent(names('a', 'b', 'c', 'd'))));
    const two = apply(one, intent(names('new', 'd', 'b')), { manager: 'two' });
    const order = (two as unknown as { spec: { template: { spec: { containers: { name: string }[] } } } })
      .spec.template.spec.containers;
    expect(order.map(({ name }) => name)).toEqual(['a', 'c', 'new', 'd', 'b']);
  });

  it('takes away what its manager no longer says, unless another owns it', () => {
    const labels = { a: '1', b: '2' };
    const one = stored(apply(undefined, intent({ replicas: 2, paused: true }, { labels })));
    const two = apply(one, intent({ replicas: 2 }), { manager: 'two' });
    const less = apply(two, intent({}, { labels: { b: '2' } }));
    expect(less.metadata.labels).toEqual({ b: '2' });
    expect(less['spec']).toEqual({ replicas: 2 });
    expect(fieldsOf(less, 'two')).toEqual({ 'f:spec': { 'f:replicas': {} } });
  });

  it('takes away an item that it gives up with what others put into it, but not an item of theirs', () => {
    const one = stored(apply(undefined, intent(containers({ name: 'a', image: 'i' }))));
    const [inside, beside] = [
      containers({ name: 'a', image: 'i', args: ['x'] }),
      containers({ name: 'a', image: 'i' }, { name: 'b' }),
    ];
    expect(apply(change(one, { spec: inside }, 'hand'), intent({}))['spec']).toEqual({
      template: { spec: { containers: null } },
    });
    expect(apply(change(one, { spec: beside }, 'hand'), intent({}))['spec']).toEqual(
      containers({ name: 'b' }),
    );
  });

  it('leaves what nobody owns beside what it gives up', () => {
    const entries = [
      entry('one', { 'f:spec': { 'f:replicas': {} } }),
      entry('two', { 'f:spec': { 'f:strategy': { 'f:type': {} } } }),
    ];
    const spec = { replicas: 1, paused: true, strategy: { type: 'Recreate' } };
    const live = intent(spec, { uid: 'u-1', managedFields: entries }) as unknown as KubeObject;
    expect(apply(live, intent({}))['spec']).toEqual({ paused: true, strategy: { type: 'Recreate' } });
  });

  it('reads what was owned in parts before its type became atomic as owned whole', () => {
    const parts = { 'f:spec': { 'f:selector': { 'f:matchLabels': { 'f:a': {} } } } };
    const spec = { selector: { matchLabels: { a: 'b' } } };
    const live = intent(spec, {
      uid: 'u-1',
      managedFields: [entry('one', parts)],
    }) as unknown as KubeObject;
    const two = apply(live, intent({ replicas: 1 }), { manager: 'two' });
    expect(fieldsOf(two, 'one')).toEqual({ 'f:spec': { 'f:selector': {} } });
  });

  it('conflicts with those who own what it changes, and tells all of them', () => {
    const one = stored(apply(undefined, intent({ replicas: 1, paused: true }, { labels: { a: '1' } })));
    const hand = change(one, { spec: { replicas: 4, paused: true } }, 'hand');
    const single = conflict(hand, intent({ replicas: 2 }));
    expect(single.message).toBe(
      'Apply failed with 1 conflict: conflict with "hand" using apps/v1: .spec.replicas',
    );
    const many = conflict(hand, intent({ replicas: 2, paused: false }, { labels: { a: '2' } }), {
      manager: 'two',
    });
    expect(many.message).toBe(
      'Apply failed with 3 conflicts: conflicts with "hand" using apps/v1:\n- .spec.replicas\n' +
        'conflicts with "one":\n- .metadata.labels.a\n- .spec.paused',
    );
    expect(many.conflicts).toEqual([
      { manager: '"hand" using apps/v1', field: '.spec.replicas' },
      { manager: '"one"', field: '.metadata.labels.a' },
      { manager: '"one"', field: '.spec.paused' },
    ]);
  });

  it('names the subresource of an owner', () => {
    const status = { ...intent({}), status: { replicas: 1 } };
    const one = stored(
      apply(undefined, status, { subresource: 'status', resetFields: fieldSetOfPaths(['spec']) }),
    );
    const result = conflict(
      one,
      { ...status, status: { replicas: 2 } },
      {
        manager: 'two',
        subresource: 'status',
        resetFields: undefined,
      },
    );
    expect(result.message).toBe(
      'Apply failed with 1 conflict: conflict with "one" with subresource "status": .status.replicas',
    );
  });

  it('takes fields by force', () => {
    const one = stored(apply(undefined, intent({ replicas: 1, paused: true })));
    const two = apply(one, intent({ replicas: 2 }), { manager: 'two', force: true });
    expect(two['spec']).toEqual({ replicas: 2, paused: true });
    expect(fieldsOf(two, 'one')).toEqual({ 'f:spec': { 'f:paused': {} } });
    expect(fieldsOf(two, 'two')).toEqual({ 'f:spec': { 'f:replicas': {} } });
  });

  it('keeps the time when it changes nothing, and gives a manager that only agrees none', () => {
    const one = stored(apply(undefined, intent({ replicas: 1 })));
    const again = apply(one, intent({ replicas: 1 }), { nowMs: late });
    expect(again).toEqual(one);
    const two = apply(one, intent({ replicas: 1 }), { manager: 'two', nowMs: late });
    expect(managers(two).map(({ manager, time }) => [manager, time])).toEqual([
      ['two', undefined],
      ['one', '2026-11-24T10:00:00Z'],
    ]);
  });

  it('leaves an object that nobody tracks to those before it', () => {
    const untracked = { ...intent({ replicas: 1 }) } as unknown as KubeObject;
    const result = conflict(stored(untracked), intent({ replicas: 2 }));
    expect(result.message).toContain('conflict with "before-first-apply" using apps/v1: .spec.replicas');
    const agreed = apply(stored(untracked), intent({ replicas: 1 }));
    expect(managers(agreed).map(({ manager }) => manager)).toEqual(['one', 'before-first-apply']);
  });

  it('changes nothing of what it was given, and shares what it does not touch', () => {
    const one = stored(apply(undefined, intent({ ...containers({ name: 'a' }), paused: true })));
    const before = JSON.stringify(one);
    const two = apply(one, intent({ replicas: 3 }), { manager: 'two' });
    expect(JSON.stringify(one)).toBe(before);
    expect((two['spec'] as JsonObject)['template']).toBe((one['spec'] as JsonObject)['template']);
  });

  it('is refused in the words of the server when it does not fit its type', () => {
    const prefix = '500 failed to create typed patch object (/sample; apps/v1, Kind=Deployment)';
    expect(invalid(intent({ replicas: '2' }))).toBe(
      `${prefix}: .spec.replicas: expected numeric (int or float), got string`,
    );
    expect(invalid(intent({ bogus: 1 }))).toBe(`${prefix}: .spec.bogus: field not declared in schema`);
    expect(invalid(intent({ template: [] }))).toBe(`${prefix}: .spec.template: expected map, got &{[]}`);
    expect(invalid(intent({}, { labels: { a: 1 } }))).toBe(
      `${prefix}: .metadata.labels.a: expected string, got &value.valueUnstructured{Value:1}`,
    );
    expect(invalid(intent(containers({ name: 'a', env: [{ name: 'X' }, { name: 'X' }] })))).toBe(
      `${prefix}: .spec.template.spec.containers[name="a"].env: duplicate entries for key [name="X"]`,
    );
    expect(invalid(intent(containers({ image: 'i' })))).toBe(
      `${prefix}: .spec.template.spec.containers: element 0: associative list with keys has an element that omits all key fields ["name"] (and doesn't have default values for any key fields)`,
    );
    expect(invalid(intent({ replicas: true, paused: 'x' }))).toBe(
      `${prefix}: errors:\n  .spec.replicas: expected numeric (int or float), got bool\n  .spec.paused: expected boolean, got &{x}`,
    );
  });

  it('is refused when it is of another kind of object, or says who owns what', () => {
    expect(invalid({})).toBe('400 invalid object type: /, Kind=');
    expect(invalid({ ...intent({}), apiVersion: 'v1' })).toBe(
      '400 invalid object type: /v1, Kind=Deployment',
    );
    expect(invalid(intent({}, { managedFields: [] }))).toBe('400 metadata.managedFields must be nil');
  });
});

describe('kubectl', () => {
  const name = 'kubectl.kubernetes.io/last-applied-configuration';
  const last = intent({ replicas: 1, paused: true });
  const made = stored(
    recordUpdate({
      live: undefined,
      updated: intent(
        { replicas: 1, paused: true },
        {
          annotations: { [name]: JSON.stringify(last) },
        },
      ) as unknown as KubeObject,
      manager: 'kubectl-client-side-apply',
      subresource: '',
      schema: deploymentSchema,
      apiVersion: 'apps/v1',
      resetFields: undefined,
      nowMs: early,
    }),
  );

  it('has no conflict with what it applied on the client side, and keeps the annotation', () => {
    const next = apply(made, intent({ replicas: 2, paused: true }), { manager: 'kubectl' });
    expect(next['spec']).toEqual({ replicas: 2, paused: true });
    expect(next.metadata.annotations?.[name]).toBe(
      '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"sample"},"spec":{"paused":true,"replicas":2}}\n',
    );
  });

  it('gives the annotation up when annotations would be too large with it', () => {
    const large = { big: 'x'.repeat(262_000) };
    const next = apply(made, intent({ replicas: 1 }, { annotations: large }), { manager: 'kubectl' });
    expect(next.metadata.annotations).toEqual(large);
  });

  it('conflicts with what others changed since', () => {
    const hand = change(made, { spec: { replicas: 5, paused: true } }, 'hand');
    expect(conflict(hand, intent({ replicas: 2, paused: false }), { manager: 'kubectl' }).conflicts).toEqual([
      { manager: '"hand" using apps/v1', field: '.spec.replicas' },
    ]);
  });

  it('is the only one to be let through', () => {
    expect(conflict(made, intent({ replicas: 2 }), { manager: 'other' }).conflicts).toHaveLength(1);
  });
});

describe('fields of custom kinds', () => {
  const schema = object('Model', {
    apiVersion: text,
    kind: text,
    metadata: object('ObjectMeta', { name: text, uid: text, resourceVersion: text }),
    spec: object('', {
      free: anything,
      tags: setOf(text),
      whole: atomicList(integer),
      stages: listMap(object('', { name: text, rank: integer }), 'name'),
    }),
  });
  const model = (spec: JsonObject) => ({
    apiVersion: 'apps/v1',
    kind: 'Model',
    metadata: { name: 'm' },
    spec,
  });

  it('are owned by what they are: free maps by member, sets by value, atomic lists whole', () => {
    const made = apply(
      undefined,
      model({ free: { a: { b: [1] }, c: 2 }, tags: ['x'], whole: [1], stages: [{ name: 's', rank: 1 }] }),
      { schema },
    );
    expect(fieldsOf(made, 'one')).toEqual({
      'f:spec': {
        'f:free': { 'f:a': { '.': {}, 'f:b': {} }, 'f:c': {} },
        'f:stages': { 'k:{"name":"s"}': { '.': {}, 'f:name': {}, 'f:rank': {} } },
        'f:tags': { 'v:"x"': {} },
        'f:whole': {},
      },
    });
  });

  it('that may be anything are owned whole in a built-in kind', () => {
    const go = { omit: 'empty', kind: 'struct', type: 'runtime.RawExtension' } as const;
    const data = { schema: anything, nullable: false, patch: { strategies: [] }, go };
    const revision = object('ControllerRevision', { ...Object.fromEntries(schema.fields), data });
    const applied = {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: {},
      data: { a: { b: 1 } },
    };
    expect(fieldsOf(apply(undefined, applied, { schema: revision }), 'one')).toEqual({ 'f:data': {} });
  });

  it('merge with those of others', () => {
    const one = stored(apply(undefined, model({ free: { a: 1 }, tags: ['x'] }), { schema }));
    const two = apply(one, model({ free: { b: 2 }, tags: ['y', 'x'] }), { schema, manager: 'two' });
    expect(two['spec']).toEqual({ free: { a: 1, b: 2 }, tags: ['y', 'x'] });
    const less = apply(two, model({}), { schema });
    expect(less['spec']).toEqual({ free: { b: 2 }, tags: ['y', 'x'] });
  });

  it('may change their type when any is allowed', () => {
    const one = stored(apply(undefined, model({ free: { a: { b: 1 } } }), { schema }));
    const two = apply(one, model({ free: { a: [1] } }), { schema });
    expect(two['spec']).toEqual({ free: { a: [1] } });
  });
});

describe('managers of several versions', () => {
  const v1 = object('Model', {
    apiVersion: text,
    kind: text,
    metadata: object('ObjectMeta', { name: text, uid: text, resourceVersion: text }),
    spec: object('', { size: integer, name: text }),
  });
  const v2 = object('Model', {
    ...Object.fromEntries(v1.fields),
    spec: object('', { scale: integer, name: text }),
  });
  const convert = (object: KubeObject, apiVersion: string) => {
    const { size, scale, name } = (object['spec'] ?? {}) as JsonObject;
    const value = size ?? scale;
    const spec = {
      ...(value === undefined ? {} : { [apiVersion === 'x/v1' ? 'size' : 'scale']: value }),
      ...(name === undefined ? {} : { name }),
    };
    return apiVersion === 'x/v3' ? undefined : { ...object, apiVersion, spec };
  };
  const request = {
    schema: v1,
    apiVersion: 'x/v1',
    convert,
    schemaOf: (apiVersion: string) => (apiVersion === 'x/v2' ? v2 : v1),
  };
  const model = (apiVersion: string, spec: JsonObject) => ({
    apiVersion,
    kind: 'Model',
    metadata: { name: 'm' },
    spec,
  });
  const asV2 = { ...request, schema: v2, apiVersion: 'x/v2' };

  it('conflict in each other’s versions', () => {
    const one = stored(apply(undefined, model('x/v1', { size: 1, name: 'a' }), request));
    const result = conflict(convert(one, 'x/v2'), model('x/v2', { scale: 2 }), { ...asV2, manager: 'two' });
    expect(result.conflicts).toEqual([{ manager: '"one"', field: '.spec.size' }]);
  });

  it('give up in another version what they said in one', () => {
    const one = stored(apply(undefined, model('x/v1', { size: 1, name: 'a' }), request));
    const live = convert(one, 'x/v2') ?? one;
    const two = apply(live, model('x/v2', { name: 'a' }), asV2);
    expect(two['spec']).toEqual({ name: 'a' });
    expect(managers(two).map(({ manager }) => manager)).toEqual(['one']);
  });

  it('are forgotten when their version is gone', () => {
    const one = stored(apply(undefined, model('x/v1', { size: 1 }), request));
    const [entry] = managers(one);
    const gone = { ...one, metadata: { ...one.metadata, managedFields: [{ ...entry, apiVersion: 'x/v3' }] } };
    const two = apply(gone, model('x/v1', { size: 2 }), {
      ...request,
      manager: 'two',
    });
    expect(managers(two).map(({ manager }) => manager)).toEqual(['two']);
  });
});
