import type { Json, KubeObject } from '@meridian/manifests';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attribute, differingFields, diffProjection, fieldsOwnedBy, projectFields } from './index.ts';
import { parseFieldSet } from './field-set.ts';

interface Entry {
  readonly manager: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly time?: string;
  readonly fieldsV1: Json;
}

const entryOf = (entry: Entry): Json => ({ operation: 'Update', time: '2026-01-01T00:00:00Z', ...entry });

function deployment(replicas: number, image: string, entries: readonly Entry[]): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'web',
      namespace: 'ns',
      labels: { 'meridian.dev/application': 'web' },
      managedFields: entries.map(entryOf),
    },
    spec: {
      replicas,
      template: {
        spec: {
          containers: [
            { name: 'sidecar', image: 'x' },
            { name: 'web', image, ports: [{ containerPort: 80, protocol: 'TCP' }] },
          ],
        },
      },
    },
  };
}

const ours: Entry = {
  manager: 'meridian',
  operation: 'Apply',
  fieldsV1: {
    'f:metadata': { 'f:labels': { 'f:meridian.dev/application': {} } },
    'f:spec': {
      'f:replicas': {},
      'f:template': {
        'f:spec': {
          'f:containers': {
            'k:{"name":"web"}': {
              '.': {},
              'f:name': {},
              'f:image': {},
              'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
            },
          },
        },
      },
    },
  },
};

const applied = deployment(2, 'web:1', [ours]);
const fields = fieldsOwnedBy(applied, 'meridian')!;
const projection = projectFields(applied, fields);

describe('projectFields', () => {
  it('reads owned fields through lists keyed by name or by several keys', () => {
    const values = Object.fromEntries([...projection].map(([path, field]) => [path, field.value]));
    expect(values).toEqual({
      'metadata.labels[meridian.dev/application]': '"web"',
      'spec.replicas': '2',
      'spec.template.spec.containers[name=web]': 'present',
      'spec.template.spec.containers[name=web].name': '"web"',
      'spec.template.spec.containers[name=web].image': '"web:1"',
      'spec.template.spec.containers[name=web].ports[containerPort=80,protocol=TCP]': 'present',
      'spec.template.spec.containers[name=web].ports[containerPort=80,protocol=TCP].containerPort': '80',
    });
  });

  it('reads set items and whole atomic values', () => {
    const object = {
      ...applied,
      metadata: { name: 'x', finalizers: ['a', 'b'] },
      spec: { podSelector: { matchLabels: { b: '1', a: '2' } } },
    };
    const set = parseFieldSet({
      'f:metadata': { 'f:finalizers': { 'v:"b"': {}, 'v:"c"': {} } },
      'f:spec': { 'f:podSelector': {} },
    });
    expect([...projectFields(object, set).values()].map((field) => [field.path, field.value])).toEqual([
      ['metadata.finalizers["b"]', '"b"'],
      ['metadata.finalizers["c"]', undefined],
      ['spec.podSelector', '{"matchLabels":{"a":"2","b":"1"}}'],
    ]);
  });

  it('never throws, whatever the field set holds', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (set, spec) => {
        projectFields(
          { apiVersion: 'v1', kind: 'X', metadata: { name: 'x' }, spec: spec as Json },
          parseFieldSet(set),
        );
      }),
    );
  });
});

