import type { Json, KubeObject, Step } from '@meridian/manifests';
import { describe, expect, it } from 'vitest';
import { copyPlaces, keepPlaces } from './keep-places.ts';

const label = 'meridian.dev/application';
const applier = 'meridian';

const object = (spec: Json): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'a', labels: { [label]: 'web' } },
  spec,
});

function live(spec: Json, owned: { readonly [manager: string]: Json }): KubeObject {
  const managedFields = Object.entries(owned).map(([manager, fields]) => ({
    manager,
    operation: manager === applier ? 'Apply' : 'Update',
    fieldsV1: { 'f:spec': fields },
  }));
  const { metadata, ...content } = object(spec);
  return { ...content, apiVersion: 'apps/v1', kind: 'Deployment', metadata: { ...metadata, managedFields } };
}

function kept(
  desired: Json,
  there: KubeObject,
  places: readonly (readonly Step[])[],
  adopted: readonly string[] = [],
): Json | undefined {
  return keepPlaces(object(desired), there, {
    desired: places,
    live: places,
    label,
    applier,
    isAdopted: (manager) => adopted.includes(manager),
  })['spec'];
}

const replicas = ['spec', 'replicas'];
const containerKey = (name: string): string => `k:${JSON.stringify({ name })}`;

describe('a place that is left as it is', () => {
  it('is left out of the apply where somebody else owns it', () => {
    const there = live({ replicas: 5 }, { scaler: { 'f:replicas': {} }, meridian: { 'f:paused': {} } });
    expect(kept({ replicas: 2, paused: false }, there, [replicas])).toEqual({ paused: false });
  });

  it('is sent with its live value where it is ours, or becomes ours, also when the bundle does not name it any more', () => {
    expect(
      kept({ replicas: 2 }, live({ replicas: 5 }, { meridian: { 'f:replicas': {} } }), [replicas]),
    ).toEqual({
      replicas: 5,
    });
    expect(
      kept({ paused: false }, live({ replicas: 5 }, { helm: { 'f:replicas': {} } }), [replicas], ['helm']),
    ).toEqual({ replicas: 5, paused: false });
  });

  it('is applied as git has it where the live object has nothing', () => {
    expect(kept({ replicas: 2 }, live({}, { meridian: { 'f:paused': {} } }), [replicas])).toEqual({
      replicas: 2,
    });
  });

  it('is an item of a list by its key, wherever it stands', () => {
    const there = live(
      {
        containers: [
          { name: 'mesh', image: 'mesh:9', args: ['-v'] },
          { name: 'web', image: 'web:1' },
        ],
      },
      {
        meridian: {
          'f:containers': {
            [containerKey('web')]: { '.': {}, 'f:name': {}, 'f:image': {} },
            [containerKey('mesh')]: { '.': {}, 'f:name': {}, 'f:image': {} },
          },
        },
        tuner: { 'f:containers': { [containerKey('mesh')]: { 'f:args': {} } } },
      },
    );
    const desired = {
      containers: [
        { name: 'web', image: 'web:2' },
        { name: 'mesh', image: 'mesh:1', args: ['-q'] },
      ],
    };
    const spec = keepPlaces(object(desired), there, {
      desired: [['spec', 'containers', 1]],
      live: [['spec', 'containers', 0]],
      label,
      applier,
      isAdopted: () => false,
    })['spec'];
    expect(spec).toEqual({
      containers: [
        { name: 'web', image: 'web:2' },
        { name: 'mesh', image: 'mesh:9' },
      ],
    });
  });

  it('is written when its item is new in the bundle', () => {
    const there = live(
      { containers: [{ name: 'web', image: 'web:1' }] },
      { meridian: { 'f:containers': { [containerKey('web')]: { '.': {}, 'f:name': {}, 'f:image': {} } } } },
    );
    const desired = {
      containers: [
        { name: 'web', image: 'web:2' },
        { name: 'more', image: 'more:1' },
      ],
    };
    const places = [0, 1].map((index) => ['spec', 'containers', index, 'image']);
    expect(kept(desired, there, places)).toEqual({
      containers: [
        { name: 'web', image: 'web:1' },
        { name: 'more', image: 'more:1' },
      ],
    });
  });

  it('takes its live value inside of what is owned as a whole, and leaves the rest to git', () => {
    const there = live(
      { args: ['a', 'b'], selector: { x: '1' } },
      { meridian: { 'f:args': {}, 'f:selector': {} } },
    );
    const places = [
      ['spec', 'args', 1],
      ['spec', 'selector', 'x'],
      ['spec', 'selector', 'absent', 'deep'],
    ];
    expect(kept({ args: ['c', 'd', 'e'], selector: { y: '2' } }, there, places)).toEqual({
      args: ['c', 'b', 'e'],
      selector: { x: '1', y: '2' },
    });
  });

  it('is never what the object is known by', () => {
    const there = live({}, { meridian: {} });
    const next = keepPlaces(
      object({}),
      { ...there, metadata: { ...there.metadata, labels: { [label]: 'other' } } },
      {
        desired: [['metadata', 'labels'], ['metadata'], []],
        live: [['metadata', 'labels'], ['kind']],
        label,
        applier,
        isAdopted: () => false,
      },
    );
    expect(next).toMatchObject({ kind: 'Deployment', metadata: { name: 'a', labels: { [label]: 'web' } } });
  });
});

describe('a place that is copied from the live object', () => {
  it('has its live value, items of lists by their position; where it is missing on either side nothing changes', () => {
    const there = object({ replicas: 5, list: [{ a: 1 }, { a: 2 }], only: 'live' });
    const places = [
      ['spec', 'replicas'],
      ['spec', 'list', 1, 'a'],
      ['spec', 'list', 2, 'a'],
      ['spec', 'only', 'deep'],
      ['kind'],
    ];
    const next = copyPlaces(object({ replicas: 1, list: [{ a: 7 }, { a: 8 }, { a: 9 }] }), there, {
      places,
      label,
    });
    expect(next).toEqual(object({ replicas: 5, list: [{ a: 7 }, { a: 2 }, { a: 9 }] }));
  });
});
