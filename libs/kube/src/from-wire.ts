import { isJsonObject } from '@meridian/manifests';
import type { Json, JsonObject, KubeObject } from '@meridian/manifests';
import { FaultError } from '@meridian/runtime';
import { cutBelow, deepest, isDeeper } from './bounded-depth.ts';
import type { KubeList } from './kube.ts';

/** The JSON object in an answer. Throws `unavailable` for anything else: something other than an API server answered. */
export function jsonFromWire(text: string, subject: string): JsonObject {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    throw new FaultError('unavailable', `${subject}: the answer is not JSON`, { retry: 'later' });
  }
  if (!isJsonObject(value))
    throw new FaultError('unavailable', `${subject}: the answer is not a JSON object`, { retry: 'later' });
  return value;
}

/**
 * An object as the server sent it, without what is nested too deep; `kind` fills what list items leave out. Undefined when it
 * has no name.
 */
export function objectFromWire(
  value: Json | undefined,
  kind: { readonly apiVersion: string; readonly kind: string },
): KubeObject | undefined {
  if (!isJsonObject(value)) return undefined;
  const metadata = value['metadata'];
  if (!isJsonObject(metadata) || typeof metadata['name'] !== 'string') return undefined;
  return {
    ...(isDeeper(value, deepest) ? contentOf(cutBelow(value, deepest)) : value),
    apiVersion: value['apiVersion'] ?? kind.apiVersion,
    kind: value['kind'] ?? kind.kind,
  } as KubeObject;
}

const contentOf = (value: Json): JsonObject => (isJsonObject(value) ? value : {});

/** One page of a list with the token of the next page, which is empty at the end. */
export function listFromWire(
  list: JsonObject,
  kind: { readonly apiVersion: string; readonly kind: string },
): KubeList & { readonly next: string } {
  const metadata = isJsonObject(list['metadata']) ? list['metadata'] : {};
  const items = Array.isArray(list['items']) ? (list['items'] as readonly Json[]) : [];
  return {
    items: items.map((item) => objectFromWire(item, kind)).filter((item) => item !== undefined),
    resourceVersion: textOf(metadata['resourceVersion']),
    next: textOf(metadata['continue']),
  };
}

/** A string field, or the empty string. */
export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
