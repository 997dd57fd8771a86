import { expect, it } from 'vitest';
import { inNameOrder, metadataInOrder, withNamesInOrder } from './go-order.ts';

it('sorts the names of a map and leaves one alone that is sorted', () => {
  const sorted = { a: 1, b: 2 };
  expect(inNameOrder(sorted)).toBe(sorted);
  expect(Object.keys(inNameOrder({ b: 1, a: 2 }))).toEqual(['a', 'b']);
});

it('gives metadata the order of Go, with what Go does not know at the end', () => {
  const metadata = { later: 'x', finalizers: ['f'], uid: 'u', resourceVersion: '1', name: 'n' };
  expect(Object.keys(metadataInOrder(metadata))).toEqual([
    'name',
    'uid',
    'resourceVersion',
    'finalizers',
    'later',
  ]);
});

it('keeps members whatever their names', () => {
  const map = inNameOrder({ b: 1, ['__proto__']: 2 });
  expect(JSON.stringify(map)).toBe('{"__proto__":2,"b":1}');
});

it('sorts all that is in an object without a type, and shares what is sorted', () => {
  const metadata = { name: 'n', uid: 'u' };
  const object = { kind: 'Model', apiVersion: 'v1', metadata, spec: { b: [{ y: 1, x: 2 }], a: {} } };
  const sorted = withNamesInOrder(object);
  expect(JSON.stringify(sorted)).toBe(
    '{"apiVersion":"v1","kind":"Model","metadata":{"name":"n","uid":"u"},"spec":{"a":{},"b":[{"x":2,"y":1}]}}',
  );
  expect(sorted.metadata).toBe(metadata);
  expect(withNamesInOrder(sorted)).toBe(sorted);
});
