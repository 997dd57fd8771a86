import { celValue } from '@meridian/cel';
import { forbiddenError } from '../../errors/api-error.ts';
import { objectAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { Resource } from '../../schema/resource.ts';
import { Authorizer } from '../policies/cel/authorizer.ts';
import type { Seen } from '../policies/cel/run-expression.ts';
import type { Review } from '../review.ts';
import { reviewObject } from './admission-review.ts';
import type { Hook } from './configured-hooks.ts';
import { matchedVersion } from './match-hook.ts';
import type { MatchContext } from './match-hook.ts';
import { inVersion } from './seen-object.ts';

/**
 * The version of the resource in which a webhook is asked about a write, undefined when its selectors, rules and conditions
 * leave it out. Throws 403 when a condition of a webhook that must be asked goes wrong.
 */
export function invitation(hook: Hook, review: Review, context: MatchContext): Resource | undefined {
  const resource = matchedVersion(hook, review, context);
  if (resource === undefined || hook.conditions.length === 0) return resource;
  const variables = variablesOf(review, resource, context);
  const wrong: string[] = [];
  for (const condition of hook.conditions) {
    const outcome = condition.run(variables);
    if (!outcome.ok) wrong.push(outcome.message);
    else if (outcome.value === false) return undefined;
  }
  if (wrong.length === 0) return resource;
  if (hook.failsOpen) return undefined;
  const why = wrong.length === 1 ? (wrong[0] ?? '') : `[${wrong.join(', ')}]`;
  throw forbiddenError(review.target.resource, review.target.name, why);
}

/** What conditions may use: the objects in the webhook's version and the request without them. Whoever asks may do everything. */
function variablesOf(review: Review, resource: Resource, { registry }: MatchContext): Seen {
  const object = inVersion(review.object, resource, review, registry);
  const old = inVersion(review.old, resource, review, registry);
  const sent = reviewObject({ review, resource, object: undefined, old: undefined }, '', 'v1');
  const request: JsonObject = { name: '', namespace: '', ...objectAt(sent, 'request') };
  return {
    object: object === undefined ? null : celValue(object),
    oldObject: old === undefined ? null : celValue(old),
    request: celValue(request),
    authorizer: new Authorizer(),
  };
}
