import { draftOf, isObject, itemsAt, jsonEqual, objectAt, textAt, valueAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';

/** Fields of versions that move to the spec when all versions agree on them, and what they are called there. */
const shared = {
  schema: 'validation',
  subresources: 'subresources',
  additionalPrinterColumns: 'additionalPrinterColumns',
  selectableFields: 'selectableFields',
} as const;

/**
 * The spec of a definition as a real server checks it, in its internal version, which the paths of findings show: what all
 * versions say alike stands once in the spec, and the parts of a webhook stand in the conversion.
 */
export function internalSpec(definition: KubeObject): JsonObject {
  const spec = draftOf(objectAt(definition, 'spec') ?? {});
  const versions = versionsOf(spec);
  if (isObject(spec['conversion'])) spec['conversion'] = internalConversion(spec['conversion']);
  const [first] = versions;
  if (first === undefined) return spec;
  for (const [field, moved] of Object.entries(shared)) {
    const value = first[field];
    if (value === undefined || !versions.every((version) => jsonEqual(version[field], value))) continue;
    spec[moved] = value;
    for (const version of versions) delete version[field];
  }
  return spec;
}

function internalConversion(conversion: JsonObject): JsonObject {
  const webhookClientConfig = objectAt(conversion, 'webhook', 'clientConfig');
  const conversionReviewVersions = valueAt(conversion, 'webhook', 'conversionReviewVersions');
  return {
    strategy: textAt(conversion, 'strategy') ?? '',
    ...(webhookClientConfig === undefined ? {} : { webhookClientConfig }),
    ...(Array.isArray(conversionReviewVersions) ? { conversionReviewVersions } : {}),
  };
}

/** The versions of a spec, in either form. */
export function versionsOf(spec: Json | undefined): readonly JsonObject[] {
  return itemsAt(spec, 'versions').filter((version) => isObject(version));
}

/** The schema of a version or of a whole spec in its internal form, undefined when it has none. */
export function schemaAt(holder: JsonObject, field: 'schema' | 'validation'): JsonObject | undefined {
  return objectAt(holder, field, 'openAPIV3Schema');
}

/** The name of a version. */
export function nameOf(version: JsonObject): string {
  return textAt(version, 'name') ?? '';
}

/** The texts of a list. */
export function textsIn(list: readonly Json[]): string[] {
  return list.filter((item) => typeof item === 'string');
}
