import { invalid, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { itemsAt, isObject, objectAt, textsAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { textIn } from '../validation/go-fields.ts';
import { isQuotaResource, quotaAmountErrors } from './resource-names.ts';
import { scopeFits } from './quota-scopes.ts';

const scopes = [
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'VolumeAttributesClass',
  'CrossNamespacePodAffinity',
];
const opposites = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
];

/** What is wrong with a quota. */
export function quotaErrors(quota: KubeObject): FieldError[] {
  const spec = objectAt(quota, 'spec') ?? {};
  return [
    ...amountsErrors(textsAt(spec, 'hard'), 'spec.hard'),
    ...scopesErrors(spec),
    ...selectorErrors(spec),
  ];
}

/** The scopes of a quota may not change. */
export function quotaChange(quota: KubeObject, old: KubeObject): FieldError[] {
  const [now, before] = [quota, old].map((one) => [...new Set(scopesOf(objectAt(one, 'spec')))].sort());
  if (JSON.stringify(now) === JSON.stringify(before)) return [];
  return [invalid('spec.scopes', shownScopes(objectAt(quota, 'spec')), 'field is immutable')];
}

/** What is wrong with the status of a quota. */
export function quotaStatusErrors(quota: KubeObject): FieldError[] {
  return ['hard', 'used'].flatMap((field) =>
    amountsErrors(textsAt(quota, 'status', field), `status.${field}`),
  );
}

function amountsErrors(amounts: Readonly<Record<string, string>>, path: string): FieldError[] {
  return Object.entries(amounts).flatMap(([name, amount]) =>
    quotaAmountErrors(name, amount, `${path}[${name}]`),
  );
}

function scopesOf(spec: JsonObject | undefined): readonly string[] {
  return itemsAt(spec, 'scopes').filter((scope) => typeof scope === 'string');
}

function shownScopes(spec: JsonObject | undefined): string[] | null {
  return spec?.['scopes'] === undefined ? null : [...scopesOf(spec)];
}

function scopesErrors(spec: JsonObject): FieldError[] {
  const given = scopesOf(spec);
  const refused = (why: string) => invalid('spec.scopes', [...given], why);
  return [
    ...given.flatMap((scope) => [
      ...(scopes.includes(scope) ? [] : [refused('unsupported scope')]),
      ...limited(spec, scope).map(() => refused('unsupported scope applied to resource')),
    ]),
    ...conflicting(given).map(() => refused('conflicting scopes')),
  ];
}

/** Resources that a quota limits and that have nothing to do with a scope. */
function limited(spec: JsonObject, scope: string): readonly string[] {
  return Object.keys(textsAt(spec, 'hard')).filter(
    (name) => isQuotaResource(name) && !scopeFits(scope, name),
  );
}

function conflicting(given: readonly string[]): readonly (readonly string[])[] {
  return opposites.filter((pair) => pair.every((scope) => given.includes(scope)));
}

const existsOnly =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, " +
  'ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity';

function selectorErrors(spec: JsonObject): FieldError[] {
  const selector = objectAt(spec, 'scopeSelector');
  const expressions = itemsAt(selector, 'matchExpressions').filter(isObject);
  const names = expressions.map((expression) => textIn(expression, 'scopeName'));
  return [
    ...expressions.flatMap((expression) => expressionErrors(expression, spec)),
    ...conflicting(names).map(() => invalid('spec.scopeSelector', shownScopes(spec), 'conflicting scopes')),
  ];
}

function expressionErrors(expression: JsonObject, spec: JsonObject): FieldError[] {
  const path = 'spec.scopeSelector.matchExpressions';
  const [scope, operator] = [textIn(expression, 'scopeName'), textIn(expression, 'operator')];
  const valued = ['PriorityClass', 'VolumeAttributesClass'].includes(scope) || !scopes.includes(scope);
  const selector = objectAt(spec, 'scopeSelector') ?? {};
  return [
    ...(scopes.includes(scope) ? [] : [invalid(`${path}.scopeName`, scope, 'unsupported scope')]),
    ...limited(spec, scope).map(() => invalid(path, selector, 'unsupported scope applied to resource')),
    ...(valued || operator === 'Exists' ? [] : [invalid(`${path}.operator`, operator, existsOnly)]),
    ...operatorErrors(operator, itemsAt(expression, 'values'), path),
  ];
}

function operatorErrors(operator: string, values: ReturnType<typeof itemsAt>, path: string): FieldError[] {
  if (['In', 'NotIn'].includes(operator)) {
    const why = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
    return values.length === 0 ? [required(`${path}.values`, why)] : [];
  }
  if (['Exists', 'DoesNotExist'].includes(operator)) {
    const why = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
    return values.length === 0 ? [] : [invalid(`${path}.values`, [...values], why)];
  }
  return [invalid(`${path}.operator`, operator, 'not a valid selector operator')];
}
