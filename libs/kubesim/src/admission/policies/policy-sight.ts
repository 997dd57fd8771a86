import { CelFault, celValue, LazyVariables } from '@meridian/cel';
import { objectAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { groupResource } from '../../schema/resource.ts';
import type { Resource } from '../../schema/resource.ts';
import type { Review } from '../review.ts';
import { reviewObject } from '../webhooks/admission-review.ts';
import { inVersion } from '../webhooks/seen-object.ts';
import { Authorizer } from './cel/authorizer.ts';
import { faultText } from './cel/run-expression.ts';
import type { Seen } from './cel/run-expression.ts';
import type { Policy } from './policy.ts';
import type { ParamContext } from './policy-params.ts';

/** What policies see of a write in one version of its resource. */
export interface Sight {
  readonly object: unknown;
  readonly oldObject: unknown;
  readonly request: unknown;
  readonly namespaceObject: unknown;
}

/** Shows a write to policies that match it in a version. */
export function sightOf(review: Review, resource: Resource, { registry, store }: ParamContext): Sight {
  const object = inVersion(review.object, resource, review, registry);
  const old = inVersion(review.old, resource, review, registry);
  const sent = reviewObject({ review, resource, object: undefined, old: undefined }, '', 'v1');
  return {
    object: celValue(object ?? null),
    oldObject: celValue(old ?? null),
    request: celValue(objectAt(sent, 'request')),
    namespaceObject: celValue(namespaceShown(review, store)),
  };
}

/** What the expressions of a policy see, with one of its parameters. */
export function seenBy(policy: Policy, sight: Sight, param: KubeObject | null): Seen {
  const seen: Seen = {
    ...sight,
    params: celValue(param),
    authorizer: new Authorizer(),
    variables: new LazyVariables((name) => variable(policy, name, seen)),
  };
  return seen;
}

/** What the conditions of a policy come to. They see no namespace. */
export function meetsConditions({ conditions }: Policy, seen: Seen): boolean | { readonly faults: string } {
  const outcomes = conditions.map((condition) => condition.run({ ...seen, namespaceObject: null }));
  if (outcomes.some((outcome) => outcome.ok && outcome.value === false)) return false;
  const faults = [...new Set(outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.message])))];
  if (faults.length === 0) return true;
  return { faults: faults.length === 1 ? faults.join('') : `[${faults.join(', ')}]` };
}

function variable({ variables }: Policy, name: string, seen: Seen): unknown {
  try {
    return variables.get(name)?.evaluate(seen);
  } catch (error) {
    throw new CelFault(`composited variable "${name}" fails to evaluate: ${faultText(error)}`);
  }
}

const shownMetadata = [
  ...['name', 'generateName', 'namespace', 'uid', 'resourceVersion', 'generation', 'creationTimestamp'],
  ...['deletionTimestamp', 'deletionGracePeriodSeconds', 'labels', 'annotations', 'finalizers'],
];

/** The namespace of a write without what policies have no use for; null for what is in none, and for namespaces. */
function namespaceShown({ target }: Review, store: ParamContext['store']): JsonObject | null {
  const { resource, namespace } = target;
  if (namespace === '' || groupResource(resource) === 'namespaces') return null;
  const found = store.get({ resource: 'namespaces', namespace: '', name: namespace });
  if (found === undefined) return null;
  const metadata = Object.fromEntries(
    Object.entries(found.metadata).filter(([name]) => shownMetadata.includes(name)),
  );
  return { metadata, spec: found['spec'] ?? {}, status: found['status'] ?? {} };
}
