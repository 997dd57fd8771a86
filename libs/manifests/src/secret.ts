import { isJsonObject } from './manifests.ts';
import type { Json, KubeObject } from './object.ts';

/** What stands in for a value that must not leave the cluster. */
export const masked = '***';

const copiesOfData = ['kubectl.kubernetes.io/last-applied-configuration'];

/**
 * A Secret with every value of `data` and `stringData`, and annotations that repeat them, replaced by `***`; any other
 * object unchanged. Keys stay, because they help and are no secret.
 */
export function maskSecret(object: KubeObject): KubeObject {
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1') return object;
  return {
    ...object,
    ...maskField(object, 'data'),
    ...maskField(object, 'stringData'),
    metadata: maskAnnotations(object),
  };
}

/**
 * Where a Secret has a value that is no text, which no API server takes: the field and its key, without the value; undefined
 * when there is none. Null counts as empty, as it does for an API server.
 */
export function notTextIn(object: KubeObject): { readonly field: string; readonly is: string } | undefined {
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1') return undefined;
  for (const field of ['data', 'stringData']) {
    const values = object[field] ?? {};
    if (!isJsonObject(values)) return { field, is: kindOf(values) };
    const found = Object.entries(values).find(([, value]) => value !== null && typeof value !== 'string');
    if (found) return { field: `${field}.${found[0]}`, is: kindOf(found[1]) };
  }
  return undefined;
}

function kindOf(value: Json): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : `a ${typeof value}`;
}

function maskField(object: KubeObject, field: 'data' | 'stringData'): { [field: string]: Json } {
  const { [field]: values } = object;
  if (values === undefined) return {};
  return { [field]: isJsonObject(values) ? mapValues(values, () => masked) : masked };
}

function maskAnnotations(object: KubeObject): KubeObject['metadata'] {
  const { annotations } = object.metadata;
  if (!annotations || !copiesOfData.some((key) => key in annotations)) return object.metadata;
  return {
    ...object.metadata,
    annotations: mapValues(annotations, (value, key) => (copiesOfData.includes(key) ? masked : value)),
  };
}

function mapValues<From, To>(
  map: { readonly [key: string]: From },
  change: (value: From, key: string) => To,
): { [key: string]: To } {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value, key)]));
}
