import { fromStorage } from '../cluster/writer.ts';
import type { JsonObject } from '../json.ts';
import { apiVersionOf } from '../kube-object.ts';
import type { KubeObject } from '../kube-object.ts';
import type { Resource } from '../schema/resource.ts';
import type { ListPage } from '../store/list.ts';
import type { Accepted } from './accept.ts';
import type { ServerState } from './server-state.ts';

/** A stored object as the client asked to see it. */
export function presentObject(
  state: ServerState,
  resource: Resource,
  object: KubeObject,
  { as }: Accepted,
): JsonObject {
  const served = fromStorage(object, resource, state.registry.rulesOf(resource));
  return as === 'PartialObjectMetadata' ? metadataOf(served) : served;
}

/** A page of a list as the client asked to see it. */
export function presentList(
  state: ServerState,
  resource: Resource,
  page: ListPage,
  { as }: Accepted,
): JsonObject {
  const metadata: JsonObject = { resourceVersion: page.resourceVersion };
  if (page.continue !== undefined) metadata['continue'] = page.continue;
  if (page.remainingItemCount !== undefined) metadata['remainingItemCount'] = page.remainingItemCount;
  const rules = state.registry.rulesOf(resource);
  const served = page.items.map((object) => fromStorage(object, resource, rules));
  if (as === 'PartialObjectMetadataList' || as === 'PartialObjectMetadata') {
    return {
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
      metadata,
      items: served.map(metadataOf),
    };
  }
  return {
    kind: resource.listKind,
    apiVersion: apiVersionOf(resource.group, resource.version),
    metadata,
    items: resource.custom ? served : served.map(withoutKind),
  };
}

function metadataOf({ metadata }: KubeObject): JsonObject {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
}

/** Items of built-in lists do not say their kind: Go fills it in for whole answers only. */
function withoutKind({ apiVersion: _apiVersion, kind: _kind, ...item }: KubeObject): JsonObject {
  return item;
}
