import { dnsLabelProblems, labelKeyProblems, labelValueProblems, subdomainProblems } from '@meridian/cel';
import { forbidden, invalid, required } from '../../../errors/field-error.ts';
import type { FieldError } from '../../../errors/field-error.ts';
import { numberAt, objectAt, textAt } from '../../../json.ts';
import type { JsonObject } from '../../../json.ts';
import { itemsWithPaths } from '../checks.ts';
import { labelSelectorErrors } from '../selector-errors.ts';
import { formed, given, partOf, textOf, wordsOf } from './forms.ts';
import type { Placed } from './forms.ts';
import { labelKeysErrors } from './label-keys-errors.ts';

const needed = 'requiredDuringSchedulingIgnoredDuringExecution';
const wished = 'preferredDuringSchedulingIgnoredDuringExecution';

/** What is wrong with where a pod wants to be (validateAffinity of pkg/apis/core/validation). */
export function affinityErrors(affinity: JsonObject | undefined, path: string): FieldError[] {
  return [
    ...nodeErrors(partOf(affinity ?? {}, 'nodeAffinity'), `${path}.nodeAffinity`),
    ...['podAffinity', 'podAntiAffinity'].flatMap((field) =>
      podErrors(partOf(affinity ?? {}, field), `${path}.${field}`),
    ),
  ];
}

function nodeErrors(affinity: JsonObject, path: string): FieldError[] {
  const selector = objectAt(affinity, needed);
  return [
    ...(selector === undefined ? [] : nodeSelectorErrors(selector, `${path}.${needed}.nodeSelectorTerms`)),
    ...itemsWithPaths(affinity[wished], `${path}.${wished}`).flatMap(([term, at]) => [
      ...weightErrors(term, at),
      ...nodeTermErrors([partOf(term, 'preference'), `${at}.preference`], true),
    ]),
  ];
}

function nodeSelectorErrors(selector: JsonObject, path: string): FieldError[] {
  const terms = itemsWithPaths(selector['nodeSelectorTerms'], path);
  if (terms.length === 0) return [required(path, 'must have at least one node selector term')];
  return terms.flatMap((term) => nodeTermErrors(term, false));
}

function weightErrors(term: JsonObject, path: string): FieldError[] {
  const weight = numberAt(term, 'weight') ?? 0;
  return weight > 0 && weight <= 100 ? [] : [invalid(`${path}.weight`, weight, 'must be in the range 1-100')];
}

/** Wishes may name values that no node can have, because they are only wishes. */
function nodeTermErrors([term, path]: Placed, isWish: boolean): FieldError[] {
  return [
    ...itemsWithPaths(term['matchExpressions'], `${path}.matchExpressions`).flatMap((expression) =>
      expressionErrors(expression, isWish),
    ),
    ...itemsWithPaths(term['matchFields'], `${path}.matchFields`).flatMap(fieldErrors),
  ];
}

function expressionErrors([expression, path]: Placed, isWish: boolean): FieldError[] {
  const values = wordsOf(expression, 'values');
  return [
    ...operatorErrors(textOf(expression, 'operator'), values, path),
    ...formed(textOf(expression, 'key'), `${path}.key`, labelKeyProblems),
    ...(isWish
      ? []
      : values.flatMap((value, index) =>
          formed(value, `${path}.values[${String(index)}]`, labelValueProblems),
        )),
  ];
}

function operatorErrors(operator: string, values: readonly string[], path: string): FieldError[] {
  const at = `${path}.values`;
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length > 0 ? [] : [required(at, "must be specified when `operator` is 'In' or 'NotIn'")];
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0
        ? []
        : [forbidden(at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
    case 'Gt':
    case 'Lt':
      return values.length === 1
        ? []
        : [required(at, "must be specified single value when `operator` is 'Lt' or 'Gt'")];
    default:
      return [invalid(`${path}.operator`, operator, 'not a valid selector operator')];
  }
}

function fieldErrors([requirement, path]: Placed): FieldError[] {
  const [operator, key] = [textOf(requirement, 'operator'), textOf(requirement, 'key')];
  const values = wordsOf(requirement, 'values');
  const errors: FieldError[] = [];
  if (operator !== 'In' && operator !== 'NotIn') {
    errors.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'));
  } else if (values.length !== 1) {
    const why = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
    errors.push(required(`${path}.values`, why));
  }
  if (key !== 'metadata.name') {
    return [...errors, invalid(`${path}.key`, key, 'not a valid field selector key')];
  }
  const names = values.flatMap((value, index) =>
    formed(value, `${path}.values[${String(index)}]`, subdomainProblems),
  );
  return [...errors, ...names];
}

function podErrors(affinity: JsonObject, path: string): FieldError[] {
  return [
    ...itemsWithPaths(affinity[needed], `${path}.${needed}`).flatMap(podTermErrors),
    ...itemsWithPaths(affinity[wished], `${path}.${wished}`).flatMap(([term, at]) => [
      ...weightErrors(term, at),
      ...podTermErrors([partOf(term, 'podAffinityTerm'), `${at}.podAffinityTerm`]),
    ]),
  ];
}

function podTermErrors([term, path]: Placed): FieldError[] {
  const topology = textAt(term, 'topologyKey') ?? '';
  return [
    ...labelSelectorErrors(objectAt(term, 'labelSelector'), `${path}.labelSelector`),
    ...labelSelectorErrors(objectAt(term, 'namespaceSelector'), `${path}.namespaceSelector`),
    ...wordsOf(term, 'namespaces').flatMap((name) => formed(name, `${path}.namespace`, dnsLabelProblems)),
    ...labelKeysErrors(term, path),
    ...given(topology, `${path}.topologyKey`, 'can not be empty'),
    ...formed(topology, `${path}.topologyKey`, labelKeyProblems),
  ];
}
