import { expect, test } from 'vitest';
import { compareVersions } from './version-order.ts';

test('stable versions come before beta and alpha, newer before older, and other names last', () => {
  const sorted = ['foo10', 'v1alpha1', 'v2beta1', 'v1', 'foo1', 'v10', 'v2beta10', 'v12alpha1', 'v2'].sort(
    (a, b) => compareVersions(b, a),
  );
  expect(sorted).toEqual([
    'v10',
    'v2',
    'v1',
    'v2beta10',
    'v2beta1',
    'v12alpha1',
    'v1alpha1',
    'foo1',
    'foo10',
  ]);
});
