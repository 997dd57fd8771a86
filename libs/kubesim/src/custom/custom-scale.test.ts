import { expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { readCustomScale, unsetReplicas, withCustomReplicas } from './custom-scale.ts';

const paths = {
  specReplicas: '.spec.pool.size',
  statusReplicas: '.status.size',
  labelSelector: '.status.selector',
};

const object = (more: JsonObject = {}) => ({
  apiVersion: 'example.com/v1',
  kind: 'Pool',
  metadata: { name: 'a' },
  ...more,
});

const scaleOf = (replicas: number) => ({ ...object(), spec: { replicas } });

it('is read by the paths of the definition', () => {
  const full = object({ spec: { pool: { size: 3 } }, status: { size: 2, selector: 'a=b' } });
  expect(readCustomScale(full, paths)).toEqual({ wanted: 3, found: 2, selector: 'a=b' });
  expect(readCustomScale(object(), paths)).toEqual({ wanted: undefined, found: 0, selector: '' });
});

it('is written to where the definition says, also when nothing is there yet', () => {
  const before = object();
  expect(withCustomReplicas(before, scaleOf(4), paths)['spec']).toEqual({ pool: { size: 4 } });
  expect(before).toEqual(object());
});

it('may not be left unset', () => {
  expect(() => withCustomReplicas(object(), scaleOf(unsetReplicas), paths)).toThrow(
    'the spec replicas field ".spec.pool.size" cannot be empty',
  );
});

it('does not hide that something else is where it should be', () => {
  expect(() => readCustomScale(object({ spec: { pool: 7 } }), paths)).toThrow(
    'accessor error: 7 is of the type int64',
  );
});

it('changes nothing but the object, whatever the path is called', () => {
  const odd = { ...paths, specReplicas: '.spec.__proto__.size' };
  const changed = withCustomReplicas(object({ spec: {} }), scaleOf(4), odd);
  expect(JSON.stringify(changed['spec'])).toBe('{"__proto__":{"size":4}}');
  expect(Reflect.get({}, 'size')).toBeUndefined();
});
