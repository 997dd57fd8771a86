import { invalid, notSupported, required } from '../errors/field-error.ts';
import type { FieldError } from '../errors/field-error.ts';
import { isObject, itemsAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { followPath } from './field-path.ts';
import { unstructuralBecause } from './unstructural.ts';

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];

/** What is wrong with the rules of a schema before they are compiled. */
export function ruleTextErrors(schema: JsonObject, path: string): FieldError[] {
  return itemsAt(schema, 'x-kubernetes-validations').flatMap((rule, index) => {
    if (!isObject(rule)) return [];
    const at = `${path}.x-kubernetes-validations[${String(index)}]`;
    return [...wordErrors(rule, at), ...expressionErrors(rule, at), ...fieldPathErrors(rule, schema, at)];
  });
}

const newline = /[\n\r]/;

function wordErrors(rule: JsonObject, path: string): FieldError[] {
  const [given = '', message = ''] = ['rule', 'message'].map((name) => textAt(rule, name));
  if (given.trim() === '') return [required(`${path}.rule`, 'rule is not specified')];
  const at = `${path}.message`;
  if (message !== '' && message.trim() === '')
    return [invalid(at, message, 'must be non-empty if specified')];
  if (newline.test(message.trim())) return [invalid(at, message, 'must not contain line breaks')];
  if (newline.test(given.trim()) && message === '') {
    return [required(at, 'message must be specified if rule contains line breaks')];
  }
  return [];
}

function expressionErrors(rule: JsonObject, path: string): FieldError[] {
  const expression = textAt(rule, 'messageExpression') ?? '';
  const reason = textAt(rule, 'reason');
  return [
    ...(expression !== '' && expression.trim() === ''
      ? [required(`${path}.messageExpression`, 'messageExpression must be non-empty if specified')]
      : []),
    ...(reason === undefined || reasons.includes(reason)
      ? []
      : [notSupported(`${path}.reason`, reason, reasons)]),
  ];
}

function fieldPathErrors(rule: JsonObject, schema: JsonObject, path: string): FieldError[] {
  const given = textAt(rule, 'fieldPath') ?? '';
  if (given === '') return [];
  const at = `${path}.fieldPath`;
  const leadsSomewhere = unstructuralBecause(schema) !== undefined || followPath(given, schema, true).ok;
  return [
    ...(given.trim() === '' ? [invalid(at, given, 'must be non-empty if specified')] : []),
    ...(newline.test(given) ? [invalid(at, given, 'must not contain line breaks')] : []),
    ...(leadsSomewhere ? [] : [invalid(at, given, 'must be a valid path')]),
  ];
}

/** What is wrong with the rules of a schema when they are compiled; rules may look back only at what can be told apart. */
export function ruleErrors(
  _schema: JsonObject,
  _at: { readonly path: string; readonly uncorrelatable: string | undefined },
): FieldError[] {
  return [];
}
