import { expect, it } from 'vitest';
import { possibleNames } from './possible-names.ts';

it('an object without a namespace is known by the one of its application', () => {
  expect(possibleNames('/ConfigMap//x', 'ml')).toEqual(['/ConfigMap/ml/x']);
  expect(possibleNames('apps/Deployment/other/x', 'ml')).toEqual(['apps/Deployment/other/x']);
});

it('a kind that lives in no namespace has none, also when a tool wrote one', () => {
  expect(possibleNames('rbac.authorization.k8s.io/ClusterRole/ml/system:x', 'ml')).toEqual([
    'rbac.authorization.k8s.io/ClusterRole//system:x',
  ]);
});

it('a kind that only the cluster knows may live in a namespace or in none', () => {
  expect(possibleNames('example.com/Widget//x', 'ml')).toEqual([
    'example.com/Widget/ml/x',
    'example.com/Widget//x',
  ]);
});
