import type { Json, KubeObject } from '@meridian/manifests';
import { isJsonObject } from '@meridian/manifests';

/**
 * The `metadata.managedFields` of an object with every entry at this version of its kind, whoever it belongs to; undefined
 * when they are at it already. Fields that the version does not have are dropped by the API server when it reads them.
 */
export function fieldsAtVersion(object: KubeObject, apiVersion: string): readonly Json[] | undefined {
  const entries: unknown = object.metadata['managedFields'];
  if (!Array.isArray(entries)) return undefined;
  const known = entries.filter(isJsonObject);
  if (known.every((entry) => entry['apiVersion'] === apiVersion)) return undefined;
  return known.map((entry) => ({ ...entry, apiVersion }));
}
