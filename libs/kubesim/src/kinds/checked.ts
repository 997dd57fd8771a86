import type { FieldError } from '../errors/field-error.ts';
import type { KubeObject } from '../kube-object.ts';
import type { KindRules } from './kind-rules.ts';

type Check = (object: KubeObject) => FieldError[];
type ChangeCheck = (object: KubeObject, old: KubeObject) => FieldError[];

/** Rules with a check of every create and update, and one of what an update may change, which comes after. */
export function checked(rules: KindRules, check: Check, change: ChangeCheck = () => []): KindRules {
  return {
    ...rules,
    validateCreate: check,
    validateUpdate: (object, old, context) => [
      ...check(object),
      ...change(object, old),
      ...(rules.validateUpdate?.(object, old, context) ?? []),
    ],
  };
}
