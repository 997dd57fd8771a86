import { canonicalJson, sha256Digest } from '@meridian/manifests';
import type { Json } from '@meridian/manifests';
import type { Assignment } from '@meridian/fleet';
import { FaultError } from '@meridian/runtime';
import { describe, expect, it } from 'vitest';
import { configMap } from '../testing/rig.ts';
import { openBundle, packBundle, unpackBundle } from './bundle.ts';
import { prepareObjects } from './prepare.ts';

const json = (value: object) => Buffer.from(canonicalJson(value));
const good = json({ application: 'web', cluster: 'one', objects: [configMap('a')] });
const assignment = {
  application: 'web',
  cluster: 'one',
  namespace: 'ml',
  bundle: sha256Digest(good),
} as Assignment;
const prepare = (objects: Parameters<typeof prepareObjects>[0], scope?: boolean) =>
  prepareObjects(objects, assignment, () => Promise.resolve(scope));

describe('openBundle', () => {
  it('gives the objects of the bundle that was named', () => {
    expect(openBundle(good, assignment)).toHaveLength(1);
    expect(openBundle(unpackBundle(packBundle(good)), assignment)).toHaveLength(1);
  });

  it('refuses other bytes, other applications, other clusters and objects without a name', () => {
    const named = (bytes: Buffer) => ({ ...assignment, bundle: sha256Digest(bytes) });
    const foreign = json({ application: 'api', cluster: 'one', objects: [] });
    const nameless = json({ application: 'web', cluster: 'one', objects: [{ kind: 'ConfigMap' }] });
    const garbage = Buffer.from('{"application":');
    expect(() => openBundle(garbage, named(garbage))).toThrow(FaultError);
    expect(() => openBundle(garbage, named(garbage))).toThrow('is not JSON');
    expect(() => openBundle(foreign, assignment)).toThrow('has digest');
    expect(() => openBundle(foreign, named(foreign))).toThrow('is not of web for one');
    expect(() => openBundle(nameless, named(nameless))).toThrow(
      'object 0 of the bundle has no apiVersion, kind or name',
    );
    expect(() => unpackBundle(Buffer.from('not zstd'))).toThrow('cannot be unpacked');
  });
});

describe('prepareObjects', () => {
  it('adds label and namespace and drops what only the server sets', async () => {
    const object = {
      ...configMap('a'),
      metadata: { name: 'a', uid: 'u', resourceVersion: '1', labels: { own: 'x' } },
      status: { x: 1 },
    };
    const [ready] = await prepare([object]);
    expect(ready?.object).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', namespace: 'ml', labels: { own: 'x', 'meridian.dev/application': 'web' } },
      data: { key: 'value' },
    });
  });

  it('leaves cluster-scoped objects without a namespace, also those a bundle defines itself', async () => {
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'fleets.x.io' },
      spec: { group: 'x.io', scope: 'Cluster', names: { kind: 'Fleet' } },
    };
    const own = { apiVersion: 'x.io/v1', kind: 'Fleet', metadata: { name: 'f' } };
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'r' } };
    const foreign = { apiVersion: 'y.io/v1', kind: 'Thing', metadata: { name: 't' } };
    const namespaces = async (scope: boolean) =>
      (await prepare([definition, own, role, foreign], scope)).map(({ entry }) => entry.namespace);
    expect(await namespaces(true)).toEqual(['', '', '', 'ml']);
    expect(await namespaces(false)).toEqual(['', '', '', '']);
  });

  it('takes a namespace from kinds that have none, whoever gave it to them', async () => {
    const metadata = { name: 'r', namespace: 'given' };
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata };
    const foreign = { apiVersion: 'y.io/v1', kind: 'Thing', metadata };
    const namespaces = async (scope: boolean) =>
      (await prepare([role, foreign, { ...configMap('a'), metadata }], scope)).map(({ entry, object }) => [
        entry.namespace,
        object.metadata.namespace,
      ]);
    expect(await namespaces(false)).toEqual([
      ['', undefined],
      ['', undefined],
      ['given', 'given'],
    ]);
    expect((await namespaces(true))[1]).toEqual(['given', 'given']);
  });

  it('writes stringData as data, which is what the server tracks', async () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      data: { a: 'b2xk' },
      stringData: { a: 'new', b: 'ü' },
    };
    const [ready] = await prepare([secret]);
    expect(ready?.object['data']).toEqual({ a: 'bmV3', b: 'w7w=' });
    expect(ready?.object['stringData']).toBeUndefined();
  });

  it('does not take a value of a Secret that is no text for an empty one: the Secret must not be written', async () => {
    const secretOf = (stringData: { readonly [key: string]: Json }) =>
      prepare([{ ...configMap('s'), kind: 'Secret', data: {}, stringData }]);
    const [wrong] = await secretOf({ port: 8080 });
    expect(wrong?.problem).toBe(
      'stringData.port is a number, and values of a Secret are texts: write it in quotes',
    );
    const [empty] = await secretOf({ port: null });
    expect(empty).toMatchObject({ object: { data: { port: '' } } });
    expect(empty?.problem).toBeUndefined();
  });

  it('gives equal content an equal hash', async () => {
    const [left] = await prepare([configMap('a', { x: '1', y: '2' })]);
    const [right] = await prepare([configMap('a', { y: '2', x: '1' })]);
    const [other] = await prepare([configMap('a', { y: '2', x: '3' })]);
    expect(left?.hash).toBe(right?.hash);
    expect(left?.hash).not.toBe(other?.hash);
  });
});
