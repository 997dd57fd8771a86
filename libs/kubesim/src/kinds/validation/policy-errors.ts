import { invalid, notSupported, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { itemsAt, jsonEqual, objectAt, textAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { itemsWithPaths } from './checks.ts';

/** What is wrong with the rules of a role. */
export function roleErrors(role: KubeObject): FieldError[] {
  return itemsWithPaths(role['rules'], 'rules').flatMap(([rule, path]) => {
    const has = (field: string) => itemsAt(rule, field).length > 0;
    const errors = has('verbs') ? [] : [required(`${path}.verbs`, 'verbs must contain at least one value')];
    if (has('nonResourceURLs')) return errors;
    if (!has('apiGroups')) {
      errors.push(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'));
    }
    if (!has('resources')) {
      errors.push(required(`${path}.resources`, 'resource rules must supply at least one resource'));
    }
    return errors;
  });
}

/** What is wrong with a binding of a role, given the kinds of roles that it may refer to. */
export function bindingErrors(binding: KubeObject, kinds: readonly string[]): FieldError[] {
  const kind = textAt(binding, 'roleRef', 'kind') ?? '';
  const name = textAt(binding, 'roleRef', 'name') ?? '';
  return [
    ...(kinds.includes(kind) ? [] : [notSupported('roleRef.kind', kind, kinds)]),
    ...(name === '' ? [required('roleRef.name')] : []),
    ...itemsWithPaths(binding['subjects'], 'subjects').flatMap(([subject, path]) => {
      const of = textAt(subject, 'kind') ?? '';
      const known = ['ServiceAccount', 'User', 'Group'];
      return known.includes(of) ? [] : [notSupported(`${path}.kind`, of, known)];
    }),
  ];
}

/** The role that a binding refers to may not change. */
export function bindingChange(binding: KubeObject, old: KubeObject): FieldError[] {
  const reference = objectAt(binding, 'roleRef') ?? {};
  if (jsonEqual(reference, objectAt(old, 'roleRef'))) return [];
  const shown = { APIGroup: reference['apiGroup'], Kind: reference['kind'], Name: reference['name'] };
  return [invalid('roleRef', shown, 'cannot change roleRef')];
}
