import { labelKeyProblems } from '@meridian/cel';
import { invalid, tooMany } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { objectAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { itemsWithPaths } from '../validation/checks.ts';
import { configurationErrors } from './configuration-errors.ts';
import { deviceSelectorErrors } from './selector-errors.ts';

// pkg/apis/resource/validation

/** How many items most lists of devices may have. */
export const mostItems = 32;

/** What is wrong with the items of a list, or only that it is too long. */
export function listErrors(
  list: Json | undefined,
  path: string,
  check: (found: readonly [JsonObject, string]) => readonly FieldError[],
  most = mostItems,
): FieldError[] {
  const items = itemsWithPaths(list, path);
  return items.length > most ? [tooMany(path, items.length, most)] : items.flatMap(check);
}

/** What is wrong with a DeviceClass. */
export function deviceClassErrors(deviceClass: KubeObject): FieldError[] {
  const spec = objectAt(deviceClass, 'spec') ?? {};
  return [
    ...listErrors(spec['selectors'], 'spec.selectors', deviceSelectorErrors),
    ...listErrors(spec['config'], 'spec.config', configurationErrors),
    ...extendedErrors(spec['extendedResourceName'], 'spec.extendedResourceName'),
  ];
}

function extendedErrors(name: Json | undefined, path: string): FieldError[] {
  if (typeof name !== 'string') return [];
  const isNative = !name.includes('/') || /(^|\.)kubernetes\.io\//.test(name);
  const isQuota = name.startsWith('requests.') || labelKeyProblems(`requests.${name}`).length > 0;
  return isNative || isQuota ? [invalid(path, name, 'must be a valid extended resource name')] : [];
}
