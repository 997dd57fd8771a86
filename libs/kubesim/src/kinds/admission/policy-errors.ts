import { serviceLabelProblems, subdomainProblems } from '@meridian/cel';
import type { ExpressionScope } from '../../admission/policies/cel/check-expression.ts';
import { duplicate, invalid, notSupported, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { itemsAt, objectAt, textAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { itemsWithPaths, needed, oneOf } from '../validation/checks.ts';
import { matchErrors, parameterErrors } from './match-errors.ts';
import {
  annotationErrors,
  checkedVariables,
  computationErrors,
  conditionErrors,
  validationErrors,
} from './said-errors.ts';

// pkg/apis/admissionregistration/validation

type Found = readonly [JsonObject, string];

const nothingToDo = 'validations or auditAnnotations must contain at least one item';

/** What is wrong with a ValidatingAdmissionPolicy. */
export function validatingPolicyErrors(policy: KubeObject): FieldError[] {
  const spec = objectAt(policy, 'spec') ?? {};
  const variables = checkedVariables(spec, scopeOf(spec));
  const hasVariables = itemsAt(spec, 'variables').length > 0;
  const scope = { ...scopeOf(spec), variables: hasVariables ? variables.types : undefined };
  const isIdle = ['validations', 'auditAnnotations'].every((field) => itemsAt(spec, field).length === 0);
  return [
    ...commonErrors(spec),
    ...variables.errors,
    ...(isIdle
      ? ['validations', 'auditAnnotations'].map((field) => required(`spec.${field}`, nothingToDo))
      : []),
    ...validationErrors(spec, scope),
    ...annotationErrors(spec, policy.metadata.name ?? '', scope),
  ];
}

/** What expressions see that see no variables. */
function scopeOf(spec: JsonObject): ExpressionScope {
  return {
    hasParams: objectAt(spec, 'paramKind') !== undefined,
    hasAuthorizer: true,
    variables: undefined,
    isMutation: false,
  };
}

const mutating = ['*', 'CONNECT', 'CREATE', 'UPDATE'];

/** What is wrong with a MutatingAdmissionPolicy. */
export function mutatingPolicyErrors(policy: KubeObject): FieldError[] {
  const spec = objectAt(policy, 'spec') ?? {};
  const mutations = itemsWithPaths(spec['mutations'], 'spec.mutations');
  const variables = checkedVariables(spec, scopeOf(spec));
  const scope = { ...scopeOf(spec), variables: variables.types };
  return [
    ...commonErrors(spec, mutating),
    ...variables.errors,
    ...(mutations.length === 0
      ? [required('spec.mutations', 'mutations must contain at least one item')]
      : []),
    ...mutations.flatMap((mutation) => mutationErrors(mutation, scope)),
    ...needed(textAt(spec, 'reinvocationPolicy') ?? '', 'spec.reinvocationPolicy', ['IfNeeded', 'Never']),
  ];
}

/** What is wrong with a binding of either kind of policy. */
export function bindingErrors(binding: KubeObject): FieldError[] {
  const spec = objectAt(binding, 'spec') ?? {};
  const name = textAt(spec, 'policyName') ?? '';
  const isMutating = binding.kind === 'MutatingAdmissionPolicyBinding';
  return [
    ...(name === '' ? [required('spec.policyName')] : []),
    ...(name === ''
      ? []
      : subdomainProblems(name).map((problem) => invalid('spec.policyName', name, problem))),
    ...parameterErrors(objectAt(spec, 'paramRef'), 'spec.paramRef'),
    ...matchErrors(objectAt(spec, 'matchResources'), 'spec.matchResources'),
    ...(isMutating
      ? operationErrors(objectAt(spec, 'matchResources'), 'spec.matchResources', mutating)
      : actionErrors(itemsAt(spec, 'validationActions'), 'spec.validationActions')),
  ];
}

function commonErrors(spec: JsonObject, operations?: readonly string[]): FieldError[] {
  const match = objectAt(spec, 'matchConstraints');
  const path = 'spec.matchConstraints';
  const hasRules = itemsAt(match, 'resourceRules').length > 0;
  return [
    ...oneOf(spec['failurePolicy'], 'spec.failurePolicy', ['Fail', 'Ignore']),
    ...kindErrors(objectAt(spec, 'paramKind'), 'spec.paramKind'),
    ...(match === undefined ? [required(path)] : matchErrors(match, path)),
    ...(match === undefined || hasRules ? [] : [required(`${path}.resourceRules`)]),
    ...(operations === undefined ? [] : operationErrors(match, path, operations)),
    ...conditionErrors(spec['matchConditions'], 'spec.matchConditions', scopeOf(spec)),
  ];
}

function operationErrors(
  match: JsonObject | undefined,
  path: string,
  supported: readonly string[],
): FieldError[] {
  const asked = itemsAt(match, 'resourceRules').flatMap((rule) => itemsAt(rule, 'operations').map(String));
  const others = asked.filter((operation) => !supported.includes(operation));
  return others.map((operation) => notSupported(`${path}.resourceRules.operations`, operation, supported));
}

function kindErrors(kind: JsonObject | undefined, path: string): FieldError[] {
  if (kind === undefined) return [];
  const name = textAt(kind, 'kind') ?? '';
  const why = serviceLabelProblems(name.toLowerCase()).join(',');
  const kindError = invalid(`${path}.kind`, name, `may have mixed case, but should otherwise match: ${why}`);
  return [
    ...versionErrors(textAt(kind, 'apiVersion') ?? '', `${path}.apiVersion`),
    ...(name === '' ? [required(`${path}.kind`)] : why === '' ? [] : [kindError]),
  ];
}

function versionErrors(apiVersion: string, path: string): FieldError[] {
  if (apiVersion === '') return [required(path)];
  const parts = apiVersion.split('/');
  if (parts.length > 2) return [invalid(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)];
  const [version = '', group = ''] = parts.toReversed();
  const badGroup = group === '' ? [] : subdomainProblems(group);
  const badVersion = version === '' ? [] : serviceLabelProblems(version);
  return [
    ...(badGroup.length > 0 ? [invalid(path, group, badGroup.join(','))] : []),
    ...(version === '' ? [invalid(path, apiVersion, 'version must be specified')] : []),
    ...(badVersion.length > 0 ? [invalid(path, version, badVersion.join(','))] : []),
  ];
}

const patches = {
  ApplyConfiguration: { field: 'applyConfiguration', computes: 'configuration' },
  JSONPatch: { field: 'jsonPatch', computes: 'patch' },
} as const;

function mutationErrors([mutation, path]: Found, scope: ExpressionScope): FieldError[] {
  const type = textAt(mutation, 'patchType') ?? '';
  const found = needed(type, `${path}.patchType`, Object.keys(patches));
  if (found.length > 0) return found;
  return Object.entries(patches).flatMap(([kind, { field, computes }]) => {
    const said = objectAt(mutation, field);
    if (kind !== type) {
      const why = `must not be specified when patchType is ${type}`;
      return said === undefined ? [] : [invalid(`${path}.${field}`, `{${field}}`, why)];
    }
    return said === undefined
      ? [required(`${path}.${field}`, `must be specified when patchType is ${type}`)]
      : [...computationErrors(said, `${path}.${field}`, computes, scope)];
  });
}

const actions = ['Audit', 'Deny', 'Warn'];

function actionErrors(said: readonly Json[], path: string): FieldError[] {
  const errors = said.map(String).flatMap((action, index) => {
    const at = `${path}[${String(index)}]`;
    const isRepeated = said.indexOf(action) < index;
    return [
      ...(actions.includes(action) ? [] : [notSupported(at, action, actions)]),
      ...(isRepeated ? [duplicate(at, action)] : []),
    ];
  });
  if (said.length === 0) return [required(path, 'at least one validation action is required')];
  const isTwice = said.includes('Deny') && said.includes('Warn');
  const why =
    'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
  return isTwice ? [...errors, invalid(path, [...said], why)] : errors;
}
