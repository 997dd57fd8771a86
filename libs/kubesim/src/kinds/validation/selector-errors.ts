import { labelKeyProblems, labelValueProblems } from '@meridian/cel';
import { forbidden, GoText, invalid, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { goInternalText } from '../../schema/go-internal.ts';
import { itemsAt, objectAt, textAt, textsAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import { labelErrors } from '../metadata.ts';
import { parseLabelSelector } from '../../store/label-selector.ts';
import { selectorText } from '../../api/selector-text.ts';
import { itemsWithPaths } from './checks.ts';
import { wordsOf } from './pod/forms.ts';

const needValues = "must be specified when `operator` is 'In' or 'NotIn'";
const noValues = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";

/** What is wrong with a label selector (metav1/validation ValidateLabelSelector); nothing when there is none. */
export function labelSelectorErrors(selector: JsonObject | undefined, path: string): FieldError[] {
  const expressions = itemsWithPaths(selector?.['matchExpressions'], `${path}.matchExpressions`);
  return [
    ...labelErrors(textsAt(selector, 'matchLabels'), `${path}.matchLabels`),
    ...expressions.flatMap(expressionErrors),
  ];
}

function expressionErrors([expression, path]: readonly [JsonObject, string]): FieldError[] {
  const operator = textAt(expression, 'operator') ?? '';
  const values = wordsOf(expression, 'values');
  const key = textAt(expression, 'key') ?? '';
  return [
    ...operatorErrors(operator, path, values.length),
    ...labelKeyProblems(key).map((problem) => invalid(`${path}.key`, key, problem)),
    ...values.flatMap((value, index) =>
      labelValueProblems(value).map((problem) => invalid(`${path}.values[${String(index)}]`, value, problem)),
    ),
  ];
}

function operatorErrors(operator: string, path: string, count: number): FieldError[] {
  if (['In', 'NotIn'].includes(operator)) {
    return count === 0 ? [required(`${path}.values`, needValues)] : [];
  }
  if (['Exists', 'DoesNotExist'].includes(operator)) {
    return count === 0 ? [] : [forbidden(`${path}.values`, noValues)];
  }
  return [invalid(`${path}.operator`, operator, 'not a valid selector operator')];
}

/** A selector as an error shows it. */
export function shownSelector(selector: JsonObject): GoText {
  return new GoText(goInternalText(selector, 'v1.LabelSelector'));
}

/** Whether a selector says nothing. */
export function selectsAll(selector: JsonObject): boolean {
  const labels = Object.keys(objectAt(selector, 'matchLabels') ?? {});
  return labels.length === 0 && itemsAt(selector, 'matchExpressions').length === 0;
}

/** Whether a selector can be used at all: its keys, operators and values are known. */
export function isUsable(selector: JsonObject): boolean {
  return labelSelectorErrors(selector, '').length === 0;
}

/** Whether a usable selector selects labels. */
export function selects(selector: JsonObject, labels: Json | undefined): boolean {
  const parsed = parseLabelSelector(selectorText(selector));
  return parsed.ok && parsed.matches(textsAt(labels));
}

interface Selection {
  /** What an empty selector is refused for. */
  readonly kind: string;
  /** What is said of a selector that cannot be used. */
  readonly unusable: string;
  readonly labels: Json | undefined;
}

/** What is wrong with a workload's selector and the labels of its template, which it has to select. */
export function selectionErrors(spec: JsonObject, { kind, unusable, labels }: Selection): FieldError[] {
  const selector = objectAt(spec, 'selector');
  if (selector === undefined) return [required('spec.selector'), unselected(labels)];
  const errors = labelSelectorErrors(selector, 'spec.selector');
  const shown = shownSelector(selector);
  if (selectsAll(selector))
    return [...errors, invalid('spec.selector', shown, `empty selector is invalid for ${kind}`)];
  if (!isUsable(selector)) return [...errors, invalid('spec.selector', shown, unusable)];
  return selects(selector, labels) ? errors : [...errors, unselected(labels)];
}

/** The labels of a template are not those that its workload selects. */
export function unselected(labels: Json | undefined, path = 'spec'): FieldError {
  const why = '`selector` does not match template `labels`';
  return invalid(`${path}.template.metadata.labels`, labels ?? null, why);
}
