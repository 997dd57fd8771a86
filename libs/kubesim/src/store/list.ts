import { ApiError, badRequestError, expiredError } from '../errors/api-error.ts';
import type { KubeObject } from '../kube-object.ts';
import { readToken, writeToken } from './continue-token.ts';
import type { PastRefusal, Store } from './store.ts';

/** A list request, its options already checked. */
export interface ListQuery {
  /** Group resource of the storage version. */
  readonly resource: string;
  /** Undefined for all namespaces and for cluster-scoped objects. */
  readonly namespace: string | undefined;
  readonly matches: (object: KubeObject) => boolean;
  /** Whether `matches` leaves nothing out, which allows to say how many objects remain. */
  readonly matchesAll: boolean;
  /** Zero for no limit. */
  readonly limit: number;
  readonly continue: string;
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
}

/** A page of a list. */
export interface ListPage {
  readonly items: readonly KubeObject[];
  readonly resourceVersion: string;
  /** The token of the next page; undefined at the end. */
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** A page as the storage of the API server gives it (k8s.io/apiserver/pkg/storage/etcd3). Throws ApiError. */
export function listPage(store: Store, query: ListQuery): ListPage {
  if (query.continue !== '') return continuedPage(store, query);
  const exact = exactRevision(query);
  refuseTheFuture(store, query.resourceVersion);
  const objects =
    exact === undefined ? store.list(query.resource, query.namespace) : past(store, query, exact);
  const limit = query.resourceVersion === '0' ? 0 : query.limit;
  return pageOf(objects, { ...query, limit }, exact ?? store.revision);
}

/** A revision is met exactly when that is asked for, and when pages are cut from it. */
function exactRevision({ resourceVersion, resourceVersionMatch, limit }: ListQuery): number | undefined {
  if (resourceVersion === '' || resourceVersion === '0') return undefined;
  const exact = resourceVersionMatch === 'Exact' || (resourceVersionMatch === '' && limit > 0);
  return exact ? Number(resourceVersion) : undefined;
}

/** Throws 504 for a revision that is still to come; an empty one is any. */
export function refuseTheFuture(store: Store, resourceVersion: string): void {
  if (isToCome(store, resourceVersion)) throw tooLargeError(store, resourceVersion);
}

/** Whether a revision is still to come. */
export function isToCome(store: Store, resourceVersion: string): boolean {
  return Number(resourceVersion === '' ? '0' : resourceVersion) > store.revision;
}

/** 504 of a revision that is still to come. */
export function tooLargeError(store: Store, resourceVersion: string): ApiError {
  return new ApiError(
    `Timeout: Too large resource version: ${resourceVersion}, current: ${String(store.revision)}`,
    {
      code: 504,
      reason: 'Timeout',
      details: {
        causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
        retryAfterSeconds: 1,
      },
    },
  );
}

function past(store: Store, { resource, namespace }: ListQuery, revision: number): readonly KubeObject[] {
  const at = namespace === undefined ? { resource } : { resource, namespace };
  const objects: readonly KubeObject[] | PastRefusal = store.listAt(at, revision);
  if (typeof objects === 'string') {
    throw expiredError('The resourceVersion for the provided list is too old.');
  }
  return objects;
}

function continuedPage(store: Store, query: ListQuery): ListPage {
  const { revision: asked, start } = readToken(query.continue);
  if (query.resourceVersion !== '' && query.resourceVersion !== '0') {
    throw badRequestError('specifying resource version is not allowed when using continue');
  }
  refuseTheFuture(store, String(asked));
  const revision = asked < 0 ? store.revision : asked;
  const { resource, namespace } = query;
  const objects = store.listAt(namespace === undefined ? { resource } : { resource, namespace }, revision);
  if (typeof objects === 'string') throw expiredToken(store.revision, start);
  const rest = objects.filter((object) => pathOf(object, query) >= start);
  return pageOf(rest, query, revision);
}

function pageOf(objects: readonly KubeObject[], query: ListQuery, revision: number): ListPage {
  const items: KubeObject[] = [];
  let seen = 0;
  for (const object of objects) {
    if (query.limit > 0 && items.length === query.limit) break;
    seen += 1;
    if (query.matches(object)) items.push(object);
  }
  const last = objects[seen - 1];
  const resourceVersion = String(revision);
  if (seen === objects.length || last === undefined) return { items, resourceVersion };
  const token = writeToken({ revision, start: `${pathOf(last, query)}\0` });
  const page = { items, resourceVersion, continue: token };
  return query.matchesAll ? { ...page, remainingItemCount: objects.length - seen } : page;
}

/** An object's key below the prefix of the list, as tokens carry it. */
function pathOf({ metadata }: KubeObject, query: ListQuery): string {
  const { namespace = '', name = '' } = metadata;
  return query.namespace !== undefined || namespace === '' ? `/${name}` : `/${namespace}/${name}`;
}

/** What the token of a page is refused with once its revision is compacted; undefined for one that needs no revision. */
export function expiredPage(token: string, revision: number): ApiError | undefined {
  const { revision: asked, start } = readToken(token);
  return asked < 0 ? undefined : expiredToken(revision, start);
}

/** The refusal carries a token to go on with what is there now, at the price of consistency. */
function expiredToken(revision: number, start: string): ApiError {
  return new ApiError(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
      'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
      'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
      'deleted between the time the first chunk was returned and now may show up in the list.',
    { code: 410, reason: 'Expired', listMetadata: { continue: writeToken({ revision: -1, start }) } },
  );
}
