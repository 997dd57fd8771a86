import { labelKeyProblems } from '@meridian/cel';
import { duplicate, invalid, notSupported, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { isObject, itemsAt, textsAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { itemsWithPaths, oneOf } from '../validation/checks.ts';
import { textsOf } from '../services/spec.ts';
import { formErrors, textIn } from '../validation/go-fields.ts';

const bindingModes = ['Immediate', 'WaitForFirstConsumer'];

/** What is wrong with a class of storage that is new. */
export function storageClassErrors(storageClass: KubeObject): FieldError[] {
  const provisioner = textIn(storageClass, 'provisioner');
  const mode = textIn(storageClass, 'volumeBindingMode');
  return [
    ...(provisioner === '' ? [required('provisioner')] : []),
    ...(provisioner === ''
      ? []
      : labelKeyProblems(provisioner.toLowerCase()).map((why) =>
          invalid('provisioner', provisioner.toLowerCase(), why),
        )),
    ...Object.keys(textsAt(storageClass, 'parameters'))
      .filter((key) => key === '')
      .map((key) => invalid('parameters', key, 'field can not be empty.')),
    ...oneOf(storageClass['reclaimPolicy'], 'reclaimPolicy', ['Delete', 'Retain']),
    ...(bindingModes.includes(mode) ? [] : [notSupported('volumeBindingMode', mode, bindingModes)]),
    ...topologiesErrors(storageClass),
  ];
}

function topologiesErrors(storageClass: KubeObject): FieldError[] {
  const terms = itemsWithPaths(storageClass['allowedTopologies'], 'allowedTopologies');
  const seen: string[] = [];
  return terms.flatMap(([term, at]) => {
    const path = `${at}.matchLabelExpressions`;
    const shown = shownTerm(term);
    // The real server counts a term that says nothing as often as there are terms.
    const times = seen.filter((one) => one === shown).length + (shown === '' ? terms.length : 0);
    seen.push(shown);
    return [...termErrors(term, path), ...Array.from({ length: times }, () => duplicate(path, ''))];
  });
}

function shownTerm(term: JsonObject): string {
  const expressions = itemsAt(term, 'matchLabelExpressions').filter(isObject);
  return expressions
    .map((expression) => `${textIn(expression, 'key')}=${textsOf(expression, 'values').toSorted().join()}`)
    .sort()
    .join(';');
}

function termErrors(term: JsonObject, path: string): FieldError[] {
  const keys = new Set<string>();
  return itemsWithPaths(term['matchLabelExpressions'], path).flatMap(([expression, at]) => {
    const key = textIn(expression, 'key');
    const again = keys.has(key) ? [duplicate(`${at}.key`, key)] : [];
    keys.add(key);
    const values = itemsAt(expression, 'values');
    return [
      ...(values.length === 0 ? [required(`${at}.values`)] : []),
      ...values.flatMap((value, index) =>
        values.indexOf(value) < index ? [duplicate(`${at}.values[${String(index)}]`, value)] : [],
      ),
      ...formErrors(key, `${at}.key`, labelKeyProblems),
      ...again,
    ];
  });
}
