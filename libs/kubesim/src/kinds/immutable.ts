import { forbidden, invalid } from '../errors/field-error.ts';
import type { FieldError } from '../errors/field-error.ts';
import { valueAt } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { goEqual } from '../schema/go-equal.ts';
import type { KindRules } from './kind-rules.ts';

/** Rules of a kind some of whose fields may not change: `provisioner`, `spec.controller`. */
export function withImmutable(rules: KindRules, ...paths: readonly string[]): KindRules {
  return {
    ...rules,
    validateUpdate: (object, old, context) => [
      ...(rules.validateUpdate?.(object, old, context) ?? []),
      ...paths.flatMap((path) => changedField(object, old, path)),
    ],
  };
}

function changedField(object: KubeObject, old: KubeObject, path: string): FieldError[] {
  const [value, before] = [object, old].map((one) => valueAt(one, ...path.split('.')));
  const name = path.slice(path.lastIndexOf('.') + 1);
  if (goEqual({ [name]: value }, { [name]: before })) return [];
  return [invalid(path, value ?? null, 'field is immutable')];
}

/** A config map or secret that was made immutable keeps its content. */
export function sealedContent(object: KubeObject, old: KubeObject): FieldError[] {
  if (old['immutable'] !== true) return [];
  const errors: FieldError[] = [];
  if (object['immutable'] !== true) {
    errors.push(forbidden('immutable', 'field is immutable when `immutable` is set'));
  }
  for (const field of ['data', 'binaryData']) {
    if (!goEqual(object[field] ?? {}, old[field] ?? {})) {
      errors.push(forbidden(field, 'field is immutable when `immutable` is set'));
    }
  }
  return errors;
}
