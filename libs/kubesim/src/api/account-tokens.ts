import { badRequestError, conflictError, invalidError, notFoundError } from '../errors/api-error.ts';
import { invalid } from '../errors/field-error.ts';
import type { FieldError } from '../errors/field-error.ts';
import { storeKey } from '../cluster/prepare.ts';
import type { Target } from '../cluster/target.ts';
import { itemsAt, memberOf, numberAt, objectAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { apiTime } from '../kube-object.ts';
import type { KubeObject } from '../kube-object.ts';
import { metadataInOrder } from '../schema/go-order.ts';
import { textIn } from '../kinds/validation/go-fields.ts';
import { recordUpdate } from '../merge/managed-fields.ts';
import type { Exchange } from './exchange.ts';
import { bodyKind, matchNamespace } from './objects.ts';
import { writeQuery } from './options.ts';
import { readObject } from './read-body.ts';
import type { ServerState } from './server-state.ts';
import { issuer } from './token-issuer.ts';

const group = 'authentication.k8s.io';
const kind = { group, kind: 'TokenRequest' };
const shortest = 600;

/** POST of a token request: a signed token of a service account. */
export async function requestToken(state: ServerState, target: Target, exchange: Exchange): Promise<void> {
  const { userAgent } = exchange;
  const query = writeQuery(exchange.query, 'CreateOptions', { userAgent, isApply: false });
  const described = bodyKind(state, target);
  const { object } = readObject(await exchange.body(), described, query.fieldValidation);
  matchNamespace(target, object);
  refuseOther(target, object);
  const account = state.store.get(storeKey(target.resource, target.namespace, target.name));
  if (account === undefined) throw notFoundError(target.resource, target.name);
  const request = completed(object, account, apiTime(state.nowMs()));
  refuse('', secondsErrors(request));
  const seconds = secondsOf(request);
  const bound = boundTo(state, target, objectAt(request, 'spec', 'boundObjectRef'));
  const audiences = itemsAt(request, 'spec', 'audiences').filter((audience) => typeof audience === 'string');
  const token = state.tokens.issue({
    ...{ account, audiences, expirationSeconds: seconds },
    ...(bound === undefined ? {} : { bound }),
  });
  const owned = recordUpdate({
    ...{
      live: undefined,
      updated: withSpec(object, request),
      manager: query.fieldManager,
      subresource: 'token',
    },
    ...{ schema: described.schema, apiVersion: `${group}/v1`, nowMs: state.nowMs(), resetFields: undefined },
  });
  const metadata = { ...request.metadata, managedFields: owned.metadata['managedFields'] };
  const expirationTimestamp = apiTime(state.nowMs() + seconds * 1_000);
  exchange.answer(201, { ...request, metadata, status: { token, expirationTimestamp } });
}

/** The request as its fields are owned: what the client said, and how long a token lives unless it said so. */
function withSpec(object: KubeObject, request: KubeObject): KubeObject {
  const spec = { ...objectAt(object, 'spec'), expirationSeconds: secondsOf(request) };
  return { ...object, spec };
}

function secondsOf(request: KubeObject): number {
  return numberAt(request, 'spec', 'expirationSeconds') ?? 3_600;
}

function completed(object: KubeObject, account: KubeObject, creationTimestamp: string): KubeObject {
  const { name = '', namespace = '', uid = '' } = account.metadata;
  const asked = objectAt(object, 'spec');
  const { audiences = null, boundObjectRef = null } = asked ?? {};
  const isForServer = itemsAt(asked, 'audiences').length === 0;
  const spec = {
    audiences: isForServer ? [issuer] : audiences,
    expirationSeconds: secondsOf(object),
    boundObjectRef,
  };
  const metadata = metadataInOrder({ ...object.metadata, name, namespace, uid, creationTimestamp });
  return { ...object, metadata, spec };
}

function refuse(name: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalidError(kind, name, errors);
}

function refuseOther({ name }: Target, { metadata }: KubeObject): void {
  const said = metadata.name ?? '';
  if (said === '' || said === name) return;
  refuse(name, [invalid('metadata.name', said, 'must match the service account name if specified')]);
}

function secondsErrors(request: KubeObject): FieldError[] {
  const seconds = secondsOf(request);
  const path = 'spec.expirationSeconds';
  if (seconds < shortest) return [invalid(path, seconds, 'may not specify a duration less than 10 minutes')];
  if (seconds <= 2 ** 32) return [];
  return [invalid(path, seconds, 'may not specify a duration larger than 2^32 seconds')];
}

const boundResources: Readonly<Record<string, string>> = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' };

function boundTo(
  { store }: ServerState,
  target: Target,
  reference: JsonObject | undefined,
): readonly [string, KubeObject] | undefined {
  if (reference === undefined) return undefined;
  const [of, name] = [textIn(reference, 'kind'), textIn(reference, 'name')];
  const resource = memberOf(boundResources, of);
  if (resource === undefined) {
    const version = textIn(reference, 'apiVersion').replace(/^v1$/, '/v1');
    throw badRequestError(`cannot bind token to object of type ${version}, Kind=${of}`);
  }
  const namespace = of === 'Node' ? '' : target.namespace;
  const found = store.get({ resource, namespace, name });
  if (found === undefined) throw notFoundError({ group: '', name: resource }, name);
  refuseStranger(target.name, reference, found);
  return [of.toLowerCase(), found];
}

/** Refuses a pod of another account, and an object that took the place of the one that is meant. */
function refuseStranger(account: string, reference: JsonObject, found: KubeObject): void {
  if (reference['kind'] === 'Pod' && textAt(found, 'spec', 'serviceAccountName') !== account) {
    throw badRequestError(
      `cannot bind token for serviceaccount "${account}" to pod running with different serviceaccount name.`,
    );
  }
  const uid = textIn(reference, 'uid');
  if (uid === '' || uid === found.metadata.uid) return;
  const why =
    `the UID in the bound object reference (${uid}) does not match the UID in record. ` +
    'The object might have been deleted and then recreated';
  throw conflictError({ group, name: 'TokenRequest' }, textIn(reference, 'name'), why);
}
