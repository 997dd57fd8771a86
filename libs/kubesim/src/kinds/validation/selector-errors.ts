import { invalid, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { itemsAt, objectAt, textAt, textsAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import { labelKeyProblems, labelValueProblems } from '../names.ts';
import { parseLabelSelector } from '../../store/label-selector.ts';
import { selectorText } from '../../api/selector-text.ts';
import { itemsWithPaths } from './checks.ts';

const needValues = "must be specified when `operator` is 'In' or 'NotIn'";
const noValues = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";

/** What is wrong with a label selector (metav1/validation ValidateLabelSelector). */
function selectorErrors(selector: JsonObject, path: string): FieldError[] {
  const labels = Object.entries(textsAt(selector, 'matchLabels')).flatMap(([key, value]) => [
    ...labelKeyProblems(key).map((problem) => invalid(`${path}.matchLabels`, key, problem)),
    ...labelValueProblems(value).map((problem) => invalid(`${path}.matchLabels`, value, problem)),
  ]);
  const expressions = itemsWithPaths(selector['matchExpressions'], `${path}.matchExpressions`);
  return [...labels, ...expressions.flatMap(expressionErrors)];
}

function expressionErrors([expression, path]: readonly [JsonObject, string]): FieldError[] {
  const operator = textAt(expression, 'operator') ?? '';
  const given = Array.isArray(expression['values']) && expression['values'].length > 0;
  const key = textAt(expression, 'key') ?? '';
  const errors: FieldError[] = [];
  if (['In', 'NotIn'].includes(operator)) {
    if (!given) errors.push(required(`${path}.values`, needValues));
  } else if (!['Exists', 'DoesNotExist'].includes(operator)) {
    errors.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'));
  } else if (given) {
    errors.push({ ...invalid(`${path}.values`, '', noValues), type: 'FieldValueForbidden' });
  }
  return [...errors, ...labelKeyProblems(key).map((problem) => invalid(`${path}.key`, key, problem))];
}

/** What is wrong with a workload's selector and the labels of its template, which it has to select. */
export function selectionErrors(
  spec: JsonObject,
  { kind, labels }: { readonly kind: string; readonly labels: Json | undefined },
): FieldError[] {
  const selector = objectAt(spec, 'selector');
  if (selector === undefined) return [required('spec.selector'), unselected(labels)];
  const errors = selectorErrors(selector, 'spec.selector');
  if (Object.keys(selector).length === 0) {
    return [...errors, invalid('spec.selector', {}, `empty selector is invalid for ${kind}`)];
  }
  if (errors.length > 0) return [...errors, invalid('spec.selector', selector, whyInvalid(selector, errors))];
  const parsed = parseLabelSelector(selectorText(selector));
  return parsed.ok && !parsed.matches(textsAt(labels)) ? [unselected(labels)] : [];
}

function whyInvalid(selector: JsonObject, errors: readonly FieldError[]): string {
  const wrong = errors.some(({ field }) => field.endsWith('.operator'));
  const operator = textAt(itemsAt(selector, 'matchExpressions')[0], 'operator') ?? '';
  return wrong ? `"${operator}" is not a valid label selector operator` : 'invalid label selector';
}

function unselected(labels: Json | undefined): FieldError {
  return invalid(
    'spec.template.metadata.labels',
    labels ?? null,
    '`selector` does not match template `labels`',
  );
}
