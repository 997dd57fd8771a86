import { notSupported, required, tooMany } from '../../../errors/field-error.ts';
import type { FieldError } from '../../../errors/field-error.ts';
import { itemsAt, objectAt } from '../../../json.ts';
import type { JsonObject } from '../../../json.ts';
import { itemsWithPaths } from '../checks.ts';
import { choice, textOf } from './forms.ts';
import type { Placed } from './forms.ts';

const mostRules = 20;
const mostCodes = 255;

/** What is wrong with how a single container is restarted (validateContainerRestartPolicy of pkg/apis/core/validation). */
export function restartErrors(container: JsonObject, path: string): FieldError[] {
  const rules = itemsWithPaths(container['restartPolicyRules'], `${path}.restartPolicyRules`);
  const policy = container['restartPolicy'];
  if (policy === undefined && rules.length === 0) return [];
  return [
    ...(policy === undefined
      ? [required(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used')]
      : choice(policy, `${path}.restartPolicy`, ['Always', 'Never', 'OnFailure'])),
    ...atMost(rules.length, `${path}.restartPolicyRules`, mostRules),
    ...rules.flatMap(ruleErrors),
  ];
}

function ruleErrors([rule, path]: Placed): FieldError[] {
  const codes = objectAt(rule, 'exitCodes');
  const action = choice(textOf(rule, 'action'), `${path}.action`, ['Restart', 'RestartAllContainers']);
  if (codes === undefined) return [...action, required(`${path}.exitCodes`, 'must be specified')];
  const operator = textOf(codes, 'operator');
  const known = ['In', 'NotIn'];
  return [
    ...action,
    ...(known.includes(operator) ? [] : [notSupported(`${path}.exitCodes.operator`, operator, known)]),
    ...atMost(itemsAt(codes, 'values').length, `${path}.exitCodes.values`, mostCodes),
  ];
}

function atMost(count: number, path: string, most: number): FieldError[] {
  return count > most ? [tooMany(path, count, most)] : [];
}
