import { describe, expect, it } from 'vitest';
import { itemsAt, objectAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { openCatalog } from './catalog.ts';
import { decodeObject, storedObject, writtenObject } from './decode.ts';

const decode = (kind: string, object: JsonObject, [group, version] = ['', 'v1']) => {
  const schema = openCatalog().schemaOf({ group: group ?? '', version: version ?? '', kind });
  if (schema === undefined) throw new Error(`no ${kind}`);
  return decodeObject(object, schema);
};
const decodeDeployment = (spec: JsonObject) =>
  decode('Deployment', { apiVersion: 'apps/v1', kind: 'Deployment', spec }, ['apps', 'v1']);

it('writes what Go writes: structs that were never set, and no zero values that may be left out', () => {
  expect(
    decodeDeployment({ replicas: 0, paused: false, minReadySeconds: 0, revisionHistoryLimit: null }),
  ).toMatchObject({
    ok: true,
    strict: [],
    object: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {},
      spec: {
        replicas: 0,
        selector: null,
        strategy: {},
        template: { metadata: {}, spec: { containers: null } },
      },
      status: {},
    },
  });
});

describe('lists and maps that are empty', () => {
  const schemaOf = (kind: string, group: string, version: string) => {
    const schema = openCatalog().schemaOf({ group, version, kind });
    if (schema === undefined) throw new Error(`no ${kind}`);
    return schema;
  };
  const pod = { spec: { containers: [], tolerations: [], nodeSelector: {}, securityContext: {} } };

  it('stay while an object is held', () => {
    const decoded = decodeObject(pod, schemaOf('Pod', '', 'v1'));
    expect(decoded).toMatchObject({ object: pod, keptEmpty: true });
  });

  it('are left out of what is written, where Go leaves them out', () => {
    const written = writtenObject(pod, schemaOf('Pod', '', 'v1'));
    expect(written).toMatchObject({ object: { spec: { containers: [], securityContext: {} } } });
    expect(objectAt(written.ok ? written.object : {}, 'spec')).not.toHaveProperty('tolerations');
    expect(objectAt(written.ok ? written.object : {}, 'spec')).not.toHaveProperty('nodeSelector');
  });

  it('are null in what was stored where Go always writes them', () => {
    const role = { rules: [{ verbs: ['get'], resources: [] }] };
    const schema = schemaOf('Role', 'rbac.authorization.k8s.io', 'v1');
    expect(storedObject({ rules: [] }, schema)).toMatchObject({ object: { rules: null } });
    expect(storedObject(role, schema)).toMatchObject({ object: { rules: [{ verbs: ['get'] }] } });
  });

  it('are not told of an object that has none', () => {
    expect(decodeObject({ spec: { containers: [{ name: 'a' }] } }, schemaOf('Pod', '', 'v1'))).toMatchObject({
      keptEmpty: false,
    });
  });
});

it('gives fields in the order of Go, and names of maps sorted', () => {
  const decoded = decode('Pod', {
    spec: {
      nodeSelector: { b: '1', a: '2' },
      containers: [{ image: 'x', name: 'a' }],
      volumes: [{ name: 'v' }],
    },
    metadata: { labels: {}, name: 'a' },
    apiVersion: 'v1',
    kind: 'Pod',
  });
  const object = decoded.ok ? decoded.object : {};
  expect(Object.keys(object)).toEqual(['kind', 'apiVersion', 'metadata', 'spec', 'status']);
  expect(Object.keys(objectAt(object, 'metadata') ?? {})).toEqual(['name', 'labels']);
  expect(Object.keys(objectAt(object, 'spec') ?? {})).toEqual(['volumes', 'containers', 'nodeSelector']);
  expect(Object.keys(objectAt(object, 'spec', 'nodeSelector') ?? {})).toEqual(['a', 'b']);
});

it('names unknown fields by their whole path and drops them', () => {
  const decoded = decode('Pod', {
    metadata: { nam: 'a' },
    spec: { containers: [{ name: 'a', imag: 'x' }], constructor: 1 },
  });
  expect(decoded).toMatchObject({
    strict: [
      'unknown field "metadata.nam"',
      'unknown field "spec.containers[0].imag"',
      'unknown field "spec.constructor"',
    ],
    object: { spec: { containers: [{ name: 'a', resources: {} }] } },
  });
});

