import { labelKeyProblems, labelValueProblems } from '@meridian/cel';
import { duplicate, forbidden, invalid, notSupported } from '../../../errors/field-error.ts';
import type { FieldError } from '../../../errors/field-error.ts';
import { numberAt, objectAt, textAt } from '../../../json.ts';
import type { Json, JsonObject } from '../../../json.ts';
import { goEqual } from '../../../schema/go-equal.ts';
import { itemsWithPaths } from '../checks.ts';
import { labelSelectorErrors } from '../selector-errors.ts';
import { choice, formed, formedIfAny, given, textOf } from './forms.ts';
import type { Placed } from './forms.ts';
import { labelKeysErrors } from './label-keys-errors.ts';

/** What is wrong with the taints that a pod tolerates (ValidateTolerations of pkg/apis/core/validation). */
export function tolerationsErrors(tolerations: Json | undefined, path: string): FieldError[] {
  return itemsWithPaths(tolerations, path).flatMap(tolerationErrors);
}

const everyKey = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';

function tolerationErrors([toleration, path]: Placed): FieldError[] {
  const [key, operator, effect] = ['key', 'operator', 'effect'].map((field) => textOf(toleration, field));
  const errors = formedIfAny(key ?? '', `${path}.key`, labelKeyProblems);
  if (key === '' && operator !== 'Exists') errors.push(invalid(`${path}.operator`, operator, everyKey));
  if (numberAt(toleration, 'tolerationSeconds') !== undefined && effect !== 'NoExecute') {
    const why = "effect must be 'NoExecute' when `tolerationSeconds` is set";
    errors.push(invalid(`${path}.effect`, effect, why));
  }
  const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
  return [
    ...errors,
    ...toleratedErrors(operator ?? '', textOf(toleration, 'value'), `${path}.operator`),
    ...(effect === '' ? [] : choice(effect, `${path}.effect`, effects)),
  ];
}

function toleratedErrors(operator: string, value: string, path: string): FieldError[] {
  switch (operator) {
    case '':
    case 'Equal': {
      const problems = labelValueProblems(value);
      return problems.length === 0 ? [] : [invalid(path, value, problems.join(';'))];
    }
    case 'Exists':
      return value === '' ? [] : [invalid(path, value, "value must be empty when `operator` is 'Exists'")];
    case 'Lt':
    case 'Gt':
      return [notSupported(path, operator, ['Equal', 'Exists', 'Lt', 'Gt'])];
    default:
      return [notSupported(path, operator, ['Equal', 'Exists'])];
  }
}

/** What is wrong with how pods are spread (validateTopologySpreadConstraints). */
export function spreadErrors(constraints: Json | undefined, list: string): FieldError[] {
  const placed = itemsWithPaths(constraints, list);
  return placed.flatMap((constraint, index) => [
    ...constraintErrors(constraint),
    ...repeatErrors(constraint, placed.slice(index + 1)),
    ...domainErrors(constraint),
    ...['nodeAffinityPolicy', 'nodeTaintsPolicy'].flatMap((field) =>
      choice(constraint[0][field], `${constraint[1]}.${field}`, ['Honor', 'Ignore']),
    ),
    ...labelKeysErrors(constraint[0], constraint[1]),
    ...labelSelectorErrors(objectAt(constraint[0], 'labelSelector'), `${constraint[1]}.labelSelector`),
  ]);
}

const actions = ['DoNotSchedule', 'ScheduleAnyway'];

function positive(value: number, path: string): FieldError[] {
  return value > 0 ? [] : [invalid(path, value, 'must be greater than zero')];
}

function constraintErrors([constraint, path]: Placed): FieldError[] {
  return [
    ...positive(numberAt(constraint, 'maxSkew') ?? 0, `${path}.maxSkew`),
    ...given(textOf(constraint, 'topologyKey'), `${path}.topologyKey`, 'can not be empty'),
    ...choice(textOf(constraint, 'whenUnsatisfiable'), `${path}.whenUnsatisfiable`, actions),
  ];
}

function repeatErrors([constraint, path]: Placed, others: readonly Placed[]): FieldError[] {
  const [key, action] = [textOf(constraint, 'topologyKey'), textOf(constraint, 'whenUnsatisfiable')];
  const again = others.some(
    ([other]) => textOf(other, 'topologyKey') === key && textOf(other, 'whenUnsatisfiable') === action,
  );
  return again ? [duplicate(`${path}.{topologyKey, whenUnsatisfiable}`, `{${key}, ${action}}`)] : [];
}

function domainErrors([constraint, path]: Placed): FieldError[] {
  const domains = numberAt(constraint, 'minDomains');
  if (domains === undefined) return [];
  const at = `${path}.minDomains`;
  const action = textOf(constraint, 'whenUnsatisfiable');
  const errors = positive(domains, at);
  if (action === 'DoNotSchedule') return errors;
  const why = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`;
  return [...errors, invalid(at, domains, why)];
}

/** What is wrong with what keeps a pod from being scheduled. */
export function gateErrors(gates: Json | undefined, list: string): FieldError[] {
  const seen = new Set<string>();
  return itemsWithPaths(gates, list).flatMap(([gate, path]) => {
    const name = textOf(gate, 'name');
    const errors = formed(name, path, labelKeyProblems);
    if (seen.has(name)) errors.push(duplicate(path, name));
    seen.add(name);
    return errors;
  });
}

/** What of a pod's tolerations may not change: none may go, but for how long one tolerates (validateOnlyAddedTolerations). */
export function tolerationChange(pod: JsonObject, old: JsonObject, path: string): FieldError[] {
  const bare = ([toleration]: Placed) => ({ ...toleration, tolerationSeconds: undefined });
  const present = itemsWithPaths(pod['tolerations'], path).map(bare);
  const gone = itemsWithPaths(old['tolerations'], path)
    .map(bare)
    .some((toleration) => !present.some((other) => goEqual(other, toleration)));
  if (gone) return [forbidden(path, 'existing toleration can not be modified except its tolerationSeconds')];
  return tolerationsErrors(pod['tolerations'], path);
}

/** Gates of a pod may only go. */
export function gateChange(pod: JsonObject, old: JsonObject, path: string): FieldError[] {
  const before = itemsWithPaths(old['schedulingGates'], path).map(([gate]) => textAt(gate, 'name'));
  return itemsWithPaths(pod['schedulingGates'], path).flatMap(([gate, at]) => {
    const name = textOf(gate, 'name');
    if (before.includes(name)) return [];
    const why = `only deletion is allowed, but found new scheduling gate '${name}'`;
    return [forbidden(`${at}.name`, why)];
  });
}
