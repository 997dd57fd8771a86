import { goQuote } from '@meridian/cel';
import { badRequestError } from '../errors/api-error.ts';
import { wrongShape } from './accept.ts';
import { fromStorage, toStorage } from '../cluster/writer.ts';
import { isObject, itemsAt, objectAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { apiVersionOf } from '../kube-object.ts';
import type { KubeObject } from '../kube-object.ts';
import { partialMetadata } from '../printers/partial-metadata.ts';
import { tableOf } from '../printers/table.ts';
import type { TableQuery } from '../printers/table.ts';
import { groupResource } from '../schema/resource.ts';
import type { Resource } from '../schema/resource.ts';
import type { ListPage } from '../store/list.ts';
import type { Exchange } from './exchange.ts';
import type { ServerState } from './server-state.ts';

/** A stored object as the client asked to see it. */
export function presentObject(
  state: ServerState,
  resource: Resource,
  object: KubeObject,
  exchange: Exchange,
): JsonObject {
  return inAskedVersion(shownObject(state, resource, object, exchange), exchange);
}

/** A page of a list as the client asked to see it. */
export function presentList(
  state: ServerState,
  resource: Resource,
  page: ListPage,
  exchange: Exchange,
): JsonObject {
  return inAskedVersion(shownList(state, resource, page, exchange), exchange);
}

/** Metadata and tables have an older version, which is the same but for its name. */
function inAskedVersion(shown: JsonObject, { accepted }: Exchange): JsonObject {
  const { version = 'meta.k8s.io/v1' } = accepted;
  return version === 'meta.k8s.io/v1' ? shown : renamed(shown, version);
}

function renamed(shown: JsonObject, apiVersion: string): JsonObject {
  const items = itemsAt(shown, 'items').filter(isObject);
  const rows = itemsAt(shown, 'rows').filter(isObject);
  const rowIn = (row: JsonObject) =>
    textAt(row, 'object', 'kind') === 'PartialObjectMetadata'
      ? { ...row, object: { ...objectAt(row, 'object'), apiVersion } }
      : row;
  return {
    ...shown,
    apiVersion,
    ...(items.length === 0 ? {} : { items: items.map((item) => ({ ...item, apiVersion })) }),
    ...(rows.length === 0 ? {} : { rows: rows.map(rowIn) }),
  };
}

function shownObject(
  state: ServerState,
  resource: Resource,
  object: KubeObject,
  exchange: Exchange,
): JsonObject {
  const { as } = exchange.accepted;
  const rules = state.registry.rulesOf(resource);
  const stored = toStorage(object, resource, rules);
  if (as === 'Table') {
    const { resourceVersion = '' } = stored.metadata;
    return shownTable(state, resource, exchange, { objects: [stored], metadata: { resourceVersion } });
  }
  if (as === 'PartialObjectMetadataList') throw wrongShape(as, resource, false);
  if (as === 'PartialObjectMetadata') return partialMetadata(stored, groupResource(resource));
  return fromStorage(object, resource, rules);
}

function shownList(state: ServerState, resource: Resource, page: ListPage, exchange: Exchange): JsonObject {
  const { as } = exchange.accepted;
  const metadata: JsonObject = { resourceVersion: page.resourceVersion };
  if (page.continue !== undefined) metadata['continue'] = page.continue;
  if (page.remainingItemCount !== undefined) metadata['remainingItemCount'] = page.remainingItemCount;
  if (as === 'Table') return shownTable(state, resource, exchange, { objects: page.items, metadata });
  if (as === 'PartialObjectMetadata') throw wrongShape(as, resource, true);
  if (as === 'PartialObjectMetadataList') {
    const items =
      page.items.length === 0 ? null : page.items.map((one) => partialMetadata(one, groupResource(resource)));
    return { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata, items };
  }
  const rules = state.registry.rulesOf(resource);
  const served = page.items.map((object) => fromStorage(object, resource, rules));
  if (resource.custom) return customList(resource, served, page);
  return {
    kind: resource.listKind,
    apiVersion: apiVersionOf(resource.group, resource.version),
    metadata,
    items: served.map(withoutKind),
  };
}

/** A list of objects without a Go type, as Go writes maps. It would leave no empty token out. */
function customList(
  resource: Resource,
  items: JsonObject[],
  { resourceVersion, remainingItemCount, ...page }: ListPage,
): JsonObject {
  const left = remainingItemCount === undefined ? {} : { remainingItemCount };
  return {
    apiVersion: apiVersionOf(resource.group, resource.version),
    items,
    kind: resource.listKind,
    metadata: { continue: page.continue ?? '', ...left, resourceVersion },
  };
}

/** Objects as a table; also what a watch sends that was asked for tables. */
function shownTable(
  state: ServerState,
  resource: Resource,
  exchange: Exchange,
  shown: Pick<TableQuery, 'objects' | 'metadata'>,
): JsonObject {
  const asked = exchange.query.get('includeObject') ?? '';
  if (!['', 'Metadata', 'Object', 'None'].includes(asked)) {
    throw badRequestError(
      `Unable to convert to Table as requested: includeObject: Invalid value: ${goQuote(asked)}: must be 'Metadata', 'Object', 'None', or empty`,
    );
  }
  const rules = state.registry.rulesOf(resource);
  return tableOf({
    ...shown,
    // Those of custom kinds have columns for each version.
    ...(resource.custom
      ? { objects: shown.objects.map((object) => fromStorage(object, resource, rules)) }
      : {}),
    served: (object) => fromStorage(object, resource, rules),
    resource: groupResource(resource),
    columns: state.registry.columnsOf(resource),
    additional: state.registry.customColumnsOf(resource),
    includeObject: asked === 'None' || asked === 'Object' ? asked : 'Metadata',
    nowMs: state.nowMs(),
  });
}

/** Items of built-in lists do not say their kind: Go fills it in for whole answers only. */
function withoutKind({ apiVersion: _apiVersion, kind: _kind, ...item }: KubeObject): JsonObject {
  return item;
}
