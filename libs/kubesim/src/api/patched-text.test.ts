import { expect, it } from 'vitest';
import { openCatalog } from '../schema/catalog.ts';
import { patchedText } from './patched-text.ts';

const schema = openCatalog().schemaOf({ group: '', version: 'v1', kind: 'Pod' });

it('shows what a patch did not touch in the order of Go, and sorts the rest', () => {
  const metadata = { uid: 'u', name: 'n', labels: { b: '1', a: '2' } };
  const live = {
    kind: 'Pod',
    metadata,
    spec: { hostNetwork: true, containers: [{ image: 'i', name: 'c' }] },
  };
  const patched = { ...live, spec: { ...live.spec, containers: 3 } };
  expect(patchedText(patched, live, schema)).toBe(
    '{"kind":"Pod","metadata":{"name":"n","uid":"u","labels":{"a":"2","b":"1"}},"spec":{"containers":3,"hostNetwork":true}}',
  );
});

it('keeps the order of items that a patch left alone', () => {
  const [first, second] = [
    { image: 'i', name: 'c' },
    { image: 'i', name: 'd' },
  ];
  const live = { spec: { containers: [first, second] } };
  const patched = { spec: { containers: [second, { ...first, name: 3 }] } };
  expect(patchedText(patched, live, schema)).toBe(
    '{"spec":{"containers":[{"name":"d","image":"i"},{"image":"i","name":3}]}}',
  );
});
