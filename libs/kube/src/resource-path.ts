import { FaultError } from '@meridian/runtime';
import type { KubeKind } from './discovery.ts';

/** Query parameters; undefined ones are left out. */
export type Query = { readonly [name: string]: string | number | boolean | undefined };

/** The path of a group version: `/api/v1` or `/apis/apps/v1`. */
export function versionPath(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** The path of all objects of a kind, in one namespace or everywhere. */
export function collectionPath(kind: KubeKind, namespace: string | undefined): string {
  const scope = kind.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${versionPath(kind.apiVersion)}${scope}/${kind.plural}`;
}

/** The path of one object. Throws `invalid` when a namespaced kind comes without a namespace. */
export function objectPath(kind: KubeKind, namespace: string | undefined, name: string): string {
  requireNamespace(kind, namespace, name);
  return `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}`;
}

/** Throws `invalid` when a namespaced kind comes without a namespace: guessing `default` would write to the wrong place. */
export function requireNamespace(kind: KubeKind, namespace: string | undefined, name: string): void {
  if (kind.namespaced && !namespace) {
    throw new FaultError('invalid', `${kind.kind} ${name} needs a namespace`, { retry: 'never' });
  }
}

/** `path` with its query. */
export function withQuery(path: string, query: Query): string {
  const present = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)] as const],
  );
  return present.length === 0
    ? path
    : `${path}?${present.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`;
}
