import { expect, test } from 'vitest';
import { fieldsAtVersion } from './fields-at-version.ts';

const object = (...versions: readonly string[]) => ({
  apiVersion: 'example.org/v1',
  kind: 'Model',
  metadata: {
    name: 'm',
    managedFields: versions.map((apiVersion, index) => ({
      manager: `m${index}`,
      operation: 'Apply',
      apiVersion,
      fieldsV1: { 'f:spec': {} },
      ...(index === 1 ? { subresource: 'status' } : {}),
    })),
  },
});

test('all managers are brought to one version, with the fields that they own', () => {
  const found = fieldsAtVersion(
    object('example.org/v1alpha1', 'example.org/v1alpha1', 'example.org/v1'),
    'example.org/v1',
  );
  expect(found).toEqual(object('example.org/v1', 'example.org/v1', 'example.org/v1').metadata.managedFields);
});

test('there is nothing to bring where all are at it, or where none is known', () => {
  expect(fieldsAtVersion(object('example.org/v1'), 'example.org/v1')).toBeUndefined();
  expect(
    fieldsAtVersion({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }, 'v1'),
  ).toBeUndefined();
});
