import type { Registry } from '../../cluster/registry.ts';
import { fromStorage, toStorage } from '../../cluster/writer.ts';
import { apiVersionOf, withIdentityOf } from '../../kube-object.ts';
import type { CustomRules } from '../../custom/custom-rules.ts';
import type { KubeObject } from '../../kube-object.ts';
import { writtenObject } from '../../schema/decode.ts';
import { mayHoldEmpty } from '../../schema/go-equal.ts';
import type { Resource } from '../../schema/resource.ts';
import type { Review } from '../review.ts';

/** The object as a webhook sees it: in the version in which it is asked, or as its subresource shows it. */
export function inVersion(
  object: KubeObject | undefined,
  resource: Resource,
  review: Review,
  registry: Registry,
): KubeObject | undefined {
  if (object === undefined) return undefined;
  const served = servedIn(object, resource, review, registry);
  return review.view === undefined ? asSent(served, resource) : review.view.show(served);
}

/** Lists and maps that are empty are not sent. */
function asSent(object: KubeObject, resource: Resource): KubeObject {
  if (resource.custom || isOfAnotherKind(object, resource) || !mayHoldEmpty(object)) return object;
  const written = writtenObject(object, resource.schema);
  return written.ok ? withIdentityOf(object, written.object) : object;
}

/** Whether it is something that a subresource takes, such as an eviction, and no object of the resource. */
export function isOfAnotherKind({ kind }: KubeObject, resource: Resource): boolean {
  return kind !== resource.kind;
}

/** The object of a review in a version. Those of custom kinds are in the version of the request until they are stored. */
export function servedIn(
  object: KubeObject,
  resource: Resource,
  { operation }: Review,
  registry: Registry,
): KubeObject {
  if (isOfAnotherKind(object, resource)) return object;
  const rules = registry.rulesOf(resource);
  if (rules.custom === undefined || operation === 'DELETE') return fromStorage(object, resource, rules);
  return asVersion(object, resource, rules.custom);
}

/** The way back: an object of the version in which a webhook was asked, as the write goes on with it. */
export function asWritten(
  object: KubeObject,
  resource: Resource,
  { target }: Review,
  registry: Registry,
): KubeObject {
  if (isOfAnotherKind(object, resource)) return object;
  const rules = registry.rulesOf(resource);
  if (rules.custom === undefined) return toStorage(object, resource, rules);
  return asVersion(object, target.resource, rules.custom);
}

/** What the schema does not know is left until the object is stored: webhooks see it. */
function asVersion(object: KubeObject, { group, version }: Resource, custom: CustomRules): KubeObject {
  const wanted = apiVersionOf(group, version);
  return object.apiVersion === wanted ? object : (custom.inVersion(object, wanted) ?? object);
}
