import { describe, expect, it } from 'vitest';
import type { JsonObject, KubeObject } from '@meridian/manifests';
import { standsAsApplied } from './stands-as-applied.ts';

const desired: KubeObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } },
  spec: {
    selector: { app: 'web' },
    ports: [
      { name: 'http', port: 80, targetPort: 8080 },
      { name: 'dns', port: 53, protocol: 'UDP' },
    ],
    externalIPs: ['192.0.2.1'],
  },
};

const ownedFields: JsonObject = {
  'f:metadata': { 'f:labels': { 'f:app': {} } },
  'f:spec': {
    'f:selector': {},
    'f:externalIPs': {},
    'f:ports': {
      'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:name': {}, 'f:port': {}, 'f:targetPort': {} },
      'k:{"port":53,"protocol":"UDP"}': { '.': {}, 'f:name': {}, 'f:port': {}, 'f:protocol': {} },
    },
  },
};

interface Changes {
  readonly spec?: JsonObject;
  readonly fields?: JsonObject;
  readonly entry?: JsonObject;
  readonly apiVersion?: string;
}

/** The object as a server has it: with defaults, and with fields of others. */
function stored({
  spec = {},
  fields = ownedFields,
  entry = {},
  apiVersion = 'v1',
}: Changes = {}): KubeObject {
  return {
    apiVersion,
    kind: 'Service',
    metadata: {
      name: 'web',
      namespace: 'shop',
      uid: 'u1',
      resourceVersion: '7',
      labels: { app: 'web', theirs: 'x' },
      managedFields: [
        { manager: 'kube-controller-manager', operation: 'Update', apiVersion: 'v1', fieldsV1: {} },
        { manager: 'meridian', operation: 'Apply', apiVersion: 'v1', fieldsV1: fields, ...entry },
      ],
    },
    spec: {
      type: 'ClusterIP',
      selector: { app: 'web' },
      externalIPs: ['192.0.2.1'],
      ports: [
        { name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' },
        { name: 'dns', port: 53, targetPort: 53, protocol: 'UDP' },
      ],
      ...spec,
    },
  };
}

const stands = (live: KubeObject, object = desired): boolean => standsAsApplied(object, live, 'meridian');

const without = (name: string): JsonObject => {
  const { 'f:spec': spec, ...rest } = ownedFields;
  const kept = Object.entries(spec as JsonObject).filter(([field]) => field !== name);
  return { ...rest, 'f:spec': Object.fromEntries(kept) };
};

describe('an object that was applied and not touched since', () => {
  it('stands, whatever the server and others have added to it', () => {
    expect(stands(stored())).toBe(true);
  });

  it('stands when an empty map of it is not stored, whether or not the server notes who has it', () => {
    const metadata = { ...desired.metadata, annotations: {} };
    const labels = ownedFields['f:metadata'] as JsonObject;
    const noted = { ...ownedFields, 'f:metadata': { ...labels, 'f:annotations': {} } };
    expect(stands(stored(), { ...desired, metadata })).toBe(true);
    expect(stands(stored({ fields: noted }), { ...desired, metadata })).toBe(true);
    expect(stands(stored({ fields: noted })), 'owned and not named any more').toBe(false);
  });

  it('stands when the server has put the items of a list in another order', () => {
    const { ports } = stored()['spec'] as { readonly ports: readonly JsonObject[] };
    expect(stands(stored({ spec: { ports: ports.toReversed() } }))).toBe(true);
  });
});

describe('an object of which that is not sure', () => {
  it.each<[string, KubeObject]>([
    ['a value differs', stored({ spec: { selector: { app: 'other' } } })],
    ['a value is gone', stored({ spec: { externalIPs: [] } })],
    [
      'an item is gone',
      stored({ spec: { ports: [{ port: 80, protocol: 'TCP', name: 'http', targetPort: 8080 }] } }),
    ],
    [
      'a field in an item differs',
      stored({
        spec: {
          ports: [
            { name: 'http', port: 80, targetPort: 1, protocol: 'TCP' },
            { name: 'dns', port: 53, protocol: 'UDP' },
          ],
        },
      }),
    ],
    ['another manager has taken a field', stored({ fields: without('f:selector') })],
    ['we own a field that the object does not name', stored({ fields: { ...ownedFields, 'f:data': {} } })],
    ['we own nothing', stored({ fields: {} })],
    ['our entry is of an update', stored({ entry: { operation: 'Update' } })],
    ['our entry is of a subresource', stored({ entry: { subresource: 'status' } })],
    ['our entry is of somebody else', stored({ entry: { manager: 'other' } })],
    ['our entry is at another version', stored({ entry: { apiVersion: 'v2' } })],
    ['our entry is not one', stored({ entry: { fieldsV1: 'x' } })],
    ['it was read at another version', stored({ apiVersion: 'v2' })],
    [
      'a list is owned by index',
      stored({ fields: { ...without('f:ports'), 'f:spec': { 'f:ports': { 'i:0': {}, 'i:1': {} } } } }),
    ],
  ])('does not stand: %s', (_what, live) => {
    expect(stands(live)).toBe(false);
  });

  it('does not stand when the bundle names what was never applied', () => {
    const more = { ...desired, spec: { ...(desired['spec'] as JsonObject), type: 'NodePort' } };
    expect(stands(stored(), more)).toBe(false);
    expect(stands(stored(), { ...desired, data: null })).toBe(false);
  });

  it('does not stand when an empty map that chose what it is was taken away', () => {
    const volumes = [{ name: 'cache', emptyDir: {} }];
    const spec = { ...(desired['spec'] as JsonObject), volumes };
    const withVolume = (item: JsonObject): JsonObject => ({
      ...ownedFields,
      'f:spec': { ...(ownedFields['f:spec'] as JsonObject), 'f:volumes': { 'k:{"name":"cache"}': item } },
    });
    const own = withVolume({ '.': {}, 'f:name': {}, 'f:emptyDir': {} });
    expect(stands(stored({ fields: own, spec: { volumes } }), { ...desired, spec })).toBe(true);
    const others = [{ name: 'cache', hostPath: { path: '/', type: '' } }];
    const left = withVolume({ '.': {}, 'f:name': {} });
    expect(stands(stored({ fields: left, spec: { volumes: others } }), { ...desired, spec })).toBe(false);
  });

  it('does not stand when two items could be the one that is there', () => {
    const ports = [
      { name: 'http', port: 80 },
      { name: 'http', port: 80, targetPort: 8080 },
    ];
    expect(stands(stored(), { ...desired, spec: { ...(desired['spec'] as JsonObject), ports } })).toBe(false);
  });
});
