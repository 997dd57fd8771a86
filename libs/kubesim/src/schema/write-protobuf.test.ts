import { expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { openCatalog } from './catalog.ts';
import { watchFrame } from './write-protobuf.ts';

const catalog = openCatalog();

function writtenAndRead(object: JsonObject): JsonObject | undefined {
  const written = catalog.writeProtobuf(object);
  return written === undefined ? undefined : catalog.readProtobuf(written);
}

it('writes what is no pointer in Go even when it is not set, and leaves out pointers that are not', () => {
  const object = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'a' } };
  expect(writtenAndRead(object)).toEqual({
    ...object,
    metadata: {
      name: 'a',
      generateName: '',
      namespace: '',
      selfLink: '',
      uid: '',
      resourceVersion: '',
      generation: 0,
      creationTimestamp: null,
    },
  });
});

it('writes times, quantities, ports, numbers below zero and structs inside of others', () => {
  const times = { creationTimestamp: '2026-01-02T03:04:05.000Z' };
  const container = {
    name: 'c',
    resources: { limits: { cpu: '500m' } },
    readinessProbe: { httpGet: { port: 'web', path: '/x' } },
    ports: [{ containerPort: 80 }],
  };
  const spec = {
    containers: [container],
    priority: -5,
    volumes: [{ name: 'v', emptyDir: { sizeLimit: '1Gi' } }],
  };
  const read = writtenAndRead({ apiVersion: 'v1', kind: 'Pod', metadata: times, spec });
  expect(read).toMatchObject({ metadata: times, spec });
});

it('keeps the microseconds of leases', () => {
  const spec = { renewTime: '2026-01-02T03:04:05.123456Z', holderIdentity: 'me' };
  expect(writtenAndRead({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', spec })).toMatchObject({
    spec,
  });
});

it('writes schemas of definitions in all their forms', () => {
  const openAPIV3Schema = {
    type: 'object',
    default: { a: [1, 'x'] },
    properties: {
      list: { type: 'array', items: { type: 'number', maximum: 1.5 } },
      open: { type: 'object', additionalProperties: { type: 'string' } },
      closed: { type: 'object', additionalProperties: false },
    },
  };
  const spec = { group: 'g', versions: [{ name: 'v1', schema: { openAPIV3Schema } }] };
  const kind = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };
  expect(writtenAndRead({ ...kind, spec })).toMatchObject({ spec });
});

it('writes maps by name, so that an object always has the same bytes', () => {
  const of = (data: JsonObject) => catalog.writeProtobuf({ apiVersion: 'v1', kind: 'ConfigMap', data });
  expect(of({ b: '2', a: '1' })).toEqual(of({ a: '1', b: '2' }));
});

it('writes nothing of a kind that has no struct', () => {
  expect(catalog.writeProtobuf({ apiVersion: 'example.com/v1', kind: 'Model' })).toBeUndefined();
});

it('frames events by their length', () => {
  const frame = watchFrame('ADDED', Buffer.from('object'));
  expect(frame.readUInt32BE()).toBe(frame.length - 4);
  expect(frame.includes('ADDED')).toBe(true);
});
