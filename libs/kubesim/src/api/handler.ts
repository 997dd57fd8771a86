import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Target } from '../cluster/target.ts';
import {
  ApiError,
  badRequestError,
  forbiddenError,
  internalServerError,
  methodNotAllowedError,
  noRouteError,
} from '../errors/api-error.ts';
import { answerFaults } from '../faults/answer-faults.ts';
import type { FaultRequest } from '../faults/match-rule.ts';
import { underFaults } from '../faults/under-faults.ts';
import { groupResource } from '../schema/resource.ts';
import type { Resource, Verb } from '../schema/resource.ts';
import { requireJson } from './accept.ts';
import { anonymous, authenticate } from './authenticate.ts';
import type { TokenReader } from './authenticate.ts';
import { discover } from './discovery.ts';
import { Exchange } from './exchange.ts';
import {
  createObject,
  getObject,
  listObjects,
  removeObject,
  removeObjects,
  replaceObject,
} from './objects.ts';
import { answerOpenApi } from './openapi.ts';
import { isTrue } from './options.ts';
import { patchObject } from './patch.ts';
import { answerHealth } from './health.ts';
import { bindByName } from './pod-subresources.ts';
import { answerIssuer } from './issuer-discovery.ts';
import { answerReview, isReview } from './reviews.ts';
import { requestInfo } from './request-info.ts';
import type { RequestInfo } from './request-info.ts';
import { isDecodable } from './request-line.ts';
import { checkTimeout } from './request-timeout.ts';
import { answerRoot } from './root-paths.ts';
import type { ServerState } from './server-state.ts';
import { answerSubresource, namespaceRequired } from './subresources.ts';
import { watchObjects } from './watch-objects.ts';
import { errorText } from '@meridian/runtime';

const plainText = 'text/plain; charset=utf-8';

type Answer = (state: ServerState, target: Target, exchange: Exchange) => void | Promise<void>;

/** Makes the function that answers every request for one cluster. It never rejects: what goes wrong is an answer. */
export function requestHandler(
  state: ServerState,
  readToken: TokenReader,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const exchange = new Exchange(request, response, anonymous);
    // The whole of what is asked for, which may be an address with a host.
    if (!isDecodable(request.url?.split('?')[0] ?? '')) {
      exchange.answerText(400, '400 Bad Request', plainText);
      return;
    }
    try {
      const user = authenticate(request, readToken);
      const known = new Exchange(request, response, user);
      if (await answerFaults(state.faults, known)) return;
      const faulty = { ...state, request: faultRequest(known) };
      await underFaults(faulty, known, () => answer(state, known));
    } catch (error) {
      exchange.refuse(error instanceof ApiError ? error : internalServerError(errorText(error)));
    }
  };
}

async function answer(state: ServerState, exchange: Exchange): Promise<void> {
  if (answerWithoutUser(state, exchange)) return;
  const info = requestInfo(exchange.path);
  if (exchange.user === anonymous) throw anonymousRefusal(exchange, info);
  checkTimeout(exchange.query);
  if (info !== undefined) return answerResource(state, info, exchange);
  if (exchange.method !== 'GET' && /^\/(api$|api\/|apis\/[^/]+\/.)/.test(exchange.path)) {
    throw methodNotAllowedError();
  }
  const answered = [answerRoot, answerIssuer, discover, answerOpenApi].some((one) => one(state, exchange));
  if (answered) return;
  if (isInsideOfRoutes(state, exchange.path)) throw noRouteError();
  answerNotFound(exchange);
}

/** What anybody may ask (the role system:public-info-viewer). Throws 405. */
function answerWithoutUser(state: ServerState, exchange: Exchange): boolean {
  if (answerHealth(exchange)) return true;
  if (!['/version', '/version/'].includes(exchange.path)) return false;
  if (exchange.method !== 'GET') throw methodNotAllowedError();
  requireJson(exchange.request.headers.accept);
  exchange.answerJson(state.registry.catalog.version);
  return true;
}

