import { goJson, GoText, invalid, notSupported } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { countOrPercent, notNegative, notOverAll } from '../validation/checks.ts';
import { labelSelectorErrors } from '../validation/selector-errors.ts';

const policies = ['AlwaysAllow', 'IfHealthyBudget'];

/** What is wrong with a disruption budget. */
export function disruptionBudgetErrors(budget: KubeObject): FieldError[] {
  const spec = objectAt(budget, 'spec') ?? {};
  const both = spec['minAvailable'] !== undefined && spec['maxUnavailable'] !== undefined;
  const policy = textAt(spec, 'unhealthyPodEvictionPolicy');
  return [
    ...(both
      ? [invalid('spec', shownBudget(spec), 'minAvailable and maxUnavailable cannot be both set')]
      : []),
    ...['minAvailable', 'maxUnavailable'].flatMap((field) => [
      ...countOrPercent(spec[field], `spec.${field}`),
      ...notOverAll(spec[field], `spec.${field}`),
    ]),
    ...labelSelectorErrors(objectAt(spec, 'selector'), 'spec.selector'),
    ...(policy === undefined || policies.includes(policy)
      ? []
      : [notSupported('spec.unhealthyPodEvictionPolicy', policy, policies)]),
  ];
}

/** What is wrong with the status of a disruption budget. */
export function disruptionBudgetStatusErrors(budget: KubeObject): FieldError[] {
  const status = objectAt(budget, 'status') ?? {};
  return ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'].flatMap((field) =>
    notNegative(status[field], `status.${field}`),
  );
}

/** Go shows its internal type, whose fields have no JSON names, in their order. */
function shownBudget(spec: JsonObject): GoText {
  const shown = (field: string) => goJson(spec[field] ?? null);
  return new GoText(
    `{"MinAvailable":${shown('minAvailable')},"Selector":${shown('selector')},` +
      `"MaxUnavailable":${shown('maxUnavailable')},"UnhealthyPodEvictionPolicy":${shown('unhealthyPodEvictionPolicy')}}`,
  );
}
