import { labelKeyProblems } from '@meridian/cel';
import { invalid } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import {
  countedResources,
  standardOfContainers,
  standardOfQuotas,
  standardResources,
} from '../standard-resources.ts';
import { formErrors } from '../validation/go-fields.ts';
import { isNegative, isWhole } from './quantities.ts';

/** What is wrong with the name of a resource: it is standard or has a domain. */
export function resourceNameErrors(name: string, path: string): FieldError[] {
  const malformed = formErrors(name, path, labelKeyProblems);
  if (malformed.length > 0 || isKnown(name, standardResources)) return malformed;
  return [invalid(path, name, 'must be a standard resource type or fully qualified')];
}

/** What is wrong with the name of a resource of containers. */
export function containerResourceErrors(name: string, path: string): FieldError[] {
  const errors = resourceNameErrors(name, path);
  if (!name.includes('/')) {
    const usable = standardOfContainers.includes(name) || name.startsWith('hugepages-');
    return usable ? errors : [...errors, invalid(path, name, 'must be a standard resource for containers')];
  }
  if (name.includes('kubernetes.io/') || isExtended(name)) return errors;
  return [...errors, invalid(path, name, "doesn't follow extended resource name standard")];
}

/** What is wrong with the name of a resource that a quota limits, and with how much of it there may be. */
export function quotaAmountErrors(name: string, amount: string, path: string): FieldError[] {
  const whole = isCountedWhole(name);
  return [
    ...resourceNameErrors(name, path),
    ...(isKnown(name, standardOfQuotas)
      ? []
      : [invalid(path, name, 'must be a standard resource for quota')]),
    ...(isNegative(amount) ? [invalid(path, amount, 'must be greater than or equal to 0')] : []),
    ...(whole && !isWhole(amount) ? [invalid(path, amount, 'must be an integer')] : []),
  ];
}

/** Whether there are only whole ones of a resource. */
export function isCountedWhole(name: string): boolean {
  return countedResources.includes(name) || isExtended(name);
}

/** Whether a quota knows a resource without a domain. */
export function isQuotaResource(name: string): boolean {
  return (
    standardOfQuotas.includes(name) || name.startsWith('hugepages-') || name.startsWith('requests.hugepages-')
  );
}

/** Whether a resource is of others than Kubernetes, such as a device. */
export function isExtended(name: string): boolean {
  const native = !name.includes('/') || name.includes('kubernetes.io/');
  return !native && !name.startsWith('requests.');
}

function isKnown(name: string, names: readonly string[]): boolean {
  return name.includes('/') || names.includes(name) || /^(requests\.)?hugepages-/.test(name);
}
