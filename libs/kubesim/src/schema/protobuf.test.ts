import { expect, it } from 'vitest';
import { openCatalog } from './catalog.ts';

const text = (number: number, value: string) => bytes(number, Buffer.from(value));
const bytes = (number: number, value: Buffer) =>
  Buffer.concat([Buffer.of((number << 3) | 2, value.length), value]);
const number = (field: number, value: number) => Buffer.of(field << 3, value);
const object = (apiVersion: string, kind: string, ...fields: readonly Buffer[]) =>
  Buffer.concat([
    Buffer.from('k8s\0'),
    bytes(1, Buffer.concat([text(1, apiVersion), text(2, kind)])),
    bytes(2, Buffer.concat(fields)),
  ]);

it('reads maps, lists and structs by the numbers of the Go types', () => {
  const labels = bytes(11, Buffer.concat([text(1, 'app'), text(2, 'web')]));
  const metadata = bytes(
    1,
    Buffer.concat([text(1, 'a'), text(3, 'ns'), labels, text(14, 'x/y'), text(14, 'x/z')]),
  );
  const data = bytes(2, Buffer.concat([text(1, 'k'), text(2, 'v')]));
  expect(openCatalog().readProtobuf(object('v1', 'ConfigMap', metadata, data))).toEqual({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', namespace: 'ns', labels: { app: 'web' }, finalizers: ['x/y', 'x/z'] },
    data: { k: 'v' },
  });
});

it('puts what Go inlines into the struct around it, and reads quantities, ports and times as their JSON', () => {
  const volume = Buffer.concat([text(1, 'v'), bytes(2, bytes(2, text(1, 'Memory')))]);
  const probe = bytes(
    10,
    Buffer.concat([bytes(1, bytes(2, bytes(2, Buffer.concat([number(1, 1), text(3, 'http')]))))]),
  );
  const limit = bytes(8, bytes(1, Buffer.concat([text(1, 'cpu'), bytes(2, text(1, '2'))])));
  const container = bytes(2, Buffer.concat([text(1, 'c'), limit, probe]));
  const created = bytes(1, bytes(8, number(1, 60)));
  const spec = bytes(2, Buffer.concat([bytes(1, volume), container]));
  expect(openCatalog().readProtobuf(object('v1', 'Pod', created, spec))).toEqual({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { creationTimestamp: '1970-01-01T00:01:00.000Z' },
    spec: {
      volumes: [{ name: 'v', emptyDir: { medium: 'Memory' } }],
      containers: [
        { name: 'c', resources: { limits: { cpu: '2' } }, livenessProbe: { httpGet: { port: 'http' } } },
      ],
    },
  });
});

it('reads a time that was never set as null', () => {
  const metadata = bytes(1, bytes(8, Buffer.alloc(0)));
  expect(openCatalog().readProtobuf(object('v1', 'ConfigMap', metadata))).toMatchObject({
    metadata: { creationTimestamp: null },
  });
});

it.each([
  ['nothing', Buffer.alloc(0)],
  ['JSON', Buffer.from('{}')],
  ['an unknown kind', object('v1', 'Nonsense')],
  ['a message that ends too early', object('v1', 'ConfigMap', Buffer.of(0x0a, 0x7f, 0x01))],
  ['a number without an end', object('v1', 'ConfigMap', Buffer.alloc(12, 0xff))],
])('reads %s as nothing', (_, data) => {
  expect(openCatalog().readProtobuf(data)).toBeUndefined();
});
