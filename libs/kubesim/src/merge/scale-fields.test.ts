import { describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { recordUpdate } from './managed-fields.ts';
import { withOwnersOfScale, withScaleOwners } from './scale-fields.ts';
import { integer, object, text } from './test-schema.ts';

const paths = { 'apps/v1': 'spec.replicas' };
const scaleSchema = object('Scale', {
  apiVersion: text,
  kind: text,
  metadata: object('ObjectMeta', { name: text, uid: text }),
  spec: object('ScaleSpec', { replicas: integer }),
});

function entry(manager: string, operation: string, apiVersion: string, fieldsV1: Json) {
  return { manager, operation, apiVersion, time: '2026-11-24T10:00:00Z', fieldsType: 'FieldsV1', fieldsV1 };
}

function deployment(...managedFields: Json[]): KubeObject {
  const metadata = { name: 'sample', uid: 'u-1', managedFields };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas: 1 } };
}

const replicas = { 'f:spec': { 'f:replicas': {} } };
const both = { 'f:spec': { 'f:paused': {}, 'f:replicas': {} } };

function scaleOf(object: KubeObject): KubeObject {
  const scale = {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: 'sample', uid: 'u-1' },
    spec: { replicas: 1 },
  };
  return withScaleOwners(scale, object, paths);
}

function scaled(object: KubeObject, to: number, manager: string): KubeObject {
  const live = scaleOf(object);
  const scale = recordUpdate({
    live,
    updated: { ...live, spec: { replicas: to } },
    manager,
    subresource: 'scale',
    schema: scaleSchema,
    apiVersion: 'autoscaling/v1',
    resetFields: undefined,
    nowMs: Date.parse('2026-11-24T11:00:00Z'),
  });
  return withOwnersOfScale(object, scale, { apiVersion: 'apps/v1', paths });
}

describe('the owners of a scale', () => {
  it('are those of the replicas', () => {
    const live = deployment(
      entry('one', 'Apply', 'apps/v1', both),
      entry('gone', 'Update', 'apps/v1beta1', replicas),
      entry('two', 'Update', 'apps/v1', { 'f:spec': { 'f:paused': {} } }),
    );
    expect(scaleOf(live).metadata['managedFields']).toEqual([
      entry('one', 'Apply', 'autoscaling/v1', replicas),
    ]);
  });

  it('lose the replicas to who scales, whose entry has no time', () => {
    const live = deployment(
      entry('one', 'Apply', 'apps/v1', both),
      entry('two', 'Update', 'apps/v1', replicas),
    );
    expect(scaled(live, 3, 'scaler').metadata['managedFields']).toEqual([
      entry('one', 'Apply', 'apps/v1', { 'f:spec': { 'f:paused': {} } }),
      {
        manager: 'scaler',
        operation: 'Update',
        apiVersion: 'apps/v1',
        fieldsType: 'FieldsV1',
        fieldsV1: replicas,
        subresource: 'scale',
      },
    ]);
  });

  it('stay when the scale does not change, those of versions that are gone aside', () => {
    const live = deployment(
      entry('one', 'Apply', 'apps/v1', both),
      entry('gone', 'Update', 'apps/v1beta1', replicas),
    );
    expect(scaled(live, 1, 'scaler').metadata['managedFields']).toEqual([
      entry('one', 'Apply', 'apps/v1', both),
    ]);
  });
});
