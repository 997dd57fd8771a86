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