/** Whether a path lies where only routes could serve it, so that the answer does not come from the server's root. */
function isInsideOfRoutes(state: ServerState, path: string): boolean {
  const [, root = '', group = '', ...rest] = decodeURIComponent(path).split('/');
  if (root !== 'apis')
    return ['api', 'version'].includes(root) && [group, ...rest].some((part) => part !== '');
  return rest.length > 0 && isBuiltInGroup(state, group);
}

function isBuiltInGroup({ registry }: ServerState, group: string): boolean {
  return registry.catalog.discovery[`/apis/${group}`] !== undefined;
}

/** A request as fault rules see it. */
function faultRequest(exchange: Exchange): FaultRequest {
  const { method, path, user, userAgent } = exchange;
  const info = requestInfo(path);
  const { namespace = '', name = '', subresource = '' } = info ?? {};
  return {
    verb: info === undefined ? method.toLowerCase() : verbOf(exchange, info),
    resource: info === undefined ? '' : groupResource({ group: info.group, name: info.resource }),
    subresource,
    namespace,
    name,
    user: user.name,
    userAgent,
  };
}

function anonymousRefusal(exchange: Exchange, info: RequestInfo | undefined): ApiError {
  const who = `User "${anonymous.name}"`;
  if (info === undefined) {
    const verb = exchange.method.toLowerCase();
    return new ApiError(`forbidden: ${who} cannot ${verb} path "${exchange.path}"`, {
      code: 403,
      reason: 'Forbidden',
      details: {},
    });
  }
  const scope = info.namespace === '' ? 'at the cluster scope' : `in the namespace "${info.namespace}"`;
  const why = `${who} cannot ${verbOf(exchange, info)} resource "${info.resource}" in API group "${info.group}" ${scope}`;
  return forbiddenError({ group: info.group, name: info.resource }, info.name, why);
}

async function answerResource(state: ServerState, info: RequestInfo, exchange: Exchange): Promise<void> {
  if (exchange.path.startsWith('//')) return answerNotFound(exchange);
  if (info.hasMore || info.hasGap) throw noRouteError();
  const resource = state.registry.find(info.group, info.version, info.resource);
  if (resource === undefined) return answerUnknown(state, info, exchange);
  const target = targetOf(resource, info, exchange);
  if (!isPlaced(resource, info, exchange)) return answerUnplaced(resource, exchange);
  if (info.isWatch && exchange.method !== 'GET') throw methodNotAllowedError();
  const isMadeNowhere = info.isNowhere && refuseNowhere(target, verbOf(exchange, info));
  if (isMadeNowhere) return createObject(state, target, exchange);
  await answerServed(state, target, exchange);
}

function answerUnplaced({ custom }: Resource, exchange: Exchange): void {
  if (!custom) throw noRouteError();
  answerNotFound(exchange);
}

async function answerServed(state: ServerState, target: Target, exchange: Exchange): Promise<void> {
  const { resource, subresource } = target;
  const deprecation = state.registry.warningOf(resource);
  if (deprecation !== undefined) exchange.warn(deprecation);
  if (subresource !== '') await answerSubresource(state, target, exchange);
  else await answerVerb(state, target, exchange);
}

/**
 * Throws 400 for what has to be done inside of a namespace, when the path names none, and 405 for what cannot be done.
 * @returns whether an object is to be made there, which is left to validation.
 */
function refuseNowhere({ resource, subresource }: Target, verb: string): boolean {
  if (subresource !== '' || verb === 'list' || verb === 'watch') return false;
  if (verb === 'create' && groupResource(resource) !== 'bindings') return true;
  throw resource.verbs.some((known) => known === verb) ? namespaceRequired() : methodNotAllowedError();
}

/** Subresources whose answers nobody here writes in a form. */
const unread = ['log', 'exec', 'attach', 'portforward', 'proxy'];

/** What a request is about. Throws 406 before anything is looked for when nobody can write the answer. */
function targetOf(resource: Resource, info: RequestInfo, exchange: Exchange): Target {
  const { namespace, subresource, isWatch } = info;
  if (resource.custom) exchange.setCustom();
  if (!unread.includes(subresource)) void exchange.accepted;
  if (isWatch) exchange.watchOnly(info.name);
  return { resource, namespace, name: isWatch ? '' : info.name, subresource };
}

