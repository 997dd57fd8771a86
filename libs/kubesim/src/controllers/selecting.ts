import { isObject, itemsAt, memberOf, textAt, textsAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';

/** Whether a label selector takes labels (metav1.LabelSelectorAsSelector): none takes nothing, an empty one everything. */
export function takesLabels(
  selector: JsonObject | undefined,
  labels: Readonly<Record<string, string>> = {},
): boolean {
  if (selector === undefined) return false;
  const equal = Object.entries(textsAt(selector, 'matchLabels'));
  if (!equal.every(([name, value]) => labels[name] === value)) return false;
  return itemsAt(selector, 'matchExpressions').every((one) => isObject(one) && meets(one, labels));
}

/** Whether values meet one requirement of a label or node selector. */
export function meets(requirement: JsonObject, values: Readonly<Record<string, string>>): boolean {
  const key = textAt(requirement, 'key') ?? '';
  const present = memberOf(values, key);
  const test = memberOf(operators, textAt(requirement, 'operator') ?? '');
  return test?.(present, itemsAt(requirement, 'values')) ?? false;
}

const operators: Readonly<Record<string, (present: string | undefined, values: readonly Json[]) => boolean>> =
  {
    In: (present, values) => present !== undefined && values.includes(present),
    NotIn: (present, values) => present === undefined || !values.includes(present),
    Exists: (present) => present !== undefined,
    DoesNotExist: (present) => present === undefined,
    Gt: (present, [value]) => present !== undefined && Number(present) > Number(value),
    Lt: (present, [value]) => present !== undefined && Number(present) < Number(value),
  };
