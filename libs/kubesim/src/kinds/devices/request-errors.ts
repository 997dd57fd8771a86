import { labelKeyProblems, labelValueProblems, subdomainProblems } from '@meridian/cel';
import { invalid, notSupported, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import type { JsonObject } from '../../json.ts';
import { itemsWithPaths, needed, oneOf } from '../validation/checks.ts';
import { formErrors, numberIn, optionalForm, textIn } from '../validation/go-fields.ts';
import { listErrors } from './device-class-errors.ts';
import { deviceSelectorErrors } from './selector-errors.ts';

const modes = ['All', 'ExactCount'];

/** What is wrong with which devices are asked for: a request for exactly these, or one of several alternatives. */
export function choiceErrors(request: JsonObject, path: string): FieldError[] {
  const name = textIn(request, 'deviceClassName');
  const at = `${path}.deviceClassName`;
  return [
    ...(name === '' ? [required(at)] : formErrors(name, at, subdomainProblems)),
    ...listErrors(request['selectors'], `${path}.selectors`, deviceSelectorErrors),
    ...countErrors(textIn(request, 'allocationMode'), numberIn(request, 'count'), path),
    ...itemsWithPaths(request['tolerations'], `${path}.tolerations`).flatMap(tolerationErrors),
  ];
}

function countErrors(mode: string, count: number, path: string): FieldError[] {
  if (mode === 'All') {
    const why = "must not be specified when allocationMode is 'All'";
    return count === 0 ? [] : [invalid(`${path}.count`, count, why)];
  }
  if (mode === 'ExactCount') {
    return count > 0 ? [] : [invalid(`${path}.count`, count, 'must be greater than zero')];
  }
  return [notSupported(`${path}.allocationMode`, mode, modes)];
}

function tolerationErrors([toleration, path]: readonly [JsonObject, string]): FieldError[] {
  const operator = textIn(toleration, 'operator');
  const value = textIn(toleration, 'value');
  const at = `${path}.value`;
  return [
    ...optionalForm(textIn(toleration, 'key'), `${path}.key`, labelKeyProblems),
    ...(operator === 'Exists' && value !== ''
      ? [invalid(at, value, 'must be empty for operator `Exists`')]
      : []),
    ...(operator === 'Equal' ? formErrors(value, at, labelValueProblems) : []),
    ...needed(operator, `${path}.operator`, ['Equal', 'Exists']),
    ...oneOf(toleration['effect'], `${path}.effect`, ['NoExecute', 'NoSchedule', 'None']),
  ];
}
