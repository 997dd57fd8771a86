import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../json.ts';
import { strategicMergePatch } from './strategic-merge-patch.ts';
import { deploymentSchema } from './test-schema.ts';

const live: JsonObject = {
  metadata: { labels: { a: '1', b: '2' }, finalizers: ['x/1', 'x/2'] },
  spec: {
    replicas: 1,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } },
    extra: { text: 'x', inner: { a: 1 } },
    template: {
      spec: {
        containers: [
          { name: 'one', image: 'i:1', args: ['x'] },
          { name: 'two', image: 'i:2' },
        ],
        tolerations: [{ key: 'a' }],
      },
    },
  },
};

function patched(patch: Json): Json {
  const before = JSON.stringify(live);
  const result = strategicMergePatch(live, patch, deploymentSchema);
  expect(JSON.stringify(live)).toBe(before);
  if (!result.ok) throw new Error(`${String(result.code)} ${result.message}`);
  return result.value;
}

const containers = (...items: Json[]) => ({ spec: { template: { spec: { containers: items } } } });
const containersOf = (value: Json) =>
  (value as unknown as { spec: { template: { spec: { containers: Json } } } }).spec.template.spec.containers;

describe('a strategic merge patch', () => {
  it('merges objects and the items of lists by their key, new items first', () => {
    const result = patched(containers({ name: 'new', image: 'n' }, { name: 'two', args: ['y'] }));
    expect(containersOf(result)).toEqual([
      { name: 'new', image: 'n' },
      { name: 'one', image: 'i:1', args: ['x'] },
      { name: 'two', image: 'i:2', args: ['y'] },
    ]);
  });

  it('replaces lists that have no strategy, and sets and removes members', () => {
    const result = patched({
      spec: { replicas: null, paused: true, template: { spec: { tolerations: [{ key: 'b' }] } } },
    });
    expect(result).toHaveProperty('spec.template.spec.tolerations', [{ key: 'b' }]);
    expect(result).toHaveProperty('spec.paused', true);
    expect(result).not.toHaveProperty('spec.replicas');
  });

  it('shares what it does not change', () => {
    const result = patched({ metadata: { labels: { c: '3' } } }) as JsonObject;
    expect(result['spec']).toBe(live['spec']);
  });

  it('deletes and replaces by directive', () => {
    expect(containersOf(patched(containers({ name: 'one', $patch: 'delete' })))).toEqual([
      { name: 'two', image: 'i:2' },
    ]);
    expect(containersOf(patched(containers({ $patch: 'replace' }, { name: 'only' })))).toEqual([
      { name: 'only' },
    ]);
    expect(patched({ metadata: { labels: { $patch: 'replace', only: 'this' } } })).toHaveProperty(
      'metadata.labels',
      { only: 'this' },
    );
    expect(patched({ metadata: { labels: { $patch: 'delete' } } })).toHaveProperty('metadata.labels', {});
    expect(patched({ metadata: { annotations: { $patch: 'replace', a: 'b' } } })).not.toHaveProperty(
      'metadata.annotations',
    );
  });

  it('keeps only the members that are to be retained', () => {
    const strategy = { $retainKeys: ['type'], type: 'Recreate' };
    expect(patched({ spec: { strategy } })).toHaveProperty('spec.strategy', { type: 'Recreate' });
    expect(
      strategicMergePatch(live, { spec: { strategy: { ...strategy, paused: 1 } } }, deploymentSchema),
    ).toEqual({ ok: false, code: 400, message: 'invalid patch format of retainKeys' });
  });

  it('merges lists of values and deletes from them', () => {
    expect(patched({ metadata: { finalizers: ['x/3', 'x/1'] } })).toHaveProperty('metadata.finalizers', [
      'x/3',
      'x/1',
      'x/2',
    ]);
    expect(patched({ metadata: { '$deleteFromPrimitiveList/finalizers': ['x/1'] } })).toHaveProperty(
      'metadata.finalizers',
      ['x/2'],
    );
  });

  it('orders elements as the patch says', () => {
    const result = patched({
      spec: {
        template: {
          spec: {
            '$setElementOrder/containers': [{ name: 'first' }, { name: 'two' }, { name: 'one' }],
            containers: [{ name: 'first', image: 'f' }],
          },
        },
      },
    });
    expect(containersOf(result)).toEqual([
      { name: 'first', image: 'f' },
      { name: 'two', image: 'i:2' },
      { name: 'one', image: 'i:1', args: ['x'] },
    ]);
    expect(patched({ metadata: { '$setElementOrder/finalizers': ['x/2', 'x/1'] } })).toHaveProperty(
      'metadata.finalizers',
      ['x/2', 'x/1'],
    );
  });

  it.each<[string, Json, number, string]>([
    [
      'an item without its key',
      containers({ image: 'y' }),
      500,
      'map: map[image:y] does not contain declared merge key: name',
    ],
    [
      'an unknown directive',
      { spec: { $patch: 'explode' } },
      500,
      'unknown patch type: explode in map: map[$patch:explode]',
    ],
    [
      'an order that its own items do not follow',
      {
        metadata: { '$setElementOrder/finalizers': ['x/2', 'x/1'], finalizers: ['x/1', 'x/2'] },
      },
      500,
      "The order in patch list:\n[x/1 x/2]\n doesn't match $setElementOrder list:\n[x/2 x/1]\n",
    ],
    [
      'a deletion that names no list',
      { metadata: { $deleteFromPrimitiveList: ['x'] } },
      400,
      'invalid patch format of primitive list',
    ],
    [
      'items of two types',
      { metadata: { finalizers: [1] } },
      500,
      'list element types are not identical: [[x/1 x/2] [1]]',
    ],
    [
      'an object in a place without a type',
      { spec: { extra: { inner: { b: 1 } } } },
      500,
      'unable to find api field in struct RawExtension for the json field "inner"',
    ],
    ['a list', [], 400, 'json: cannot unmarshal array into Go value of type map[string]interface {}'],
  ])('refuses %s', (_, patch, code, message) => {
    expect(strategicMergePatch(live, patch, deploymentSchema)).toEqual({ ok: false, code, message });
  });
});
