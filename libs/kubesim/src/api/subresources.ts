import {
  badRequestError,
  methodNotAllowedError,
  methodNotSupportedError,
  noRouteError,
  notFoundError,
} from '../errors/api-error.ts';
import type { ApiError } from '../errors/api-error.ts';
import type { Target } from '../cluster/target.ts';
import { enterContainer, forwardPorts, proxyRequest } from './connect.ts';
import type { Exchange } from './exchange.ts';
import { getObject, replaceObject } from './objects.ts';
import { patchObject } from './patch.ts';
import { readLog } from './pod-logs.ts';
import { evictPod } from './evict-pod.ts';
import { bindPod } from './pod-subresources.ts';
import { getScale, patchScale, replaceScale } from './scale.ts';
import type { ServerState } from './server-state.ts';
import { requestToken } from './account-tokens.ts';

type Answer = (state: ServerState, target: Target, exchange: Exchange) => void | Promise<void>;

/** Subresources that show the object itself. */
const ofObject: Readonly<Record<string, Answer>> = { GET: getObject, PUT: replaceObject, PATCH: patchObject };

const answers: Readonly<Record<string, Readonly<Record<string, Answer>>>> = {
  status: ofObject,
  ephemeralcontainers: ofObject,
  resize: ofObject,
  approval: ofObject,
  scale: { GET: getScale, PUT: replaceScale, PATCH: patchScale },
  binding: { POST: bindPod },
  eviction: { POST: evictPod },
  log: { GET: readLog },
  token: { POST: requestToken },
  exec: { GET: enterContainer, POST: enterContainer },
  attach: { GET: enterContainer, POST: enterContainer },
  portforward: { GET: forwardPorts, POST: forwardPorts },
};

/** What is said of a subresource of nothing; custom kinds take the path for that of a list. */
function namelessError({ resource }: Target, verb: string): ApiError {
  if (resource.custom && verb === 'get') return methodNotSupportedError(resource, 'list');
  return badRequestError('name must be provided');
}

/** 400 of a path into a namespace without a name. */
export function namespaceRequired(): ApiError {
  return badRequestError('Namespace parameter required.');
}

const verbs: Readonly<Record<string, string>> = { GET: 'get', PUT: 'update', PATCH: 'patch', POST: 'create' };

/** Answers a request for a subresource. Throws 404 when the resource has none of that name, 405 when it has no such verb. */
export async function answerSubresource(
  state: ServerState,
  target: Target,
  exchange: Exchange,
): Promise<void> {
  const served = target.resource.subresources.find(({ name }) => name === target.subresource);
  if (served === undefined) throw unservedError(target);
  const verb = verbs[exchange.method] ?? '';
  if (target.subresource === 'proxy') {
    refuseUnplaced(target, verb);
    proxyRequest(state, target);
  }
  const answer = answers[target.subresource]?.[exchange.method];
  if (answer === undefined || !served.verbs.includes(verb)) {
    throw target.resource.custom ? methodNotSupportedError(target.resource, verb) : methodNotAllowedError();
  }
  refuseUnplaced(target, verb);
  await answer(state, target, exchange);
}

function unservedError({ resource, name }: Target): ApiError {
  return resource.custom ? notFoundError(resource, name) : noRouteError();
}

/** Throws 400 about a path that names no object or no namespace. */
function refuseUnplaced(target: Target, verb: string): void {
  if (target.name === '') throw namelessError(target, verb);
  if (target.resource.namespaced && target.namespace === '') throw namespaceRequired();
}
