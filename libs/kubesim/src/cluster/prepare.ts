import { randomInt, randomUUID } from 'node:crypto';
import { goQuote, pathSegmentProblems } from '@meridian/cel';
import { ApiError, badRequestError, invalidError } from '../errors/api-error.ts';
import type { FieldError } from '../errors/field-error.ts';
import { apiTime, apiVersionOf } from '../kube-object.ts';
import type { KubeObject, ObjectMeta } from '../kube-object.ts';
import type { RuleContext } from '../kinds/kind-rules.ts';
import { groupResource } from '../schema/resource.ts';
import type { Resource } from '../schema/resource.ts';
import type { StoreKey } from '../store/store.ts';
import type { ClusterParts } from './cluster-parts.ts';
import type { WriteOptions } from './target.ts';

/** Characters of generated names, which make no words (k8s.io/apimachinery/pkg/util/rand). */
const nameCharacters = 'bcdfghjklmnpqrstvwxz2456789';
const neverOfNew = ['selfLink', 'deletionTimestamp', 'deletionGracePeriodSeconds'];
const maxGeneratedPrefix = 58;

/** Takes out of a new object's metadata what clients may not set. */
export function wipeMetadata(metadata: ObjectMeta, namespace: string): void {
  for (const name of ['uid', 'creationTimestamp', ...neverOfNew]) delete metadata[name];
  if (namespace !== '') metadata.namespace = namespace;
}

/** What the server itself writes into an object's metadata on create, after admission. */
export function fillMetadata(metadata: ObjectMeta, nowMs: number): void {
  metadata.creationTimestamp = apiTime(nowMs);
  metadata.uid = randomUUID();
  const { generateName = '', name = '' } = metadata;
  if (generateName !== '' && name === '') metadata.name = generatedName(generateName);
}

/** Carries over what a client leaves out of an update and may not change. */
export function keepMetadata(metadata: ObjectMeta, old: ObjectMeta): void {
  for (const name of [
    'uid',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'generation',
  ]) {
    const value = old[name];
    // Whoever says when an object was to be deleted is refused, unless it is being deleted.
    const isOfDeletion = name.startsWith('deletion');
    if (value === undefined && !isOfDeletion) delete metadata[name];
    else if (value === undefined) continue;
    else if (metadata[name] === undefined || name !== 'uid') metadata[name] = value;
  }
}

/** Throws 422 when validation found anything. */
export function refuseInvalid(
  kind: Pick<Resource, 'group' | 'kind'>,
  name: string,
  errors: readonly FieldError[],
): void {
  if (errors.length > 0) throw invalidError(kind, name, errors);
}

/** Where an object of a resource is stored. Throws 400 for a name that no object can have, and 500 for such a namespace. */
export function storeKey(resource: Resource, namespace: string, name: string): StoreKey {
  const problems = pathSegmentProblems(name);
  if (problems.length > 0) {
    throw badRequestError(`Name parameter invalid: ${goQuote(name)}: ${problems.join(';')}`);
  }
  if (resource.namespaced) refuseNamespace(resource, namespace, name);
  return { resource: groupResource(resource.storage), namespace: resource.namespaced ? namespace : '', name };
}

/** Throws 500 for a namespace that would lead out of the place where objects of a resource are stored; `name` is empty for all of them. */
export function refuseNamespace(resource: Resource, namespace: string, name: string): void {
  if (namespace !== '.' && namespace !== '..') return;
  const place = [resource.storage.name, namespace, name].filter((part) => part !== '');
  const root = resource.custom ? `/${resource.group}` : '';
  throw new ApiError(`invalid key: ${goQuote(`${root}/${place.join('/')}`)}`, { code: 500 });
}

/** What rules of kinds may ask the cluster, and of the request. */
export function ruleContext(
  { store, nowMs }: Pick<ClusterParts, 'store' | 'nowMs'>,
  { group, version }: Pick<Resource, 'group' | 'version'>,
  { dryRun, asked }: WriteOptions,
): RuleContext {
  return {
    nowMs,
    random: () => randomInt(2 ** 47) / 2 ** 47,
    newUid: () => randomUUID(),
    lookup: (resource, namespace, name): KubeObject | undefined => store.get({ resource, namespace, name }),
    lookupAll: (resource, namespace) => store.list(resource, namespace),
    dryRun,
    apiVersion: apiVersionOf(group, version),
    user: asked?.user,
  };
}

function generatedName(prefix: string): string {
  const suffix = Array.from({ length: 5 }, () => nameCharacters[randomInt(nameCharacters.length)] ?? '');
  return `${prefix.slice(0, maxGeneratedPrefix)}${suffix.join('')}`;
}
