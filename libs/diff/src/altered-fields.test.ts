import type { Json, KubeObject } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { parseFieldSet } from './field-set.ts';
import { alteredFields } from './altered-fields.ts';

const objectOf = (content: object, kind = 'Thing'): KubeObject => ({
  apiVersion: 'example.com/v1',
  kind,
  metadata: { name: 'a' },
  ...content,
});

const owned = (fields: object) => parseFieldSet(fields);

/** What is found when one field, owned as a whole, is sent and stored with these values. */
function found(sent: Json, stored: Json | undefined, field = 'value') {
  const stores = stored === undefined ? {} : { spec: { [field]: stored } };
  return alteredFields(
    objectOf({ spec: { [field]: sent } }),
    objectOf(stores),
    owned({ 'f:spec': { [`f:${field}`]: {} } }),
  );
}

describe('fields that came back with another value', () => {
  it('are named with what was sent and what is stored', () => {
    expect(found(3, 5)).toEqual([{ path: 'spec.value', desired: '3', live: '5' }]);
    expect(found('a', undefined)).toEqual([{ path: 'spec', desired: '{"value":"a"}', live: 'absent' }]);
    expect(found('Always', 'IfNotPresent')).toHaveLength(1);
    expect(found(false, true)).toHaveLength(1);
    expect(found(0, 1000, 'runAsUser')).toHaveLength(1);
    expect(found('1Gi', '2Gi')).toHaveLength(1);
    expect(found('1h', '2h')).toHaveLength(1);
    expect(found('registry/a:1', 'mirror/a:1')).toHaveLength(1);
    expect(found(['a', 'b'], ['a', 'c'])).toHaveLength(1);
    expect(found(['a', 'b'], ['a'])).toHaveLength(1);
    expect(found([{ kind: 'User', name: 'x' }], [{ kind: 'User', name: 'y' }])).toHaveLength(1);
    expect(found({ a: { b: 1 } }, { a: 'text' })).toHaveLength(1);
  });

  it('are none where the same is written in another way', () => {
    const same: readonly (readonly [Json, Json])[] = [
      ['1000m', '1'],
      [0.5, '500m'],
      ['1024Mi', '1Gi'],
      ['0.1', '100m'],
      ['1e3', '1k'],
      [80, '80'],
      ['60s', '1m0s'],
      ['1.5h', '1h30m0s'],
      ['2026-01-01T02:00:00+02:00', '2026-01-01T00:00:00Z'],
      ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.000000Z'],
      ['2001:db8::1', '2001:0DB8:0:0:0:0:0:1'],
      ['fd00::/8', 'fd00:0::/8'],
      ['tcp', 'TCP'],
      ['QUJD\nREVG\n', 'QUJDREVG'],
    ];
    for (const [sent, stored] of same)
      expect([sent, stored, found(sent, stored)]).toEqual([sent, stored, []]);
  });

  it('are none where an empty value was left out or filled in', () => {
    for (const empty of [null, '', 0, false, {}, [], { a: { b: [] } }])
      expect(found(empty, undefined)).toEqual([]);
    expect(found('', 'filled')).toEqual([]);
    expect(found(0, 10, 'periodSeconds')).toEqual([]);
    expect(found(0, 30080, 'nodePort')).toEqual([]);
  });

  it('are none where something was added, or a list came back in another order', () => {
    expect(found({ a: 1 }, { a: 1, b: 2 })).toEqual([]);
    expect(found(['a'], ['injected', 'a'])).toEqual([]);
    expect(found(['b', 'a'], ['a', 'b'])).toEqual([]);
    expect(found([{ kind: 'User', name: 'x' }], [{ kind: 'User', name: 'x', apiGroup: 'rbac' }])).toEqual([]);
  });

  it('are told apart in lists with keys, also where a key was left to the server', () => {
    const ports = (first: number, second: number) => ({
      spec: {
        ports: [
          { port: 80, targetPort: first },
          { port: 80, protocol: 'UDP', targetPort: second },
        ],
      },
    });
    const stored = {
      spec: {
        ports: [
          { port: 80, protocol: 'TCP', targetPort: 1 },
          { port: 80, protocol: 'UDP', targetPort: 9 },
        ],
      },
    };
    const item = { '.': {}, 'f:port': {}, 'f:targetPort': {} };
    const fields = owned({
      'f:spec': {
        'f:ports': { 'k:{"port":80,"protocol":"TCP"}': item, 'k:{"port":80,"protocol":"UDP"}': item },
      },
    });
    expect(alteredFields(objectOf(ports(1, 2)), objectOf(stored), fields)).toEqual([
      { path: 'spec.ports[port=80,protocol=UDP].targetPort', desired: '2', live: '9' },
    ]);
  });

  it('name an item that is gone once, and nothing of what we do not own', () => {
    const fields = owned({
      'f:spec': { 'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:name': {}, 'f:image': {} } } },
    });
    const sent = objectOf({ spec: { containers: [{ name: 'a', image: 'x', tty: true }], paused: true } });
    expect(alteredFields(sent, objectOf({ spec: { containers: [] } }), fields)).toMatchObject([
      { path: 'spec.containers[name=a]', live: 'absent' },
    ]);
    const kept = objectOf({ spec: { containers: [{ name: 'a', image: 'x' }] } });
    expect(alteredFields(sent, kept, fields)).toEqual([]);
  });

  it('are none where an old autoscaler has its status in annotations', () => {
    const name = 'autoscaling.alpha.kubernetes.io/conditions';
    const metadata = { name: 'a', annotations: { [name]: '[]' } };
    const fields = owned({ 'f:metadata': { 'f:annotations': { '.': {}, [`f:${name}`]: {} } } });
    const alteredOf = (kind: string) =>
      alteredFields(objectOf({ metadata }, kind), objectOf({}, kind), fields).length;
    expect(['HorizontalPodAutoscaler', 'Thing'].map(alteredOf)).toEqual([0, 1]);
  });

  it('of a Secret have no values, and there are twenty at most', () => {
    const values = (value: string) =>
      Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`k${index}`, value]));
    const fields = owned({
      'f:data': Object.fromEntries(Object.keys(values('')).map((key) => [`f:${key}`, {}])),
    });
    const secret = alteredFields(
      objectOf({ data: values('aGlkZGVu') }, 'Secret'),
      objectOf({ data: values('b3RoZXI=') }, 'Secret'),
      fields,
    );
    expect(secret).toHaveLength(20);
    expect(secret[0]).toEqual({ path: 'data.k0', desired: '***', live: '***' });
  });

  it('are found in time that grows with the text alone, whatever it looks like', () => {
    for (const start of ['1', '1s', 'a:', '1.'])
      expect(found(`${start.repeat(200_000)}x`, 'other')).toHaveLength(1);
  });

  it('are not sought in another order in a list of thousands', () => {
    const list = Array.from({ length: 20_000 }, (_, index) => `item-${index}`);
    expect(found(list, [...list].reverse())).toHaveLength(1);
    expect(found(list, [...list, 'added'])).toEqual([]);
  });
});
