import { expect, test } from 'vitest';
import { fileNamesOf } from './file-names.ts';

const object = (apiVersion: string, kind: string, metadata: object) => ({ apiVersion, kind, metadata });

test('objects outside namespaces do not count as one, and those that name none are in the default', () => {
  const outside = object('rbac.authorization.k8s.io/v1', 'ClusterRole', { name: 'system:X' });
  const unsaid = object('v1', 'ConfigMap', { name: 'm' });
  const named = object('v1', 'ConfigMap', { name: 'm', namespace: 'default' });
  const other = object('example.com/v1', 'Thing', { name: 'm', namespace: 'Shop' });
  expect(fileNamesOf([outside, unsaid, named])).toEqual([
    'rbac.authorization.k8s.io_v1_clusterrole_system:x.yaml',
    'v1_configmap_m.yaml',
    'v1_configmap_m.yaml',
  ]);
  expect(fileNamesOf([outside, unsaid, other])).toEqual([
    'rbac.authorization.k8s.io_v1_clusterrole_system:x.yaml',
    'default_v1_configmap_m.yaml',
    'shop_example.com_v1_thing_m.yaml',
  ]);
});

test('what an object does not say is left out', () => {
  expect(fileNamesOf([{ kind: 'List' }, {}])).toEqual(['list_.yaml', '_.yaml']);
});
