import { customGroups } from '../definitions/custom-groups.ts';
import type { CustomGroup } from '../definitions/custom-groups.ts';
import { definitionsResource } from '../definitions/names.ts';
import { itemsAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { aggregatedGroup, groupDocument, listedGroup, versionDocument } from './custom-discovery.ts';
import type { Exchange } from './exchange.ts';
import type { ServerState } from './server-state.ts';

const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Answers discovery. @returns whether the path is one of it. */
export function discover(state: ServerState, exchange: Exchange): boolean {
  const path = exchange.path.replace(/\/$/, '');
  if (!path.startsWith('/api')) return false;
  const { catalog } = state.registry;
  const wantsAggregated = exchange.accepted.as === 'APIGroupDiscoveryList';
  const groups = customGroups(state.store.list(definitionsResource));
  const aggregated = wantsAggregated ? catalog.aggregated[path] : undefined;
  if (aggregated !== undefined) {
    const shown = path === '/apis' ? withItems(aggregated, 'items', groups.map(aggregatedGroup)) : aggregated;
    exchange.answerText(200, `${JSON.stringify(shown)}\n`, aggregatedType);
    return true;
  }
  const found = catalog.discovery[path] ?? customDocument(groups, path);
  if (found === undefined) return false;
  exchange.answer(200, withGroups(state, path, { found, groups, wantsAggregated }));
  return true;
}

function withGroups(
  state: ServerState,
  path: string,
  {
    found,
    groups,
    wantsAggregated,
  }: {
    readonly found: JsonObject;
    readonly groups: readonly CustomGroup[];
    readonly wantsAggregated: boolean;
  },
): JsonObject {
  if (path === '/apis') return withItems(found, 'groups', groups.map(listedGroup));
  return path === '/api' && !wantsAggregated ? withAddress(found, state.address()) : found;
}

function withItems(document: JsonObject, field: string, more: readonly JsonObject[]): JsonObject {
  return more.length === 0 ? document : { ...document, [field]: [...itemsAt(document, field), ...more] };
}

/** What `/apis/GROUP` and `/apis/GROUP/VERSION` say of custom kinds. */
function customDocument(groups: readonly CustomGroup[], path: string): JsonObject | undefined {
  const [, root, name, version, ...rest] = path.split('/');
  const group = groups.find((one) => one.name === name);
  if (root !== 'apis' || group === undefined || rest.length > 0) return undefined;
  return version === undefined ? groupDocument(group) : versionDocument(group, version);
}

function withAddress(versions: JsonObject, serverAddress: string): JsonObject {
  return { ...versions, serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }] };
}
