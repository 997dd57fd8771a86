import type { JsonObject } from '../json.ts';
import type { Exchange } from './exchange.ts';
import type { ServerState } from './server-state.ts';

const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Answers discovery. @returns whether the path is one of it. */
export function discover(state: ServerState, exchange: Exchange): boolean {
  const path = exchange.path.replace(/\/$/, '');
  const { catalog } = state.registry;
  const wantsAggregated = exchange.accepted.as === 'APIGroupDiscoveryList';
  const found = (wantsAggregated ? catalog.aggregated[path] : undefined) ?? catalog.discovery[path];
  if (found === undefined) return false;
  if (found === catalog.aggregated[path]) {
    exchange.answerText(200, `${JSON.stringify(found)}\n`, aggregatedType);
    return true;
  }
  exchange.answer(200, path === '/api' && !wantsAggregated ? withAddress(found, state.address()) : found);
  return true;
}

function withAddress(versions: JsonObject, serverAddress: string): JsonObject {
  return { ...versions, serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }] };
}
