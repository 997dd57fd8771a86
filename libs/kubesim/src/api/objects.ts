import { goQuote, pathSegmentProblems } from '@meridian/cel';
import { listPage, refuseTheFuture } from '../store/list.ts';
import type { ListPage } from '../store/list.ts';
import { refuseNamespace, storeKey } from '../cluster/prepare.ts';
import type { RemoveOptions } from '../cluster/remover.ts';
import type { Target } from '../cluster/target.ts';
import { badRequestError, internalServerError, notFoundError } from '../errors/api-error.ts';
import { invalid, notSupported } from '../errors/field-error.ts';
import type { FieldError } from '../errors/field-error.ts';
import { isObject, itemsAt, memberOf, numberAt, textAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { groupResource } from '../schema/resource.ts';
import { decodeObject } from '../schema/decode.ts';
import { parseJson } from '../schema/parse-json.ts';
import type { Exchange } from './exchange.ts';
import {
  checkRevision,
  dryRunErrors,
  dryRunValueErrors,
  integerOf,
  isTrue,
  listOptions,
  refuse,
  refuseExport,
  writeQuery,
} from './options.ts';
import { presentList, presentObject } from './present.ts';
import { protobuf } from './accept.ts';
import { notObject, readObject } from './read-body.ts';
import type { Body, BodyKind } from './read-body.ts';
import { selectionOf } from './selection.ts';
import type { ServerState } from './server-state.ts';
import { writeOptionsOf } from './write-options.ts';

/** GET of one object. */
export function getObject(state: ServerState, target: Target, exchange: Exchange): void {
  refuseExport(exchange.query);
  const { resource, namespace, name } = target;
  const key = storeKey(resource, namespace, name);
  const revision = exchange.query.get('resourceVersion') ?? '';
  checkRevision(revision, true);
  refuseTheFuture(state.store, revision);
  const stored = state.store.get(key);
  if (stored === undefined) throw notFoundError(resource, name);
  exchange.answer(200, presentObject(state, resource, stored, exchange));
}

/** GET of a collection, not as a watch. */
export function listObjects(state: ServerState, target: Target, exchange: Exchange): void {
  exchange.answer(200, presentList(state, target.resource, pageOf(state, target, exchange), exchange));
}

/** The page that a request for a collection asks for. */
function pageOf(state: ServerState, { resource, namespace }: Target, { query }: Exchange): ListPage {
  const options = listOptions(query);
  if (resource.namespaced) refuseNamespace(resource, namespace, '');
  const selection = selectionOf(resource, options);
  return listPage(state.store, {
    ...options,
    resource: groupResource(resource.storage),
    namespace: resource.namespaced && namespace !== '' ? namespace : undefined,
    matches: (object) => selection.matches(object),
    matchesAll: selection.all,
  });
}

/** POST to a collection. */
export async function createObject(state: ServerState, target: Target, exchange: Exchange): Promise<void> {
  const { userAgent } = exchange;
  const options = writeQuery(exchange.query, 'CreateOptions', { userAgent, isApply: false });
  const read = readObject(await exchange.body(), bodyKind(state, target), options.fieldValidation);
  read.warnings.forEach((warning) => exchange.warn(warning));
  matchNamespace(target, read.object);
  refuseUnfindable(target);
  const written = await state.writer.createReviewed(
    target,
    read.object,
    writeOptionsOf(exchange, options, 'CreateOptions'),
  );
  exchange.answer(201, presentObject(state, target.resource, written, exchange));
}

/** Throws 500 for a namespace whose name cannot be asked for, which is how the server looks for it. */
function refuseUnfindable({ resource, namespace }: Target): void {
  const problems = resource.namespaced ? pathSegmentProblems(namespace) : [];
  if (problems.length === 0) return;
  throw internalServerError(`invalid resource name ${goQuote(namespace)}: [${problems.join(' ')}]`);
}

/** PUT of one object. */
export async function replaceObject(state: ServerState, target: Target, exchange: Exchange): Promise<void> {
  const { userAgent } = exchange;
  const query = writeQuery(exchange.query, 'UpdateOptions', { userAgent, isApply: false });
  const read = readObject(await exchange.body(), bodyKind(state, target), query.fieldValidation);
  read.warnings.forEach((warning) => exchange.warn(warning));
  matchNamespace(target, read.object);
  matchName(target, read.object);
  const options = writeOptionsOf(exchange, query, 'UpdateOptions');
  const { allowsCreateOnUpdate } = state.registry.rulesOf(target.resource);
  const updated = await state.writer.updateReviewed(
    target,
    {
      from: (live) => state.writer.own(target, read.object, live, options),
      ...(allowsCreateOnUpdate
        ? { create: () => state.writer.own(target, read.object, undefined, options) }
        : {}),
    },
    options,
  );
  const status = updated.created ? 201 : 200;
  exchange.answer(status, presentObject(state, target.resource, updated.object, exchange));
}

const podsArePreserved =
  'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set ' +
  'propagationPolicy=Orphan to suppress this warning';

/** DELETE of one object. */
export async function removeObject(state: ServerState, target: Target, exchange: Exchange): Promise<void> {
  const options = await removeOptions(state, exchange);
  if (groupResource(target.resource) === 'jobs.batch' && options.propagation === undefined) {
    exchange.warn(podsArePreserved);
  }
  const left = await state.remover.removeReviewed(target, options);
  // Who asks by the older word not to orphan is told when an object does not go at once.
  const isAccepted = options.saysNotToOrphan && left['kind'] !== 'Status';
  exchange.answer(isAccepted ? 202 : 200, left);
}

/** DELETE of a collection: what was selected is told as it was, each object deleted on its own. */
export async function removeObjects(state: ServerState, target: Target, exchange: Exchange): Promise<void> {
  const { resource } = target;
  const options = await removeOptions(state, exchange);
  const page = pageOf(state, target, exchange);
  const items: KubeObject[] = [];
  for (const object of page.items) {
    const { name = '', namespace: home = '' } = object.metadata;
    const one = { resource, namespace: home, name, subresource: '' };
    const left = await state.remover.removeReviewed(one, { ...options, ofCollection: true });
    items.push(options.dryRun || left['kind'] === 'Status' ? object : (left as KubeObject));
  }
  exchange.answer(200, presentList(state, resource, { ...page, items }, exchange));
}

/** How bodies of a request are read: as the resource, or as what its subresource is. */
export function bodyKind(state: ServerState, { resource, subresource }: Target): BodyKind {
  const described = resource.subresources.find(({ name }) => name === subresource) ?? resource;
  const { group, version, kind } = described;
  const isObject = kind === resource.kind && group === resource.group;
  return {
    group,
    version,
    kind,
    schema: isObject
      ? resource.schema
      : (state.registry.schemaOf({ group, version, kind }) ?? { kind: 'any' }),
    rules: isObject ? state.registry.rulesOf(resource) : undefined,
    readProtobuf: (bytes) => state.registry.catalog.readProtobuf(bytes),
    schemaOf: (named) => state.registry.schemaOf(named),
  };
}

/** Refuses an object that is of another namespace than the path; one that names none, or may have none, is of that of the path. */
export function matchNamespace({ resource, namespace }: Target, object: KubeObject): void {
  const given = object.metadata.namespace ?? '';
  if (!resource.namespaced) delete object.metadata.namespace;
  else if (given === namespace || given === '') object.metadata.namespace = namespace;
  else {
    throw badRequestError(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
}

/** Refuses an object that has another name than the path. */
export function matchName({ name }: Target, object: KubeObject): void {
  const given = object.metadata.name ?? '';
  if (given === '') {
    throw badRequestError('name is required');
  }
  if (given !== name) {
    throw badRequestError(`the name of the object (${given}) does not match the name on the URL (${name})`);
  }
}

/** Reads how to delete from the body, or else from the query. Throws 400 and 422. */
async function removeOptions(
  state: ServerState,
  exchange: Exchange,
): Promise<RemoveOptions & { readonly saysNotToOrphan: boolean }> {
  const given = readOptions(state, await exchange.body()) ?? queryOptions(exchange.query);
  const isTried = exchange.query.getAll('dryRun').includes('All');
  const options = removalOf(given, dryRunErrors(exchange.query));
  return {
    ...options,
    asked: {
      user: exchange.user,
      options: { ...given, kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1' },
    },
    warn: (warning) => exchange.warn(warning),
    dryRun: isTried || options.dryRun,
    saysNotToOrphan: given['orphanDependents'] === false,
  };
}

/** What a `DeleteOptions` object asks for. Throws 422 about it, and about what else was found of the request. */
export function removalOf(given: JsonObject, found: readonly FieldError[] = []): RemoveOptions {
  const errors = [...propagationErrors(given), ...found, ...dryRunValueErrors(itemsAt(given, 'dryRun'))];
  refuse('DeleteOptions', errors);
  const grace = numberAt(given, 'gracePeriodSeconds');
  const uid = textAt(given, 'preconditions', 'uid');
  const resourceVersion = textAt(given, 'preconditions', 'resourceVersion');
  return {
    dryRun: JSON.stringify(given['dryRun']) === '["All"]',
    ...propagationOf(textAt(given, 'propagationPolicy'), given['orphanDependents']),
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}

/** @returns undefined when there is no body. */
function readOptions(state: ServerState, body: Body): JsonObject | undefined {
  if (body.text === '') return undefined;
  if (body.type === protobuf) return state.registry.catalog.readProtobuf(body.bytes);
  const given = bodyOptions(body.text);
  const type = state.registry.schemaOf({ group: '', version: 'v1', kind: 'DeleteOptions' });
  const decoded = type === undefined ? undefined : decodeObject(given, type);
  if (decoded?.ok === false) throw badRequestError(decoded.message);
  return given;
}

function propagationOf(
  policy: string | undefined,
  orphan: Json | undefined,
): Pick<RemoveOptions, 'propagation'> {
  if (policy === 'Foreground' || policy === 'Orphan' || policy === 'Background')
    return { propagation: policy };
  if (typeof orphan === 'boolean') return { propagation: orphan ? 'Orphan' : 'Background' };
  return {};
}

function queryOptions(query: URLSearchParams): JsonObject {
  const options: JsonObject = {};
  const grace = query.get('gracePeriodSeconds');
  const policy = query.get('propagationPolicy');
  const orphan = query.get('orphanDependents');
  const seconds = integerOf(grace);
  if (seconds !== undefined) options['gracePeriodSeconds'] = seconds;
  if (policy !== null) options['propagationPolicy'] = policy;
  if (orphan !== null) options['orphanDependents'] = isTrue(orphan);
  const preconditions = ['uid', 'resourceVersion'].filter((name) => query.has(name));
  if (preconditions.length === 0) return options;
  const wanted = preconditions.map((name) => [name, query.get(name)] as const);
  return { ...options, preconditions: Object.fromEntries(wanted) };
}

function bodyOptions(text: string): JsonObject {
  const parsed = parseJson(text);
  const unread = "couldn't get version/kind; json parse error:";
  if (!parsed.ok) throw badRequestError(`${unread} ${parsed.message}`);
  if (parsed.value === null) return {};
  if (!isObject(parsed.value)) throw badRequestError(`${unread} ${notObject(parsed.value)}`);
  refuseOther(parsed.value);
  return parsed.value;
}

const metaVersion = 'meta.k8s.io/v1';

/** Other kinds that bodies with options may say to be, by version. */
const others: Readonly<Record<string, readonly string[]>> = {
  v1: ['Status', 'APIVersions', 'APIGroup', 'APIGroupList', 'APIResourceList'],
  [metaVersion]: ['ListOptions', 'GetOptions', 'CreateOptions', 'UpdateOptions', 'PatchOptions'],
};

/** Throws 400 about a body that is something else than options of a deletion, of whatever version. */
function refuseOther(given: JsonObject): void {
  const kind = textAt(given, 'kind') ?? '';
  const said = textAt(given, 'apiVersion') ?? '';
  const apiVersion = said === '' ? metaVersion : said;
  if (apiVersion.split('/').length > 2) {
    throw badRequestError(`unexpected GroupVersion string: ${apiVersion}`);
  }
  if (['', 'DeleteOptions'].includes(kind)) return;
  if (memberOf(others, apiVersion)?.includes(kind) === true) {
    throw badRequestError(`converting (v1.${kind}) to (v1.DeleteOptions): unknown conversion`);
  }
  throw badRequestError(
    `no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/runtime/scheme.go:111"`,
  );
}

function propagationErrors(given: JsonObject): FieldError[] {
  const policy = textAt(given, 'propagationPolicy');
  if (policy === undefined) return [];
  if (given['orphanDependents'] !== undefined) {
    return [
      invalid('propagationPolicy', policy, 'orphanDependents and deletionPropagation cannot be both set'),
    ];
  }
  const known = ['Foreground', 'Background', 'Orphan'];
  return known.includes(policy) ? [] : [notSupported('propagationPolicy', policy, [...known, 'nil'])];
}
