import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  base64Text,
  canonicalJson,
  canonicalJsonWithin,
  digestText,
  fieldText,
  isClusterScoped,
  maskSecret,
  nearest,
  orderObjects,
  sha256Digest,
  waveOf,
  waveProblem,
  type KubeObject,
} from './index.ts';

function object(kind: string, name: string, more: Partial<KubeObject['metadata']> = {}): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { name, ...more } };
}

test('canonical JSON does not depend on the order of keys and leaves undefined out', () => {
  expect(canonicalJson({ b: [1, { d: 2, c: undefined }], a: 'é\n' })).toBe('{"a":"é\\n","b":[1,{"d":2}]}');
  expect(canonicalJson(-0)).toBe('0');
  expect(() => canonicalJson({ a: Number.NaN })).toThrow(TypeError);
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).reverse());
      expect(canonicalJson(reversed)).toBe(canonicalJson(value));
      expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(canonicalJson(value));
    }),
  );
});

test('canonical JSON sorts many keys as few, escapes what JSON escapes and refuses what it cannot carry', () => {
  const keys = Array.from({ length: 50 }, (_, index) => `k${(index * 7) % 50}`);
  const text = canonicalJson(Object.fromEntries(keys.map((key) => [key, 1])));
  expect(text).toBe(
    `{${[...keys]
      .sort()
      .map((key) => `"${key}":1`)
      .join(',')}}`,
  );
  const odd = { '"\\\u0001\ud800': '\ud800\udc00 "', empty: {}, none: { a: undefined }, list: [undefined] };
  expect(JSON.parse(canonicalJson(odd))).toEqual({ ...odd, none: {}, list: [null] });
  for (const wrong of [1n, [1n], { a: 1n }, () => 1, Number.POSITIVE_INFINITY])
    expect(() => canonicalJson(wrong)).toThrow(TypeError);
});

test('canonical JSON takes texts of parts that are known', () => {
  const part = { b: 1, a: 2 };
  const known = (value: object): string | undefined => (value === part ? '"known"' : undefined);
  expect(canonicalJson({ list: [part], b: { part } }, known)).toBe('{"b":{"part":"known"},"list":["known"]}');
});

test('canonical JSON ends where it grows longer than it may', () => {
  const value = { a: ['text', 1, true, null], b: { c: 'more' } };
  const text = canonicalJson(value);
  expect(canonicalJsonWithin(value, text.length)).toBe(text);
  expect(canonicalJsonWithin(value, text.length - 1)).toBeUndefined();
  expect(canonicalJsonWithin({ part: {} }, 1_000, () => 'k'.repeat(2_000))).toBeUndefined();
  let much: unknown = ['text'];
  for (let level = 0; level < 60; level += 1) much = level % 2 === 0 ? [much, much] : { a: much, b: much };
  expect(canonicalJsonWithin(much, 100_000)).toBeUndefined();
});

test('a digested text has its bytes and their digest', () => {
  const { bytes, digest } = digestText('é');
  expect([...bytes]).toEqual([0xc3, 0xa9]);
  expect(digest).toBe(sha256Digest('é'));
});

test('digests are SHA-256 over UTF-8', () => {
  expect(sha256Digest('')).toBe('sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(sha256Digest('é')).toBe(sha256Digest(new Uint8Array([0xc3, 0xa9])));
  expect(['', 'a', 'ab', 'abc', 'hellö'].map((text) => base64Text(text))).toEqual([
    '',
    'YQ==',
    'YWI=',
    'YWJj',
    'aGVsbMO2',
  ]);
});

test('objects are ordered by wave, then kind, then group, namespace and name', () => {
  const wave = (number: string): Partial<KubeObject['metadata']> => ({
    annotations: { 'meridian.dev/wave': number },
  });
  const objects = [
    object('ValidatingWebhookConfiguration', 'w'),
    object('Deployment', 'b'),
    object('Deployment', 'a', { namespace: 'z' }),
    object('Deployment', 'a', { namespace: 'y' }),
    object('HorizontalPodAutoscaler', 'h'),
    object('ConfigMap', 'late', wave('1')),
    object('Deployment', 'early', { annotations: { 'argocd.argoproj.io/sync-wave': '-5' } }),
    object('CustomResourceDefinition', 'c'),
    object('Namespace', 'n'),
    object('Service', 's'),
    object('Secret', 's'),
    object('ConfigMap', 'c'),
  ];
  const names = orderObjects(objects).map(
    ({ kind, metadata }) => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`,
  );
  expect(names).toEqual([
    'Deployment//early',
    'CustomResourceDefinition//c',
    'Namespace//n',
    'ConfigMap//c',
    'Secret//s',
    'Service//s',
    'Deployment//b',
    'Deployment/y/a',
    'Deployment/z/a',
    'HorizontalPodAutoscaler//h',
    'ValidatingWebhookConfiguration//w',
    'ConfigMap//late',
  ]);
  fc.assert(
    fc.property(fc.shuffledSubarray(objects, { minLength: objects.length }), (shuffled) => {
      expect(orderObjects(shuffled)).toEqual(orderObjects(objects));
    }),
  );
});

test('a wave is an integer; anything else counts as 0 and is named', () => {
  const annotated = (wave: string): KubeObject =>
    object('A', 'a', { annotations: { 'meridian.dev/wave': wave } });
  expect([
    waveOf(annotated('-3')),
    waveOf(annotated('+2')),
    waveOf(annotated('x')),
    waveOf(object('A', 'a')),
  ]).toEqual([-3, 2, 0, 0]);
  expect(waveProblem(annotated('1.5'))).toContain('meridian.dev/wave');
  expect(waveProblem(annotated('7'))).toBeUndefined();
});

test('a masked Secret shows its keys and no value, nor the copy that kubectl keeps in an annotation', () => {
  const secret: KubeObject = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 's',
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'canary-1', note: 'kept' },
    },
    data: { password: 'Y2FuYXJ5LTI=' },
    stringData: { token: 'canary-3', odd: 5 },
  };
  const text = JSON.stringify(maskSecret(secret));
  expect(text).not.toMatch(/canary|Y2FuYXJ5|:5/);
  expect(text).toMatch(/password.*\*\*\*/);
  expect(text).toContain('kept');
  expect(maskSecret({ ...secret, data: 'canary' })['data']).toBe('***');
  const map = object('ConfigMap', 'c');
  expect(maskSecret(map)).toBe(map);
});

test('built-in cluster-scoped kinds are known by group and kind', () => {
  expect(isClusterScoped('', 'Namespace')).toBe(true);
  expect(isClusterScoped('rbac.authorization.k8s.io', 'ClusterRole')).toBe(true);
  expect(isClusterScoped('example.com', 'ClusterRole')).toBe(false);
  expect(isClusterScoped('apps', 'Deployment')).toBe(false);
  expect(isClusterScoped('kueue.x-k8s.io', 'ClusterQueue')).toBe(true);
});

test('misspellings are matched with what was probably meant', () => {
  expect(nearest('resorces', ['resources', 'replicas'])).toBe('resources');
  expect(nearest('namspace', ['name', 'namespace'])).toBe('namespace');
  expect(nearest('zebra', ['resources', 'replicas'])).toBeUndefined();
  expect(nearest('x'.repeat(1_000_000), ['resources'])).toBeUndefined();
  expect(fieldText(['spec', 'stages', 1, 'soak'])).toBe('spec.stages[1].soak');
  expect(fieldText(['metadata', 'labels', 'a.b/c'])).toBe('metadata.labels["a.b/c"]');
});
