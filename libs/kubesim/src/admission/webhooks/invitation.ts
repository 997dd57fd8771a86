import type { Environment } from '@marcbachmann/cel-js';
import { errorText } from '@meridian/runtime';
import { celEnvironment } from '../../custom/cel/cel-environment.ts';
import { forbiddenError } from '../../errors/api-error.ts';
import { isObject, objectAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { Resource } from '../../schema/resource.ts';
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
  for (const { expression } of hook.conditions) {
    const outcome = outcomeOf(expression, variables);
    if (outcome === false) return undefined;
    if (typeof outcome === 'string') wrong.push(outcome);
  }
  if (wrong.length === 0) return resource;
  if (hook.failsOpen) return undefined;
  const why = wrong.length === 1 ? (wrong[0] ?? '') : `[${wrong.join(', ')}]`;
  throw forbiddenError(review.target.resource, review.target.name, why);
}

type Outcome = boolean | string;

/** @returns what the condition says, or what went wrong. */
function outcomeOf(expression: string, variables: Record<string, unknown>): Outcome {
  try {
    return openEnvironment().evaluate(expression, variables) !== false;
  } catch (error) {
    const [why = ''] = errorText(error).split('\n');
    return `expression '${expression}' resulted in error: ${why.charAt(0).toLowerCase()}${why.slice(1)}`;
  }
}

let environment: Environment | undefined;

/** Made when the first condition is met: most clusters never see one. */
function openEnvironment(): Environment {
  environment ??= celEnvironment()
    .registerVariable('object', 'dyn')
    .registerVariable('oldObject', 'dyn')
    .registerVariable('request', 'dyn');
  return environment;
}

/** What conditions may use: the objects in the webhook's version and the request without them. */
function variablesOf(
  review: Review,
  resource: Resource,
  { registry }: MatchContext,
): Record<string, unknown> {
  const object = inVersion(review.object, resource, review, registry);
  const old = inVersion(review.old, resource, review, registry);
  const sent = reviewObject({ review, resource, object: undefined, old: undefined }, '', 'v1');
  const request: JsonObject = { name: '', namespace: '', ...objectAt(sent, 'request') };
  return {
    object: object === undefined ? null : celValue(object),
    oldObject: old === undefined ? null : celValue(old),
    request: celValue(request),
  };
}

/** JSON as CEL has it: its whole numbers are integers, which are another type than fractions. */
function celValue(value: Json | undefined): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(celValue);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, celValue(member)]));
}
