import { parseQuantity } from '@meridian/cel';
import { forbidden, invalid } from '../../../errors/field-error.ts';
import type { FieldError } from '../../../errors/field-error.ts';
import { objectAt, textAt, textsAt } from '../../../json.ts';
import type { JsonObject } from '../../../json.ts';
import { itemsWithPaths } from '../checks.ts';
import { podResourceErrors } from '../resource-errors.ts';
import { requestsOfContainers, sumText } from './container-requests.ts';

/** What is wrong with the resources of a pod as a whole (validatePodResources of pkg/apis/core/validation). */
export function wholeResourceErrors(spec: JsonObject, path: string): FieldError[] {
  const resources = objectAt(spec, 'resources');
  if (resources === undefined) return [];
  const at = `${path}.resources`;
  if (textAt(spec, 'os', 'name') === 'windows') return [forbidden(at, 'may not be set for a windows pod')];
  return [
    ...(resources['claims'] === undefined
      ? []
      : [forbidden(`${at}.claims`, 'claims may not be set for Resources at pod-level')]),
    ...podResourceErrors(resources, at),
    ...requestErrors(spec, resources, `${at}.requests`),
    ...limitErrors(spec, resources, at),
  ];
}

function requestErrors(spec: JsonObject, resources: JsonObject, path: string): FieldError[] {
  const whole = textsAt(resources, 'requests');
  return [...requestsOfContainers(spec)].flatMap(([name, amount]) => {
    const asked = whole[name];
    if (asked === undefined || amount <= nanoOf(asked)) return [];
    const sum = sumText(name, amount);
    const why = `must be greater than or equal to aggregate container requests of ${sum}`;
    return [invalid(`${path}[${name}]`, asked, why)];
  });
}

function limitErrors(spec: JsonObject, resources: JsonObject, path: string): FieldError[] {
  const whole = textsAt(resources, 'limits');
  return itemsWithPaths(spec['containers'], `${path}.containers`).flatMap(([container, at]) =>
    Object.entries(textsAt(container, 'resources', 'limits')).flatMap(([name, limit]) => {
      const most = whole[name];
      if (most === undefined || nanoOf(limit) <= nanoOf(most)) return [];
      return [invalid(`${at}[${name}].limits`, limit, `must be less than or equal to pod limits of ${most}`)];
    }),
  );
}

function nanoOf(amount: string): bigint {
  return parseQuantity(amount)?.nano ?? 0n;
}
