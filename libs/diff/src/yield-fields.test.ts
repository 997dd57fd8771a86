import type { Json, KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { yieldFields } from './yield-fields.ts';

const toOther = ({ manager }: { readonly manager: string }) => manager === 'other';

const live = (...owned: readonly (readonly [manager: string, fieldsV1: Json])[]): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'a',
    managedFields: owned.map(([manager, fieldsV1]) => ({ manager, operation: 'Update', fieldsV1 })),
  },
});

const desired = (spec: Json): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'a', labels: { app: 'a' } },
  spec,
});

describe('fields that are left to another manager', () => {
  it('are left out, and their paths told with the manager; all else stays', () => {
    const found = yieldFields(
      desired({ replicas: 2, paused: false }),
      live(['other', { 'f:spec': { 'f:replicas': {} } }], ['third', { 'f:spec': { 'f:paused': {} } }]),
      toOther,
    );
    expect(found.object).toEqual(desired({ paused: false }));
    expect(found.left).toEqual([{ path: 'spec.replicas', manager: 'other' }]);
  });

  it('are found in items of lists by their keys, of which the server may have filled in some', () => {
    const ports = [
      { containerPort: 80, name: 'http' },
      { containerPort: 81, name: 'more' },
    ];
    const item = { '.': {}, 'f:containerPort': {}, 'f:name': {} };
    const found = yieldFields(
      desired({ ports }),
      live(['other', { 'f:spec': { 'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': item } } }]),
      toOther,
    );
    expect(found.object['spec']).toEqual({
      ports: [{ containerPort: 80 }, { containerPort: 81, name: 'more' }],
    });
    expect(found.left.map(({ path }) => path)).toEqual(['spec.ports[containerPort=80,protocol=TCP].name']);
  });

  it('are found in sets by their value', () => {
    const owned = { 'f:spec': { 'f:hosts': { 'v:"b"': {} } } };
    const found = yieldFields(desired({ hosts: ['a', 'b'] }), live(['other', owned]), toOther);
    expect(found.object['spec']).toEqual({ hosts: ['a'] });
  });

  it('take a map with them that has nothing else, but never the whole of one whose fields have owners', () => {
    const all = yieldFields(
      desired({ replicas: 2 }),
      live(['other', { 'f:spec': { 'f:replicas': {} } }]),
      toOther,
    );
    expect(all.object).toEqual({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: desired(0).metadata });
    const labels = live(
      ['other', { 'f:metadata': { 'f:labels': {} } }],
      ['meridian', { 'f:metadata': { 'f:labels': { 'f:app': {} } } }],
    );
    expect(yieldFields(desired({}), labels, toOther).left).toEqual([]);
  });

  it('are none where the bundle does not name them', () => {
    const object = desired({ paused: false });
    const found = yieldFields(object, live(['other', { 'f:spec': { 'f:replicas': {} } }]), toOther);
    expect(found).toEqual({ object, left: [] });
  });
});