/**
 * Whether a resource is served inside of namespaces as the path has it. Across namespaces there are only lists; a built-in kind that has
 * one lacks the other methods there, while a custom one is not there for them.
 */
function isPlaced(resource: Resource, info: RequestInfo, exchange: Exchange): boolean {
  if (!resource.namespaced) return info.namespace === '' && !info.isNowhere;
  if (info.namespace !== '') return true;
  if (info.isNowhere && !resource.custom) return true;
  if (resource.custom) return ['list', 'watch'].includes(verbOf(exchange, info));
  return info.name === '' && resource.verbs.includes('list');
}

/** Built-in resources that warn whoever asks for them. */
const deprecations: Readonly<Record<string, string>> = {
  componentstatuses: 'v1 ComponentStatus is deprecated in v1.19+',
  endpoints: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
};

/** A group without built-in resources has no routes at all, so the answer comes from the server's root. */
function answerUnknown(state: ServerState, info: RequestInfo, exchange: Exchange): void {
  const { group, namespace, resource, name } = info;
  if (resource === 'watch' && namespace === '' && name === '') {
    const why = `failed to create RequestInfo: unable to determine kind and namespace from url, ${exchange.path}`;
    exchange.answerText(500, `Internal Server Error: "${exchange.path}": ${why}\n`, plainText);
    return;
  }
  if (group === '' || isBuiltInGroup(state, group)) throw noRouteError();
  answerNotFound(exchange);
}

function answerNotFound(exchange: Exchange): void {
  exchange.answerText(404, '404 page not found\n', plainText);
}

async function answerVerb(state: ServerState, target: Target, exchange: Exchange): Promise<void> {
  const verb = target.resource.custom ? customVerb(exchange, target) : verbOf(exchange, target);
  const found =
    target.resource.verbs.includes(verb as Verb) && isPossible(verb, target) ? answers[verb] : undefined;
  if (found === undefined) throw hasRoutes(target) ? methodNotAllowedError() : noRouteError();
  const deprecation = deprecations[groupResource(target.resource)];
  if (deprecation !== undefined) exchange.warn(deprecation);
  await found(state, target, exchange);
}

/** POST of an object, or of something that is asked and not stored. */
function createAsked(state: ServerState, target: Target, exchange: Exchange): void | Promise<void> {
  if (isReview(target)) return answerReview(state, target, exchange);
  if (groupResource(target.resource) === 'bindings') return bindByName(state, target, exchange);
  return createObject(state, target, exchange);
}

/** Whether anything is served at a path: what can only be made has no route by name. */
function hasRoutes({ resource, name }: Target): boolean {
  return name === '' || resource.verbs.some((verb) => ['get', 'update', 'patch', 'delete'].includes(verb));
}

/** Custom kinds have no routes but only verbs, and so take an object to create also where one is read. Throws 400. */
function customVerb(exchange: Exchange, target: Target): string {
  const { method } = exchange;
  if (target.name === '' && (method === 'PUT' || method === 'PATCH')) {
    throw badRequestError('name must be provided');
  }
  return method === 'POST' ? 'create' : verbOf(exchange, target);
}

/** Objects of a namespace are made, changed and read by name inside of one. */
function isPossible(verb: string, { resource, namespace }: Target): boolean {
  return !resource.namespaced || namespace !== '' || verb === 'list' || verb === 'watch';
}

const answers: Readonly<Record<string, Answer>> = {
  get: getObject,
  list: listObjects,
  watch: watchObjects,
  create: createAsked,
  update: replaceObject,
  patch: patchObject,
  delete: removeObject,
  deletecollection: removeObjects,
};

const ofObjects: Readonly<Record<string, string>> = {
  GET: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};
const ofCollections: Readonly<Record<string, string>> = { POST: 'create', DELETE: 'deletecollection' };

/** The verb of a request, as discovery names it. */
function verbOf({ method, query }: Exchange, { name }: { readonly name: string }): string {
  if (name !== '') return ofObjects[method] ?? 'none';
  if (method !== 'GET') return ofCollections[method] ?? 'none';
  return isTrue(query.get('watch')) ? 'watch' : 'list';
}
