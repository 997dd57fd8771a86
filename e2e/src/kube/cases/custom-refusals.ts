import { set } from '../body.ts';
import { definitions, ownGroup, smallDefinition } from '../custom-definition.ts';
import type { ContractCase } from '../session.ts';

const version = 'spec.versions.0';
const root = `${version}.schema.openAPIV3Schema`;
const spec = `${root}.properties.spec`;
const field = `${spec}.properties.extra`;
const hook = 'spec.conversion.webhook.clientConfig';
const url = 'https://hooks.example.com/convert';
const text = { type: 'string' };
const webhook = {
  strategy: 'Webhook',
  webhook: { conversionReviewVersions: ['v1'], clientConfig: { url } },
};
const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };
const listOf = (items: unknown, more: object = {}) => ({ type: 'array', items, ...more });
const named = { type: 'object', properties: { name: text } };
const map = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] };
const rule = (more: object) => [{ rule: 'has(self.model)', ...more }];
const service = { namespace: 'hooks', name: 'convert' };

/** What is set in a definition that is good otherwise, by path. */
const changes: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'no change': {},
  'no group': { 'spec.group': '' },
  'a group without a dot': { 'spec.group': 'example', 'metadata.name': 'gadgets.example' },
  'a group in capitals': { 'spec.group': 'Example.Com' },
  'no scope': { 'spec.scope': undefined },
  'no kind': { 'spec.names.kind': undefined },
  'a kind with a dash at its end': { 'spec.names.kind': 'Gadget-' },
  'a list kind that is the kind': { 'spec.names.listKind': 'Gadget' },
  'bad short names and categories': { 'spec.names.shortNames': ['g_g'], 'spec.names.categories': ['All'] },
  'a group of Kubernetes': { 'spec.group': 'x.k8s.io', 'metadata.name': 'gadgets.x.k8s.io' },
  'a group of Kubernetes, approved by nobody': {
    'spec.group': 'x.k8s.io',
    'metadata.name': 'gadgets.x.k8s.io',
    'metadata.annotations': { 'api-approved.kubernetes.io': 'somebody' },
  },
  'a group of Kubernetes, not approved': {
    'spec.group': 'x.k8s.io',
    'metadata.name': 'gadgets.x.k8s.io',
    'metadata.annotations': { 'api-approved.kubernetes.io': 'unapproved, a test' },
  },
  'a bad name of a version': { [`${version}.name`]: 'V1' },
  'a version twice': {
    'spec.versions.1': {
      name: 'v1',
      served: true,
      storage: false,
      schema: { openAPIV3Schema: { type: 'object' } },
    },
  },
  'a warning of no deprecation': { [`${version}.deprecationWarning`]: 'old' },
  'an empty warning': { [`${version}.deprecated`]: true, [`${version}.deprecationWarning`]: '' },
  'an unknown field': { 'spec.bogus': true, [`${field}`]: { ...text, bogus: 1 } },
  'a type that is none': { [field]: { type: 'text' } },
  'a root that is no object': { [root]: { type: 'string' } },
  'a root that may be null': { [`${root}.nullable`]: true },
  'a root with additional properties': { [root]: { type: 'object', additionalProperties: text } },
  'properties and additional ones': { [`${spec}.additionalProperties`]: text },
  'properties and any others': { [`${spec}.additionalProperties`]: true },
  'unique items': { [field]: listOf(text, { uniqueItems: true }) },
  'a reference': { [field]: { $ref: '#/definitions/x' } },
  definitions: { [`${root}.definitions`]: { x: text } },
  'an id': { [`${field}`]: { ...text, id: 'x' } },
  'a schema of schemas': { [`${field}`]: { ...text, $schema: 'http://json-schema.org/draft-04/schema' } },
  'patterns of properties': { [field]: { type: 'object', patternProperties: { x: text } } },
  'a list without items': { [field]: { type: 'array' } },
  'a list with a schema for each item': { [field]: listOf([text, text]) },
  'a list of items without a type': { [field]: listOf({}) },
  'a number or text that keeps unknown fields': {
    [field]: { 'x-kubernetes-int-or-string': true, 'x-kubernetes-preserve-unknown-fields': true },
  },
  'a number or text as it must be said': {
    [field]: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, text] },
  },
  'a number or text the other way around': {
    [field]: { 'x-kubernetes-int-or-string': true, anyOf: [text, { type: 'integer' }] },
  },
  'an embedded object without a type': { [field]: { 'x-kubernetes-embedded-resource': true } },
  'an embedded object without properties': {
    [field]: { type: 'object', 'x-kubernetes-embedded-resource': true },
  },
  'metadata with labels': {
    [`${root}.properties.metadata`]: { type: 'object', properties: { labels: { type: 'object' } } },
  },
  'metadata with a limited name': {
    [`${root}.properties.metadata`]: { type: 'object', properties: { name: { ...text, maxLength: 9 } } },
  },
  'metadata with a default': {
    [`${root}.properties.metadata`]: { type: 'object', properties: { name: { ...text, default: 'x' } } },
  },
  'a kind that is no text': { [`${root}.properties.kind`]: { type: 'integer' } },
  'a type inside of a junctor': { [`${spec}.anyOf`]: [{ type: 'object' }] },
  'a description inside of a junctor': { [`${spec}.allOf`]: [{ description: 'x', required: ['model'] }] },
  'a field only inside of a junctor': { [`${spec}.oneOf`]: [{ properties: { other: { minLength: 1 } } }] },
  'items only inside of a junctor': {
    [`${spec}.not`]: { properties: { model: { items: { minLength: 1 } } } },
  },
  'a bad pattern inside of a junctor': { [`${spec}.anyOf`]: [{ properties: { model: { pattern: '[' } } }] },
  'a list type of no list': { [field]: { ...text, 'x-kubernetes-list-type': 'set' } },
  'a list type of no type': {
    [field]: { 'x-kubernetes-preserve-unknown-fields': true, 'x-kubernetes-list-type': 'set' },
  },
  'a list type that is none': { [field]: listOf(text, { 'x-kubernetes-list-type': 'bag' }) },
  'keys of no map': { [field]: listOf(named, { 'x-kubernetes-list-map-keys': ['name'] }) },
  'keys of a set': { [field]: listOf(text, { ...map, 'x-kubernetes-list-type': 'set' }) },
  'keys that nothing has': {
    [field]: listOf(
      { ...named, required: ['name'] },
      { ...map, 'x-kubernetes-list-map-keys': ['id', 'name', 'name'] },
    ),
  },
  'a key that may be missing': { [field]: listOf(named, map) },
  'a key that may be null': {
    [field]: listOf(
      { type: 'object', required: ['name'], properties: { name: { ...text, nullable: true } } },
      map,
    ),
  },
  'a key that is an object': {
    [field]: listOf({ type: 'object', required: ['name'], properties: { name: { type: 'object' } } }, map),
  },
  'a map of texts': { [field]: listOf(text, map) },
  'a set of objects': { [field]: listOf(named, { 'x-kubernetes-list-type': 'set' }) },
  'a set of lists of sets': {
    [field]: listOf(listOf(text, { 'x-kubernetes-list-type': 'set' }), { 'x-kubernetes-list-type': 'set' }),
  },
  'a set of nulls': { [field]: listOf({ ...text, nullable: true }, { 'x-kubernetes-list-type': 'set' }) },
  'a map type of text': { [field]: { ...text, 'x-kubernetes-map-type': 'atomic' } },
  'a map type that is none': { [field]: { type: 'object', 'x-kubernetes-map-type': 'whole' } },
  'unknown fields that are not kept': {
    [field]: { type: 'object', 'x-kubernetes-preserve-unknown-fields': false },
  },
  'a default with unknown fields': { [field]: { ...named, default: { name: 'x', other: 1 } } },
  'a default that breaks a limit': { [field]: { type: 'integer', maximum: 3, default: 4 } },
  'a default inside of a default that breaks a limit': {
    [field]: { ...named, required: ['name'], default: {} },
  },
  'a default of null': { [field]: { ...text, default: null } },
  'a default inside of additional properties': {
    [field]: { type: 'object', additionalProperties: { ...text, default: 'x' } },
  },
  'a root that could be either, with a status': {
    [`${root}.oneOf`]: [{ required: ['spec'] }],
    [`${version}.subresources`]: { status: {} },
  },
  'a root that could be either': { [`${root}.oneOf`]: [{ required: ['spec'] }] },
  'an empty rule': { [`${spec}.x-kubernetes-validations`]: [{ rule: ' ' }] },
  'a rule with a message of two lines': { [`${spec}.x-kubernetes-validations`]: rule({ message: 'a\nb' }) },
  'a rule of two lines without a message': {
    [`${spec}.x-kubernetes-validations`]: [{ rule: 'has(self.model) &&\ntrue' }],
  },
  'a rule with a blank message': { [`${spec}.x-kubernetes-validations`]: rule({ message: ' ' }) },
  'a rule with a reason of its own': { [`${spec}.x-kubernetes-validations`]: rule({ reason: 'Because' }) },
  'a rule about a field that is not there': {
    [`${spec}.x-kubernetes-validations`]: rule({ fieldPath: '.other' }),
  },
  'a rule about a field': {
    [`${spec}.x-kubernetes-validations`]: rule({ fieldPath: '.model', reason: 'FieldValueForbidden' }),
  },
  'a rule of no truth': { [`${spec}.x-kubernetes-validations`]: [{ rule: 'self.model' }] },
  'a rule about a name that is nothing': { [`${spec}.x-kubernetes-validations`]: [{ rule: 'model == "x"' }] },
  'a rule about a field that the schema lacks': {
    [`${spec}.x-kubernetes-validations`]: [{ rule: 'self.other == "x"' }],
  },
  'a rule that compares text and a number': {
    [`${spec}.x-kubernetes-validations`]: [{ rule: 'self.model == 3' }],
  },
  'a rule with a message that is no text': {
    [`${spec}.x-kubernetes-validations`]: rule({ messageExpression: 'size(self.model)' }),
  },
  'a rule that looks back': {
    [`${spec}.x-kubernetes-validations`]: [{ rule: 'self.model == oldSelf.model' }],
  },
  'a rule that may look back and does not': {
    [`${spec}.x-kubernetes-validations`]: rule({ optionalOldSelf: true }),
  },
  'a rule that may look back and does': {
    [`${spec}.x-kubernetes-validations`]: [
      { rule: '!oldSelf.hasValue() || self.model == oldSelf.value().model', optionalOldSelf: true },
    ],
  },
  'a rule that looks back in a list': {
    [field]: listOf(
      { ...text, maxLength: 9, 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] },
      { maxItems: 9 },
    ),
  },
  'a rule that looks back in a map': {
    [field]: listOf(
      {
        ...named,
        required: ['name'],
        properties: { name: { ...text, maxLength: 9 } },
        'x-kubernetes-validations': [{ rule: 'self == oldSelf' }],
      },
      { ...map, maxItems: 9 },
    ),
  },
  'a rule that looks back in an object that is one': {
    [field]: {
      type: 'object',
      'x-kubernetes-map-type': 'atomic',
      properties: { name: { ...text, 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] } },
    },
  },
  'a rule of the whole object': {
    [`${root}.x-kubernetes-validations`]: [{ rule: "self.metadata.name.startsWith('g') && has(self.spec)" }],
  },
  'a rule in a junctor': {
    [`${spec}.allOf`]: [{ 'x-kubernetes-validations': [{ rule: 'true' }] }],
  },
  'a default that breaks a rule': {
    [field]: { type: 'integer', default: 4, 'x-kubernetes-validations': [{ rule: 'self < 3' }] },
  },
  'a column without a name': {
    [`${version}.additionalPrinterColumns`]: [{ name: '', type: 'string', jsonPath: '.spec.model' }],
  },
  'a column of a bad format': {
    [`${version}.additionalPrinterColumns`]: [
      { name: 'A', type: 'string', format: 'loud', jsonPath: '.spec.model' },
    ],
  },
  'a column with a path without a dot': {
    [`${version}.additionalPrinterColumns`]: [{ name: 'A', type: 'string', jsonPath: 'spec.model' }],
  },
  'a scale without a path of the status': {
    [`${version}.subresources.scale`]: { ...scale, statusReplicasPath: '' },
  },
  'a scale with a path of the status in the spec': {
    [`${version}.subresources.scale`]: { ...scale, statusReplicasPath: '.spec.replicas' },
  },
  'a scale with a selector elsewhere': {
    [`${version}.subresources.scale`]: { ...scale, labelSelectorPath: '.metadata.labels' },
  },
  'a selectable field that is not there': { [`${version}.selectableFields`]: [{ jsonPath: '.spec.other' }] },
  'a selectable field of metadata': { [`${version}.selectableFields`]: [{ jsonPath: '.metadata.name' }] },
  'a selectable field that is an object': { [`${version}.selectableFields`]: [{ jsonPath: '.spec' }] },
  'a selectable field in brackets': { [`${version}.selectableFields`]: [{ jsonPath: ".spec['model']" }] },
  'a selectable field twice': {
    [`${version}.selectableFields`]: [{ jsonPath: '.spec.model' }, { jsonPath: '.spec.model' }],
  },
  'an empty selectable field': { [`${version}.selectableFields`]: [{ jsonPath: '' }] },
  'a conversion that is none': { 'spec.conversion': { strategy: 'Magic' } },
  'a conversion by a webhook': { 'spec.conversion': webhook },
  'a webhook beside no conversion': { 'spec.conversion': { ...webhook, strategy: 'None' } },
  'a webhook of no known version': {
    'spec.conversion': webhook,
    'spec.conversion.webhook.conversionReviewVersions': ['v9', 'v9', 'V'],
  },
  'a webhook without versions': {
    'spec.conversion': webhook,
    'spec.conversion.webhook.conversionReviewVersions': [],
  },
  'a webhook at an address and a service': { 'spec.conversion': webhook, [`${hook}.service`]: service },
  'a webhook by plain HTTP with a query': {
    'spec.conversion': webhook,
    [`${hook}.url`]: 'http://me@hooks.example.com/x?y=1#z',
  },
  'a webhook at a service without a name': {
    'spec.conversion': webhook,
    [hook]: { service: { ...service, name: '', port: 70_000, path: '/a//b_' } },
  },
  'a webhook at a service': { 'spec.conversion': webhook, [hook]: { service } },
  'a format that nobody knows': { [field]: { ...text, format: 'colour' } },
};

/** Definitions that a server refuses, or takes although they look odd. */
export const definitionRefusalCases: readonly ContractCase[] = Object.entries(changes).map(
  ([title, change]) => ({
    title: `definition: with ${title}`,
    async run(session) {
      const made = smallDefinition(ownGroup(session));
      for (const [path, value] of Object.entries(change)) set(made, path, value);
      await session.ask('POST', `${definitions}?dryRun=All`, made);
    },
  }),
);
