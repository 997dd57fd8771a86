import type { Body } from './body.ts';

/** The group of the definition of a kind with one field for each thing that a schema can say. */
export const wideGroup = 'wide.example.com';

const text = (more: object = {}) => ({ type: 'string', ...more });
const integer = (more: object = {}) => ({ type: 'integer', ...more });

const properties = {
  name: text({ minLength: 2, maxLength: 5 }),
  shape: text({ pattern: '(?i)^[a-z]+$' }),
  level: text({ enum: ['low', 'high'] }),
  size: integer({ minimum: 0, maximum: 10, multipleOf: 2 }),
  count: integer({ format: 'int32', enum: [1, 2, 5_000_000_000] }),
  share: { type: 'number', exclusiveMinimum: true, minimum: 0, exclusiveMaximum: true, maximum: 1 },
  step: { type: 'number', multipleOf: 0.25 },
  on: { type: 'boolean' },
  few: { type: 'array', items: integer(), minItems: 1, maxItems: 3 },
  names: { type: 'array', items: text(), 'x-kubernetes-list-type': 'set' },
  parts: {
    type: 'array',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name', 'port'],
    maxItems: 10,
    items: {
      type: 'object',
      required: ['name'],
      properties: {
        name: text({ maxLength: 20 }),
        port: integer({ default: 80 }),
        weight: integer({ maximum: 100, default: 1 }),
        nested: { type: 'object', properties: { deep: text({ default: 'd' }) }, default: {} },
      },
    },
  },
  amounts: {
    type: 'object',
    additionalProperties: integer({ minimum: 1 }),
    minProperties: 1,
    maxProperties: 2,
  },
  nothing: text({ nullable: true }),
  filled: text({ nullable: true, default: 'full' }),
  either: {
    type: 'object',
    properties: { a: text(), b: integer() },
    oneOf: [{ required: ['a'] }, { required: ['b'] }],
  },
  any: integer({ anyOf: [{ minimum: 10 }, { maximum: 2 }] }),
  all: text({ maxLength: 20, allOf: [{ minLength: 3 }, { pattern: '^a' }] }),
  not: text({ not: { enum: ['x'] } }),
  port: { 'x-kubernetes-int-or-string': true },
  free: {
    type: 'object',
    'x-kubernetes-preserve-unknown-fields': true,
    properties: { typed: { type: 'object', properties: { x: integer({ default: 3 }) } } },
  },
  anything: { 'x-kubernetes-preserve-unknown-fields': true },
  pod: {
    type: 'object',
    'x-kubernetes-embedded-resource': true,
    'x-kubernetes-preserve-unknown-fields': true,
  },
  whole: { type: 'object', 'x-kubernetes-map-type': 'atomic', properties: { a: text(), b: text() } },
  ...Object.fromEntries(
    [
      ...[
        'email',
        'ipv4',
        'ipv6',
        'cidr',
        'byte',
        'duration',
        'uuid',
        'date-time',
        'date',
        'hostname',
        'uri',
      ],
      ...['mac', 'hexcolor', 'password', 'isbn', 'k8s-short-name', 'k8s-long-name'],
    ].map((format) => [`f-${format}`, text({ format })]),
  ),
};

const rules = [
  {
    rule: "!has(self.on) || !self.on || (has(self.level) && self.level == 'high')",
    message: 'needs a high level',
  },
  { rule: '!has(self.size) || 12 / self.size > 1' },
  { rule: "!has(self.amounts) || self.amounts['cpu'] < 50", fieldPath: ".amounts['cpu']" },
  { rule: '!has(self.few) || self.few[1] >= self.few[0]', reason: 'FieldValueForbidden', fieldPath: '.few' },
  {
    rule: '!has(self.port) || type(self.port) == string || self.port < 1024',
    messageExpression: "'port %d is for users'.format([self.port])",
  },
  { rule: "!has(self.f__dash__duration) || self.f__dash__duration < duration('1h')" },
  { rule: "!has(self.parts) || self.parts.all(p, p.weight < 90 && !p.name.matches('^x'))" },
  { rule: '!has(oldSelf.all) || (has(self.all) && self.all == oldSelf.all)', message: 'all is set once' },
];

/** The definition. */
export function wideDefinition(): Body {
  return structuredClone({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `wides.${wideGroup}` },
    spec: {
      group: wideGroup,
      scope: 'Namespaced',
      names: { plural: 'wides', singular: 'wide', kind: 'Wide' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          selectableFields: [{ jsonPath: '.spec.level' }, { jsonPath: '.spec.size' }],
          subresources: {
            status: {},
            scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' },
          },
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: { type: 'object', properties, 'x-kubernetes-validations': rules },
                status: {
                  type: 'object',
                  properties: { phase: text({ enum: ['Ready'] }), size: integer() },
                  default: { phase: 'Ready' },
                },
              },
            },
          },
        },
      ],
    },
  });
}

/** An object of the kind. */
export const wide = (spec: object | undefined, more: object = {}): Body => ({
  apiVersion: `${wideGroup}/v1`,
  kind: 'Wide',
  metadata: { name: 'sample' },
  spec,
  ...more,
});
