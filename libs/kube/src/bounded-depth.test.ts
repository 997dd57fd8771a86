import { describe, expect, test } from 'vitest';
import { deepest } from './bounded-depth.ts';
import { listFromWire, objectFromWire } from './from-wire.ts';
import type { Kinds } from './kinds.ts';
import { kubeOver } from './kube-client.ts';
import type { Transport } from './transport.ts';

const kind = { apiVersion: 'example.com/v1', kind: 'Thing' };
const nested = (levels: number) =>
  JSON.parse(`${'{"a":['.repeat(levels / 2)}"end"${']}'.repeat(levels / 2)}`) as object;
const thing = (levels: number) => ({ ...kind, metadata: { name: 'deep' }, spec: nested(levels) });
const isPrintable = (value: unknown) => {
  expect(JSON.stringify(value)).not.toBe('');
};

describe('an object that is nested deeper than the stack', () => {
  test('keeps what is above, so that it can be walked through', () => {
    const deep = thing(9_000) as never;
    expect(() => isPrintable(deep)).toThrow(RangeError);
    const cut = objectFromWire(deep, kind);
    isPrintable(cut);
    expect(cut).toMatchObject({ metadata: { name: 'deep' }, spec: { a: [{ a: [{}] }] } });
  });

  test('does not keep others of a list from being read', () => {
    const list = { metadata: { resourceVersion: '1' }, items: [thing(9_000), thing(2)] } as never;
    const { items } = listFromWire(list, kind);
    isPrintable(items);
    expect(items).toHaveLength(2);
  });
});

test('an object of any depth that people write is as the server sent it', () => {
  const object = thing(deepest - 2) as never;
  expect(objectFromWire(object, kind)).toEqual(object);
});

test('one that is read alone is refused by name, for parts of it may be written back', async () => {
  const spec = `${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}`;
  const body = `{"apiVersion":"example.com/v1","kind":"Thing","metadata":{"name":"deep"},"spec":${spec}}`;
  const answer = { status: 200, contentType: 'application/json', retryAfterMs: undefined, body };
  const unasked = () => Promise.reject(new Error('not asked for'));
  const transport: Transport = {
    send: () => Promise.resolve(answer),
    open: unasked,
    close: () => undefined,
  };
  const kinds: Kinds = {
    discover: unasked,
    resolve: () => Promise.resolve({ ...kind, plural: 'things', namespaced: false, verbs: ['get'] }),
    forget: () => undefined,
  };
  const kube = kubeOver(transport, 'https://test', kinds);
  await expect(kube.get({ ...kind, name: 'deep' }, new AbortController().signal)).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringMatching(/^get Thing deep: .* deeper than 500 levels/) as string,
  });
});
