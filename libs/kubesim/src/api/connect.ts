import { goQuote } from '@meridian/cel';
import { storeKey } from '../cluster/prepare.ts';
import type { Target } from '../cluster/target.ts';
import { ApiError, badRequestError, internalServerError, notFoundError } from '../errors/api-error.ts';
import { itemsAt, numberAt, textAt } from '../json.ts';
import type { Json } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import type { Exchange } from './exchange.ts';
import { containerOf, refuseLostNode } from './pod-logs.ts';
import type { ServerState } from './server-state.ts';

const nobody = 'no container runs in a simulated cluster';

/** Answers `exec` and `attach`, as far as a server comes that nobody answers. Throws always: 400, 404, or 500 in the end. */
export function enterContainer(state: ServerState, target: Target, { query }: Exchange): never {
  const pod = objectOf(state, target);
  containerOf(pod, query.get('container') ?? '');
  return refuseToDial(state, pod);
}

/** Answers `portforward`, as far as a server comes that nobody answers. Throws always: 400, 404, or 500 in the end. */
export function forwardPorts(state: ServerState, target: Target): never {
  return refuseToDial(state, objectOf(state, target));
}

/** Answers proxies of pods, services and nodes, as far as a server comes that nobody answers. Throws always: 400, 404 or 503. */
export function proxyRequest(state: ServerState, target: Target): never {
  const { name: kind } = target.resource;
  if (kind === 'nodes') objectOf(state, target);
  else {
    const asked = partsOf(target.name);
    if (asked === undefined)
      throw badRequestError(`invalid ${kind.slice(0, -1)} request ${goQuote(target.name)}`);
    if (kind === 'pods') refuseWithoutAddress(objectOf(state, { ...target, name: asked.name }));
    else refuseWithoutEndpoints(state, target, asked);
  }
  throw unavailable(`error trying to reach service: ${nobody}`);
}

function objectOf({ store }: ServerState, { resource, namespace, name }: Target): KubeObject {
  const found = store.get(storeKey(resource, namespace, name));
  if (found === undefined) throw notFoundError(resource, name);
  return found;
}

function refuseToDial(state: ServerState, pod: KubeObject): never {
  const node = textAt(pod, 'spec', 'nodeName') ?? '';
  if (node === '') throw badRequestError(`pod ${pod.metadata.name ?? ''} does not have a host assigned`);
  refuseLostNode(state, node);
  throw internalServerError(`error dialing backend: ${nobody}`);
}

interface Asked {
  readonly name: string;
  readonly port: string;
}

/** `name`, `name:port` or `scheme:name:port`; undefined for anything else. */
function partsOf(text: string): Asked | undefined {
  const parts = text.split(':');
  const [first = '', second = '', third = ''] = parts;
  if (parts.length === 3)
    return ['', 'http', 'https'].includes(first) ? { name: second, port: third } : undefined;
  return parts.length < 3 ? { name: first, port: second } : undefined;
}

function refuseWithoutAddress(pod: KubeObject): void {
  if ((textAt(pod, 'status', 'podIP') ?? '') === '') throw badRequestError('address not allowed');
}

function refuseWithoutEndpoints(state: ServerState, target: Target, { name, port }: Asked): void {
  const { namespace } = target;
  const service = objectOf(state, { ...target, name });
  const isPort = (one: Json) => [textAt(one, 'name'), String(numberAt(one, 'port'))].includes(port);
  if (port !== '' && !itemsAt(service, 'spec', 'ports').some(isPort)) {
    throw unavailable(`no service port ${port} found for service ${goQuote(name)}`);
  }
  const endpoints = state.store.get({ resource: 'endpoints', namespace, name });
  if (endpoints === undefined) throw notFoundError(target.resource, name);
  if (itemsAt(endpoints, 'subsets').some((subset) => itemsAt(subset, 'addresses').length > 0)) return;
  throw unavailable(`no endpoints available for service ${goQuote(name)}`);
}

function unavailable(message: string): ApiError {
  return new ApiError(message, { code: 503, reason: 'ServiceUnavailable' });
}
