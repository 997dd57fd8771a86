import { goQuote } from '@meridian/cel';
import { ApiError, badRequestError, internalServerError } from '../errors/api-error.ts';
import { defineMember, draftOf, isObject, memberOf, numberAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { integerAt, namesOf, textAtPath } from './values/scale-errors.ts';
import type { ScalePaths } from './values/scale-errors.ts';

/** What a scale says of an object of a custom kind. */
export interface CustomScale {
  /** Undefined when the object does not say how many it wants. */
  readonly wanted: number | undefined;
  readonly found: number;
  readonly selector: string;
}

/** Reads what a scale shows by the paths of the definition. Throws 500 when something else is there. */
export function readCustomScale(object: KubeObject, paths: ScalePaths): CustomScale {
  const { specReplicas, statusReplicas, labelSelector } = paths;
  const selector = labelSelector === undefined ? '' : valueOf(textAtPath(object, labelSelector));
  return {
    wanted: valueOf(integerAt(object, specReplicas)),
    found: valueOf(integerAt(object, statusReplicas)) ?? 0,
    selector: selector ?? '',
  };
}

function valueOf<T>(
  nested: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string },
): T {
  if (nested.ok) return nested.value;
  throw new ApiError(nested.message, { code: 500 });
}

/** 500 of a scale that is asked of an object that does not say how many it wants. */
export function noReplicas({ specReplicas }: ScalePaths): ApiError {
  return internalServerError(`the spec replicas field ${goQuote(specReplicas)} does not exist`);
}

/** The number that stands for none while a scale is changed. */
export const unsetReplicas = -(2 ** 31);

/** An object with the replicas of its changed scale. Throws 400 when the change left them unset. */
export function withCustomReplicas(live: KubeObject, scale: KubeObject, paths: ScalePaths): KubeObject {
  const replicas = numberAt(scale, 'spec', 'replicas') ?? 0;
  if (replicas === unsetReplicas) {
    throw badRequestError(`the spec replicas field ${goQuote(paths.specReplicas)} cannot be empty`);
  }
  const changed = draftOf(live);
  const names = namesOf(paths.specReplicas);
  const last = names.pop() ?? '';
  defineMember(insideOf(changed, names), last, replicas);
  return changed;
}

function insideOf(object: JsonObject, names: readonly string[]): JsonObject {
  let current = object;
  for (const name of names) {
    const inside = memberOf(current, name);
    const next = isObject(inside) ? inside : {};
    defineMember(current, name, next);
    current = next;
  }
  return current;
}
