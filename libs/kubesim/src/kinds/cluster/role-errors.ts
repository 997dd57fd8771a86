import { pathSegmentProblems, subdomainProblems } from '@meridian/cel';
import { invalid, notSupported, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { isObject, itemsAt, jsonEqual, objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { itemsWithPaths } from '../validation/checks.ts';
import { formErrors, textIn } from '../validation/go-fields.ts';
import { labelSelectorErrors } from '../validation/selector-errors.ts';

const group = 'rbac.authorization.k8s.io';

/** What is wrong with the rules of a role of a namespace. */
export function roleErrors(role: KubeObject): FieldError[] {
  return itemsWithPaths(role['rules'], 'rules').flatMap(([rule, path]) => ruleErrors(rule, path, true));
}

/** What is wrong with a role of the cluster: its rules, or by which labels it gathers those of others. */
export function clusterRoleErrors(role: KubeObject): FieldError[] {
  const gathers = role['aggregationRule'];
  return [
    ...itemsWithPaths(role['rules'], 'rules').flatMap(([rule, path]) => ruleErrors(rule, path, false)),
    ...(isObject(gathers) ? aggregationErrors(gathers) : []),
  ];
}

function aggregationErrors(gathers: JsonObject): FieldError[] {
  const path = 'aggregationRule.clusterRoleSelectors';
  const selectors = itemsWithPaths(gathers['clusterRoleSelectors'], path);
  if (selectors.length === 0) {
    return [required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil')];
  }
  return selectors.flatMap(([selector, at]) => {
    const errors = labelSelectorErrors(selector, at);
    return errors.length === 0 ? [] : [...errors, invalid(at, null, 'invalid label selector.')];
  });
}

function ruleErrors(rule: JsonObject, path: string, isNamespaced: boolean): FieldError[] {
  const has = (field: string) => itemsAt(rule, field).length > 0;
  const errors = has('verbs') ? [] : [required(`${path}.verbs`, 'verbs must contain at least one value')];
  if (has('nonResourceURLs')) return [...errors, ...urlErrors(rule, `${path}.nonResourceURLs`, isNamespaced)];
  if (!has('apiGroups')) {
    errors.push(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'));
  }
  if (!has('resources')) {
    errors.push(required(`${path}.resources`, 'resource rules must supply at least one resource'));
  }
  return errors;
}

function urlErrors(rule: JsonObject, path: string, isNamespaced: boolean): FieldError[] {
  const urls = [...itemsAt(rule, 'nonResourceURLs')];
  const mixed = ['apiGroups', 'resources', 'resourceNames'].some((field) => itemsAt(rule, field).length > 0);
  return [
    ...(isNamespaced ? [invalid(path, urls, 'namespaced rules cannot apply to non-resource URLs')] : []),
    ...(mixed
      ? [invalid(path, urls, 'rules cannot apply to both regular resources and non-resource URLs')]
      : []),
  ];
}

/** What is wrong with a binding of a role, given the kinds of roles that it may refer to. */
export function bindingErrors(binding: KubeObject, kinds: readonly string[]): FieldError[] {
  const reference = objectAt(binding, 'roleRef') ?? {};
  const [of, kind, name] = ['apiGroup', 'kind', 'name'].map((field) => textIn(reference, field));
  const isNamespaced = kinds.length > 1;
  return [
    ...(of === group ? [] : [notSupported('roleRef.apiGroup', of, [group])]),
    ...(kinds.includes(kind ?? '') ? [] : [notSupported('roleRef.kind', kind, kinds)]),
    ...(name === undefined || name === ''
      ? [required('roleRef.name')]
      : formErrors(name, 'roleRef.name', pathSegmentProblems)),
    ...itemsWithPaths(binding['subjects'], 'subjects').flatMap(([subject, path]) => [
      ...(textIn(subject, 'name') === '' ? [required(`${path}.name`)] : []),
      ...subjectErrors(subject, path, isNamespaced),
    ]),
  ];
}

function subjectErrors(subject: JsonObject, path: string, isNamespaced: boolean): FieldError[] {
  const [kind, of] = [textIn(subject, 'kind'), textIn(subject, 'apiGroup')];
  if (kind === 'ServiceAccount') return accountErrors(subject, path, isNamespaced);
  if (kind === 'User' || kind === 'Group') {
    return of === group ? [] : [notSupported(`${path}.apiGroup`, of, [group])];
  }
  return [notSupported(`${path}.kind`, kind, ['ServiceAccount', 'User', 'Group'])];
}

function accountErrors(subject: JsonObject, path: string, isNamespaced: boolean): FieldError[] {
  const [name, of] = [textIn(subject, 'name'), textIn(subject, 'apiGroup')];
  return [
    ...(name === '' ? [] : formErrors(name, `${path}.name`, subdomainProblems)),
    ...(of === '' ? [] : [notSupported(`${path}.apiGroup`, of, [''])]),
    ...(isNamespaced || textIn(subject, 'namespace') !== '' ? [] : [required(`${path}.namespace`)]),
  ];
}

/** The role that a binding refers to may not change. */
export function bindingChange(binding: KubeObject, old: KubeObject): FieldError[] {
  const reference = objectAt(binding, 'roleRef') ?? {};
  if (jsonEqual(reference, objectAt(old, 'roleRef'))) return [];
  const [APIGroup, Kind, Name] = ['apiGroup', 'kind', 'name'].map((field) => textAt(reference, field));
  return [invalid('roleRef', { APIGroup, Kind, Name }, 'cannot change roleRef')];
}
