import { invalid } from '../errors/field-error.ts';
import type { FieldError } from '../errors/field-error.ts';
import { defineMember, draftOf, jsonEqual } from '../json.ts';
import type { Json } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { validateMetadata } from '../kinds/metadata.ts';
import { keepStatus } from '../kinds/generic-rules.ts';
import type { KindRules } from '../kinds/kind-rules.ts';
import { hasRules, ruleFindings } from './cel/rule-errors.ts';
import type { RuleFindings } from './cel/rule-errors.ts';
import type { CustomSchema } from './custom-schema.ts';
import { versionRules } from './custom-conversion.ts';
import type { CustomVersion } from './custom-version.ts';
import { setCustomDefaults } from './default-custom.ts';
import { finalizerWarnings } from './finalizer-warnings.ts';
import { checkValue } from './values/check-value.ts';
import { Correlation } from './values/correlation.ts';
import { embeddedErrors } from './values/embedded-errors.ts';
import { noField } from './values/finding.ts';
import { listErrors } from './values/list-errors.ts';
import { scaleSpecErrors, scaleStatusErrors } from './values/scale-errors.ts';

/** What the server does to objects of a custom kind in one of its versions (apiextensions-apiserver, registry/customresource). */
export function customKindRules(version: CustomVersion, versions: readonly CustomVersion[]): KindRules {
  return {
    name: 'dns-subdomain',
    finalizers: 'any',
    allowsCreateOnUpdate: false,
    allowsUnconditionalUpdate: false,
    custom: versionRules(version, versions),
    setDefaults: (draft) => setCustomDefaults(draft, version.schema),
    prepareForCreate(draft) {
      if (version.hasStatus) Reflect.deleteProperty(draft, 'status');
      draft.metadata.generation = 1;
    },
    prepareForUpdate(draft, old) {
      if (version.hasStatus) keepStatus(draft, old);
      const isSame = jsonEqual(content(draft), content(old));
      draft.metadata.generation = (old.metadata.generation ?? 0) + (isSame ? 0 : 1);
    },
    validateCreate: (object) => createErrors(object, version),
    validateUpdate: (object, old) => updateErrors(object, old, version),
    warnings: (object, old) => [...ruleWarnings(object, old, version), ...finalizerWarnings(object, old)],
    status: {
      prepareForUpdate: keepAllButStatus,
      validateUpdate: (object, old) => statusErrors(object, old, version),
    },
    resetFields: {
      ...(version.hasStatus ? { '': ['status'] } : {}),
      status: ['metadata', 'spec'],
    },
  };
}

/** Everything but the metadata. */
function content({ metadata: _, ...rest }: KubeObject): Json {
  return rest;
}

/** A write of the status keeps everything else, metadata included, but for who owns what. */
function keepAllButStatus(draft: KubeObject, old: KubeObject): void {
  const { status, metadata } = draft;
  const { managedFields, resourceVersion } = metadata;
  for (const name of Object.keys(draft)) Reflect.deleteProperty(draft, name);
  for (const [name, value] of Object.entries(old)) {
    if (name !== 'status' && value !== undefined) defineMember(draft, name, draftOf(value));
  }
  draft.metadata = draftOf(old.metadata);
  if (managedFields === undefined) Reflect.deleteProperty(draft.metadata, 'managedFields');
  else draft.metadata['managedFields'] = managedFields;
  if (resourceVersion !== undefined) draft.metadata.resourceVersion = resourceVersion;
  if (status !== undefined) draft['status'] = status;
}

function createErrors(object: KubeObject, version: CustomVersion): FieldError[] {
  const wrongKind = typeErrors(object, version);
  if (wrongKind.length > 0) return wrongKind;
  const { schema, scale } = version;
  const { findings } = checkValue(object, schema, { path: '', correlation: undefined });
  return withRuleErrors(object, undefined, version, [
    ...findings.map(({ error }) => error),
    ...(scale === undefined ? [] : [...scaleSpecErrors(object, scale), ...scaleStatusErrors(object, scale)]),
    ...embeddedErrors(object, schema),
    ...listErrors(object, schema),
  ]);
}

