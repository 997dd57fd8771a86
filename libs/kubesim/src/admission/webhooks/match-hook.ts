import type { Registry } from '../../cluster/registry.ts';
import { notFoundError } from '../../errors/api-error.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { selectorText } from '../../api/selector-text.ts';
import { groupResource } from '../../schema/resource.ts';
import type { Resource } from '../../schema/resource.ts';
import { parseLabelSelector } from '../../store/label-selector.ts';
import type { Labels } from '../../store/label-selector.ts';
import type { Store } from '../../store/store.ts';
import type { Review } from '../review.ts';
import type { HookRule, Matching } from './configured-hooks.ts';

/** What matching may ask the cluster. */
export interface MatchContext {
  readonly store: Store;
  readonly registry: Registry;
}

const exempt = /^(validating|mutating)(webhookconfigurations|admissionpolicies|admissionpolicybindings)$/;

/** Whether webhooks and policies see a resource at all: their own configurations are let through, or nobody could repair them. */
export function isExempt({ group, name }: Resource): boolean {
  return group === 'admissionregistration.k8s.io' && exempt.test(name);
}

/**
 * The version of the resource in which a webhook or policy is to be asked about a write, undefined when it is not to be asked: its
 * selectors and rules decide, conditions come later. Throws 404 when it selects by a namespace that is not there.
 */
export function matchedVersion(hook: Matching, review: Review, context: MatchContext): Resource | undefined {
  const chosen = selectsNamespace(hook, review, context.store);
  if (chosen === false || !selectsObject(hook, review)) return undefined;
  const version = versionOf(hook, review, context.registry);
  if (version !== undefined && chosen !== true) throw chosen;
  return version;
}

/** The namespace of a write, as webhooks are told: that of a namespace is itself. */
export function namespaceOf({ target, object }: Review): string {
  if (!isNamespace(target.resource)) return target.namespace;
  return object?.metadata.name ?? target.name;
}

function isNamespace(resource: Resource): boolean {
  return groupResource(resource) === 'namespaces';
}

function versionOf(hook: Matching, review: Review, registry: Registry): Resource | undefined {
  const { rules, exceptions, matchesEquivalent } = hook;
  const isExcepted =
    exceptions.length > 0 &&
    versionOf({ ...hook, rules: exceptions, exceptions: [] }, review, registry) !== undefined;
  if (isExcepted) return undefined;
  const { resource } = review.target;
  if (rules.some((rule) => names(rule, resource, review))) return resource;
  if (!matchesEquivalent) return undefined;
  const stored = groupResource(resource.storage);
  const others = registry
    .all()
    .filter((other) => other !== resource && groupResource(other.storage) === stored);
  for (const rule of rules) {
    const found = others.find((other) => names(rule, other, review));
    if (found !== undefined) return found;
  }
  return undefined;
}

function names(rule: HookRule, resource: Resource, review: Review): boolean {
  const { subresource } = review.target;
  return (
    isInScope(rule, resource, review) &&
    hasOrAny(rule.operations, review.operation) &&
    hasOrAny(rule.groups, resource.group) &&
    hasOrAny(rule.versions, resource.version) &&
    (rule.names.length === 0 || rule.names.includes(review.target.name)) &&
    rule.resources.some((named) => {
      const [name = '', sub = ''] = named.split('/', 2);
      return ['*', resource.name].includes(name) && ['*', subresource].includes(sub);
    })
  );
}

function hasOrAny(items: readonly string[], item: string): boolean {
  return items.includes('*') || items.includes(item);
}

/** A namespace is cluster-scoped although it counts as being in itself. */
function isInScope({ scope }: HookRule, resource: Resource, review: Review): boolean {
  if (scope === '*' || scope === '') return true;
  const inside = !isNamespace(resource) && namespaceOf(review) !== '';
  return inside === (scope === 'Namespaced');
}

/** @returns the error when the namespace that decides is not there. */
function selectsNamespace(hook: Matching, review: Review, store: Store): boolean | Error {
  const namespace = namespaceOf(review);
  const { target, operation, object } = review;
  if (namespace === '' && !isNamespace(target.resource)) return true;
  if (isEmpty(hook.namespaceSelector)) return true;
  if (isNamespace(target.resource) && target.subresource === '' && operation !== 'DELETE') {
    return selects(hook.namespaceSelector, object);
  }
  const found = store.get({ resource: 'namespaces', namespace: '', name: namespace });
  if (found === undefined) return notFoundError({ group: '', name: 'namespaces' }, namespace);
  return selects(hook.namespaceSelector, found);
}

function selectsObject({ objectSelector }: Matching, { object, old }: Review): boolean {
  if (isEmpty(objectSelector)) return true;
  return [object, old].some((one) => one !== undefined && selects(objectSelector, one));
}

function isEmpty(selector: JsonObject): boolean {
  return selectorText(selector) === '';
}

function selects(selector: JsonObject, object: KubeObject | undefined): boolean {
  const parsed = parseLabelSelector(selectorText(selector));
  const labels: Labels = object?.metadata.labels ?? {};
  return parsed.ok && parsed.matches(labels);
}
