import type { Json } from '../json.ts';
import type { FieldSchema, ObjectSchema, ScalarType, Schema } from '../schema/schema.ts';

/** How a test writes a field: its schema, and what else is said of it. */
type FieldInTest = Schema | FieldSchema;

export const text: Schema = scalar('string');
export const integer: Schema = scalar('int32');
export const anything: Schema = { kind: 'any' };

export function scalar(type: ScalarType): Schema {
  return { kind: 'scalar', type };
}

export function object(typeName: string, fields: Record<string, FieldInTest>, atomic = false): ObjectSchema {
  const read = Object.entries(fields).map(([name, field]) => [name, fieldOf(field)] as const);
  return { kind: 'object', typeName, fields: new Map(read), atomic, keepsUnknown: false };
}

export function map(value: Schema, atomic = false): Schema {
  return { kind: 'map', value, atomic };
}

export function listMap(item: Schema, ...mapKeys: string[]): Schema {
  return { kind: 'list', item, listType: 'map', mapKeys };
}

export function setOf(item: Schema): Schema {
  return { kind: 'list', item, listType: 'set', mapKeys: [] };
}

export function atomicList(item: Schema): Schema {
  return { kind: 'list', item, listType: 'atomic', mapKeys: [] };
}

/** A field that a strategic merge patch merges by a key, or by value without one. */
export function merging(schema: Schema, mergeKey?: string, ...more: string[]): FieldSchema {
  return {
    schema,
    nullable: false,
    patch: { strategies: ['merge', ...more], ...(mergeKey === undefined ? {} : { mergeKey }) },
  };
}

export function withDefault(schema: Schema, value: Json): FieldSchema {
  return { schema, default: value, nullable: false, patch: { strategies: [] } };
}

function fieldOf(field: FieldInTest): FieldSchema {
  return 'kind' in field ? { schema: field, nullable: false, patch: { strategies: [] } } : field;
}

const ports = listMap(
  object('ContainerPort', {
    name: text,
    containerPort: integer,
    protocol: withDefault(text, 'TCP'),
  }),
  'containerPort',
  'protocol',
);

const container = object('Container', {
  name: text,
  image: text,
  args: atomicList(text),
  env: merging(listMap(object('EnvVar', { name: text, value: text }), 'name'), 'name'),
  ports: merging(ports, 'containerPort'),
});

const ownerReference = object(
  'OwnerReference',
  { uid: text, name: text, kind: text, apiVersion: text },
  true,
);

const metadata = object('ObjectMeta', {
  name: text,
  namespace: text,
  uid: text,
  resourceVersion: text,
  generation: scalar('int64'),
  creationTimestamp: scalar('time'),
  labels: map(text),
  annotations: map(text),
  finalizers: merging(setOf(text)),
  ownerReferences: merging(listMap(ownerReference, 'uid'), 'uid'),
  managedFields: atomicList(anything),
});

/** Enough of a Deployment to show every way in which fields merge. */
export const deploymentSchema: ObjectSchema = object('Deployment', {
  apiVersion: text,
  kind: text,
  metadata,
  spec: object('DeploymentSpec', {
    replicas: integer,
    paused: scalar('boolean'),
    selector: object('LabelSelector', { matchLabels: map(text) }, true),
    strategy: {
      schema: object('DeploymentStrategy', {
        type: text,
        rollingUpdate: object('RollingUpdateDeployment', { maxSurge: scalar('int-or-string') }),
      }),
      nullable: false,
      patch: { strategies: ['retainKeys'] },
    },
    template: object('PodTemplateSpec', {
      metadata,
      spec: object('PodSpec', {
        containers: merging(listMap(container, 'name'), 'name'),
        nodeSelector: map(text, true),
        tolerations: atomicList(object('Toleration', { key: text, operator: text })),
      }),
    }),
    extra: anything,
  }),
  status: object('DeploymentStatus', { replicas: integer }),
});