function updateErrors(object: KubeObject, old: KubeObject, version: CustomVersion): FieldError[] {
  const wrongKind = typeErrors(object, version);
  if (wrongKind.length > 0) return wrongKind;
  const { schema, scale } = version;
  const correlation = new Correlation(object, old, schema);
  const { findings } = checkValue(object, schema, { path: '', correlation });
  return withRuleErrors(object, old, version, [
    ...(correlation.isUnchanged() ? [] : findings.map(({ error }) => error)),
    ...(scale === undefined ? [] : [...scaleSpecErrors(object, scale), ...scaleStatusErrors(object, scale)]),
    ...embeddedErrors(object, schema),
    ...newListErrors(object, old, version),
  ]);
}

function statusErrors(object: KubeObject, old: KubeObject, version: CustomVersion): FieldError[] {
  const wrongKind = typeErrors(object, version);
  if (wrongKind.length > 0) return wrongKind;
  const { scale } = version;
  return withRuleErrors(object, old, version, [
    ...statusValueErrors(object, old, version),
    ...(scale === undefined ? [] : scaleStatusErrors(object, scale)),
    ...newListErrors(object, old, version),
  ]);
}

const blocking: ReadonlySet<FieldError['type']> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

const notChecked =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

/** Rules are looked at only when the object is well formed; metadata counts, although it is refused elsewhere. */
function withRuleErrors(
  object: KubeObject,
  old: KubeObject | undefined,
  { schema, isNamespaced }: CustomVersion,
  errors: readonly FieldError[],
): FieldError[] {
  if (!hasRules(schema)) return [...errors];
  const ofMetadata = old === undefined ? validateMetadata(object, 'dns-subdomain', isNamespaced) : [];
  if ([...ofMetadata, ...errors].some(({ type }) => blocking.has(type))) {
    return [...errors, invalid(noField, null, notChecked)];
  }
  return [...errors, ...findingsOf(object, old, schema).errors];
}

function findingsOf(object: KubeObject, old: KubeObject | undefined, schema: CustomSchema): RuleFindings {
  const correlation = old === undefined ? undefined : new Correlation(object, old, schema);
  return ruleFindings(object, old, { schema, correlation });
}

function ruleWarnings(
  object: KubeObject,
  old: KubeObject | undefined,
  { schema }: CustomVersion,
): readonly string[] {
  return old === undefined || !hasRules(schema) ? [] : findingsOf(object, old, schema).warnings;
}

/** The status is checked by its own part of the schema, and paths in messages begin there. */
function statusValueErrors(object: KubeObject, old: KubeObject, { schema }: CustomVersion): FieldError[] {
  const type = schema.properties.get('status');
  const { status } = object;
  if (type === undefined || status === undefined) return [];
  const correlation = new Correlation(object, old, schema).key('status');
  const { findings } = checkValue(status, type, { path: '', correlation });
  if (correlation?.isUnchanged() === true) return [];
  return findings.map(({ error }) => ({ ...error, field: belowStatus(error.field) }));
}

function belowStatus(field: string): string {
  return field === '<nil>' ? 'status' : `status.${field}`;
}

/** Lists that had twins before may keep them. */
function newListErrors(object: KubeObject, old: KubeObject, { schema }: CustomVersion): FieldError[] {
  return listErrors(old, schema).length === 0 ? listErrors(object, schema) : [];
}

function typeErrors(object: KubeObject, { kind, apiVersion }: CustomVersion): FieldError[] {
  return [
    ...(object.kind === kind ? [] : [invalid('kind', object.kind, `must be ${kind}`)]),
    ...(object.apiVersion === apiVersion
      ? []
      : [invalid('apiVersion', object.apiVersion, `must be ${apiVersion}`)]),
  ];
}