it.each<[JsonObject, string]>([
  [
    { replicas: 'three' },
    'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
  ],
  [
    { replicas: 1.5 },
    'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32',
  ],
  [
    { template: { spec: { containers: [{ env: [{ name: 'A', value: 1 }] }] } } },
    'json: cannot unmarshal number into Go struct field EnvVar.spec.template.spec.containers.env.value of type string',
  ],
  [
    { template: { spec: { containers: {} } } },
    'json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container',
  ],
  [
    { template: { metadata: { labels: { a: true } } } },
    'json: cannot unmarshal bool into Go struct field ObjectMeta.spec.template.metadata.labels of type string',
  ],
  [
    { template: { spec: { volumes: [{ secret: { secretName: 7 } }] } } },
    'json: cannot unmarshal number into Go struct field SecretVolumeSource.spec.template.spec.volumes.VolumeSource.secret.secretName of type string',
  ],
  [
    { replicas: 'three', strategy: { rollingUpdate: { maxSurge: [] } } },
    'json: cannot unmarshal array into Go struct field RollingUpdateDeployment.spec.strategy.rollingUpdate.maxSurge of type int32',
  ],
  [
    { replicas: 'x', template: { spec: { containers: [{ resources: { limits: { cpu: 'much' } } }] } } },
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  ],
])('refuses %j with the words of Go', (spec, message) => {
  expect(decodeDeployment(spec)).toEqual({ ok: false, message });
});

it.each([
  ['1000m', '1'],
  ['0.5', '500m'],
  ['1024Mi', '1Gi'],
  ['1.5Gi', '1536Mi'],
  ['1e3', '1e3'],
  ['1500000', '1500k'],
  ['0.0001', '1m'],
  ['512', '512'],
  ['0', '0'],
  ['100000Ki', '100000Ki'],
])('rewrites the amount %s of a resource as %s', (given, written) => {
  const limits = { cpu: given };
  expect(
    decodeDeployment({ template: { spec: { containers: [{ name: 'a', resources: { limits } }] } } }),
  ).toMatchObject({
    object: { spec: { template: { spec: { containers: [{ resources: { limits: { cpu: written } } }] } } } },
  });
});

it.each([
  ['%%%', 'illegal base64 data at input byte 0'],
  ['not base64', 'illegal base64 data at input byte 3'],
])('refuses %j as bytes', (text, message) => {
  expect(decode('Secret', { data: { a: text } })).toEqual({ ok: false, message });
});

it('rewrites times in UTC and whole seconds', () => {
  expect(decode('Pod', { metadata: { creationTimestamp: '2026-01-02T03:04:05.9+01:00' } })).toMatchObject({
    object: { metadata: { creationTimestamp: '2026-01-02T02:04:05Z' } },
  });
});

describe('a schema inside of a schema, where something else may stand too', () => {
  const fieldOf = (extra: JsonObject) => {
    const openAPIV3Schema = { type: 'object', properties: { extra } };
    const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }];
    const decoded = decode('CustomResourceDefinition', { spec: { versions } }, [
      'apiextensions.k8s.io',
      'v1',
    ]);
    if (!decoded.ok) return decoded.message;
    const [version] = itemsAt(decoded.object, 'spec', 'versions');
    return objectAt(version, 'schema', 'openAPIV3Schema', 'properties', 'extra');
  };

  it('loses what it does not know', () => {
    expect(fieldOf({ items: { type: 'string', bogus: 1 } })).toEqual({ items: { type: 'string' } });
    expect(fieldOf({ additionalProperties: { type: 'string', bogus: 1 } })).toEqual({
      additionalProperties: { type: 'string' },
    });
  });

  it('may be a truth or a list, and goes when it is neither', () => {
    expect(fieldOf({ additionalProperties: false })).toEqual({ additionalProperties: false });
    expect(fieldOf({ items: [{ type: 'string' }] })).toEqual({ items: [{ type: 'string' }] });
    expect(fieldOf({ items: 1 })).toEqual({});
  });

  it('ends everything when it cannot be read', () => {
    expect(fieldOf({ items: { type: 7 } })).toBe(
      'json: cannot unmarshal number into Go struct field JSONSchemaProps.spec.versions.schema.openAPIV3Schema.properties.items.type of type string',
    );
    expect(fieldOf({ additionalProperties: 'x' })).toBe('boolean or JSON schema expected');
  });
});

it('quotes unknown fields, and leaves out bits that base64 does not need', () => {
  expect(
    decode('ConfigMap', { 'a"b\u0001': 1, binaryData: { a: 'AB==', b: 'AAB=', c: 'AAAA' } }),
  ).toMatchObject({
    strict: [String.raw`unknown field "a\"b\x01"`],
    object: { binaryData: { a: 'AA==', b: 'AAA=', c: 'AAAA' } },
  });
});