describe('diffProjection', () => {
  it('sees nothing in an object that did not change', () => {
    expect(diffProjection(projection, projectFields(applied, fields), 'Deployment')).toEqual([]);
  });

  it('does not see fields that others own', () => {
    const live = { ...deployment(2, 'web:1', [ours]), status: { replicas: 2 } };
    expect(diffProjection(projection, projectFields(live, fields), 'Deployment')).toEqual([]);
  });

  it('shows the path, the desired and the live value', () => {
    const live = deployment(5, 'web:1', []);
    expect(diffProjection(projection, projectFields(live, fields), 'Deployment')).toEqual([
      { path: 'spec.replicas', desired: '2', live: '5' },
    ]);
  });

  it('shows a removed list item once', () => {
    const live = {
      ...applied,
      spec: { replicas: 2, template: { spec: { containers: [{ name: 'sidecar' }] } } },
    };
    expect(diffProjection(projection, projectFields(live, fields), 'Deployment')[0]).toEqual({
      path: 'spec.template.spec.containers[name=web]',
      desired: 'present',
      live: 'absent',
    });
  });

  it('cuts paths and values that are as long as an object can be', () => {
    const key = 'k'.repeat(100_000);
    const thing = (value: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'T',
      metadata: { name: 't' },
      spec: { [key]: value.repeat(100_000) },
    });
    const set = parseFieldSet({ 'f:spec': { [`f:${key}`]: {} } });
    const [drift] = diffProjection(projectFields(thing('a'), set), projectFields(thing('b'), set), 'T');
    expect(drift?.path).toMatch(/^spec\.k{494}…$/);
    expect(drift?.desired).toMatch(/^"a{198}…$/);
    expect(drift?.live).toMatch(/^"b{198}…$/);
  });

  it('never shows a value of a Secret', () => {
    const secret = (value: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      data: { key: value },
    });
    const set = parseFieldSet({ 'f:data': { 'f:key': {} } });
    const drift = diffProjection(
      projectFields(secret('b2xk'), set),
      projectFields(secret('bmV3'), set),
      'Secret',
    );
    expect(drift).toEqual([{ path: 'data.key', desired: '***', live: '***' }]);
  });

  it('lets others fill a map that was applied empty, and sees when they took it over', () => {
    const policy = (selector: Json): KubeObject => ({
      apiVersion: 'v1',
      kind: 'P',
      metadata: { name: 'p' },
      spec: { selector },
    });
    const set = parseFieldSet({ 'f:spec': { 'f:selector': {} } });
    const before = projectFields(policy({}), set);
    const after = projectFields(policy({ a: '1' }), set);
    expect(diffProjection(before, after, 'P', { ownedNow: set })).toEqual([]);
    expect(
      diffProjection(before, after, 'P', { ownedNow: parseFieldSet({ 'f:metadata': {} }) }),
    ).toHaveLength(1);
  });

  it('is empty exactly when the owned values are equal', () => {
    const value = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 2 }), {
      minKeys: 1,
    });
    const set = parseFieldSet({ 'f:data': { 'f:a': {}, 'f:b': {} } });
    const object = (data: Json): KubeObject => ({
      apiVersion: 'v1',
      kind: 'C',
      metadata: { name: 'c' },
      data,
    });
    fc.assert(
      fc.property(value, value, (left, right) => {
        const drift = diffProjection(
          projectFields(object(left), set),
          projectFields(object(right), set),
          'C',
        );
        expect(drift.length === 0).toBe(left['a'] === right['a'] && left['b'] === right['b']);
      }),
    );
  });
});

describe('attribute', () => {
  const changed = (live: KubeObject) => differingFields(projection, projectFields(live, fields));

  it('names the manager that owns the changed field, without its subresource', () => {
    const live = deployment(5, 'web:1', [
      ours,
      {
        manager: 'kubectl',
        subresource: 'scale',
        time: '2026-01-01T00:00:05Z',
        fieldsV1: { 'f:spec': { 'f:replicas': {} } },
      },
      {
        manager: 'kube-controller-manager',
        subresource: 'status',
        time: '2026-01-01T00:00:09Z',
        fieldsV1: { 'f:status': {} },
      },
    ]);
    expect(attribute(live, changed(live), 'meridian')).toBe('kubectl');
  });

  it('names the latest of several owners', () => {
    const owner = (manager: string, time: string): Entry => ({
      manager,
      time,
      fieldsV1: { 'f:spec': { 'f:replicas': {} } },
    });
    const live = deployment(5, 'web:1', [
      owner('late', '2026-01-02T00:00:00Z'),
      owner('early', '2026-01-01T00:00:00Z'),
    ]);
    expect(attribute(live, changed(live), 'meridian')).toBe('late');
  });

  it('names who wrote last when a field was only removed, and unknown when nobody left a trace', () => {
    const label: Entry = {
      manager: 'kubectl-label',
      time: '2026-01-01T00:00:05Z',
      fieldsV1: { 'f:metadata': { 'f:annotations': {} } },
    };
    const live: KubeObject = { ...deployment(2, 'web:1', [ours, label]), spec: {} };
    expect(attribute(live, changed(live), 'meridian')).toBe('kubectl-label');
    const untraced: KubeObject = { ...deployment(2, 'web:1', [ours]), spec: {} };
    expect(attribute(untraced, changed(untraced), 'meridian')).toBe('unknown');
  });

  it('tells an update made under our own name from our apply', () => {
    const live = deployment(5, 'web:1', [
      ours,
      { manager: 'meridian', time: '2026-01-02T00:00:00Z', fieldsV1: { 'f:spec': { 'f:replicas': {} } } },
    ]);
    expect(attribute(live, changed(live), 'meridian')).toBe('meridian');
  });
});
