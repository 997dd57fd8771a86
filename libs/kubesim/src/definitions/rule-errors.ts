import { compiledRules } from '../custom/cel/compile-rules.ts';
import type { CompiledRule } from '../custom/cel/compile-rules.ts';
import { readCustomSchema } from '../custom/custom-schema.ts';
import { GoText, invalid, notSupported, required } from '../errors/field-error.ts';
import type { FieldError } from '../errors/field-error.ts';
import { isObject, itemsAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { followPath } from './field-path.ts';
import { goRule } from './go-form.ts';
import { budgetErrors, costOfUses } from './rule-budget.ts';
import type { ExpressionCost } from './rule-budget.ts';
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

/** Where the rules of a schema stand. */
export interface RulePlace {
  readonly path: string;
  /** Whether values are objects of the API. */
  readonly isResource: boolean;
  /** The outermost schema whose values cannot be told from each other over time, so that rules may not look back. */
  readonly uncorrelatable: string | undefined;
  /** How many values of the schema one object can hold; undefined when nothing limits them. */
  readonly mostValues: bigint | undefined;
  /** Whether each rule is held to what it may cost. */
  readonly holdsToBudget: boolean;
}

/** What was found about rules. */
export interface RulesFound {
  readonly errors: readonly FieldError[];
  readonly costs: readonly ExpressionCost[];
}

/** What is wrong with the rules of a schema when they are compiled, and what they may cost. */
export function ruleErrors(schema: JsonObject, place: RulePlace): RulesFound {
  const given = itemsAt(schema, 'x-kubernetes-validations');
  if (given.length === 0) return { errors: [], costs: [] };
  const found = compiledRules(readCustomSchema(schema), place.isResource).flatMap((compiled, index) => {
    const rule = given[index];
    const at = `${place.path}.x-kubernetes-validations[${String(index)}]`;
    return isObject(rule) ? [oneRule(compiled, rule, { ...place, path: at })] : [];
  });
  return {
    errors: found.flatMap(({ errors }) => errors),
    costs: found.flatMap(({ costs }) => costs),
  };
}

function oneRule(compiled: CompiledRule, rule: JsonObject, place: RulePlace): RulesFound {
  const { path } = place;
  const { error, messageError } = compiled;
  const shown = new GoText(goRule(rule));
  const reckoned = compiled.costs();
  const cost = { path: `${path}.rule`, cost: costOfUses(reckoned, place.mostValues) };
  const message = { path: `${path}.messageExpression`, cost: reckoned.message };
  const over = (what: string, one: ExpressionCost) => (place.holdsToBudget ? budgetErrors(what, one) : []);
  const errors = [
    ...over('rule', cost),
    ...(error === undefined ? [] : [invalid(`${path}.rule`, shown, error)]),
    ...(messageError === undefined
      ? over('messageExpression', message)
      : [invalid(`${path}.messageExpression`, shown, messageError)]),
    ...lookingBack(compiled, rule, place),
  ];
  return { errors, costs: [cost, message] };
}

function lookingBack(
  { error, looksBack }: CompiledRule,
  rule: JsonObject,
  { path, uncorrelatable }: RulePlace,
): FieldError[] {
  const uses = error === undefined && looksBack;
  const optional = rule['optionalOldSelf'];
  return [
    ...(uses && uncorrelatable !== undefined
      ? [invalid(`${path}.rule`, textAt(rule, 'rule') ?? '', `${uncorrelatableWords} ${uncorrelatable}`)]
      : []),
    ...(uses || optional === undefined
      ? []
      : [invalid(`${path}.optionalOldSelf`, optional, 'may not be set if oldSelf is not used in rule')]),
  ];
}

const uncorrelatableWords = 'oldSelf cannot be used on the uncorrelatable portion of the schema within';
