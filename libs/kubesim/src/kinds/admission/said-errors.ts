import { labelKeyProblems } from '@meridian/cel';
import type { ExpressionScope } from '../../admission/policies/cel/check-expression.ts';
import { duplicate, invalid, required, tooMany } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { textAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import { itemsWithPaths, oneOf } from '../validation/checks.ts';
import { checkedExpression, expressionErrors } from './expressions.ts';
import type { ExpressionUse } from './expressions.ts';

const unsaid = 'expression is not specified';
const use = {
  condition: { missing: '', types: ['bool'] },
  validation: { missing: unsaid, types: ['bool'] },
  variable: { missing: unsaid, types: [] },
  message: { missing: '', types: ['string'] },
  annotation: { missing: 'valueExpression is not specified', types: ['string', 'null'] },
  configuration: { missing: '', types: ['Object'] },
  patch: { missing: '', types: ['list<JSONPatch>'] },
} satisfies Record<string, ExpressionUse>;

const mostConditions = 64;

/** What is wrong with the conditions under which a policy is followed or a webhook is called. */
export function conditionErrors(list: Json | undefined, path: string, scope: ExpressionScope): FieldError[] {
  const conditions = itemsWithPaths(list, path);
  const over = conditions.length > mostConditions ? [tooMany(path, conditions.length, mostConditions)] : [];
  const names = conditions.map(([condition]) => textAt(condition, 'name') ?? '');
  const errors = conditions.flatMap(([condition, at], index) => {
    const name = names[index] ?? '';
    const isRepeated = name !== '' && names.indexOf(name) < index;
    return [
      ...expressionErrors(textAt(condition, 'expression')?.trim(), `${at}.expression`, use.condition, scope),
      ...(name === '' ? [required(`${at}.name`)] : qualifiedErrors(name, `${at}.name`)),
      ...(isRepeated ? [duplicate(`${at}.name`, name)] : []),
    ];
  });
  return [...over, ...errors];
}

function qualifiedErrors(name: string, path: string): FieldError[] {
  return labelKeyProblems(name).map((problem) => invalid(path, name, problem));
}

function isBlank(text: Json | undefined): boolean {
  return typeof text !== 'string' || text.trim() === '';
}

/** The variables of a policy: the type of each, for what may use them, and what is wrong with them. */
export function checkedVariables(
  spec: JsonObject,
  scope: ExpressionScope,
): { readonly types: ReadonlyMap<string, string>; readonly errors: readonly FieldError[] } {
  const types = new Map<string, string>();
  const errors = itemsWithPaths(spec['variables'], 'spec.variables').flatMap(([variable, path]) => {
    const name = textAt(variable, 'name') ?? '';
    const isIdentifier = /^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name);
    // A variable sees those before it.
    const visible = { ...scope, variables: new Map(types) };
    const checked = checkedExpression(variable['expression'], `${path}.expression`, use.variable, visible);
    if (isIdentifier) types.set(name, checked.type);
    return [
      ...(isBlank(name) ? [required(`${path}.name`, 'name is not specified')] : []),
      ...(isBlank(name) || isIdentifier
        ? []
        : [invalid(`${path}.name`, name, 'must be a valid CEL identifier')]),
      ...checked.errors,
    ];
  });
  return { types, errors };
}

const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];

/** What is wrong with what a policy asks of objects. */
export function validationErrors(spec: JsonObject, scope: ExpressionScope): FieldError[] {
  return itemsWithPaths(spec['validations'], 'spec.validations').flatMap(([validation, path]) => {
    const message = textAt(validation, 'message') ?? '';
    const isBroken = /[\n\r]/.test(message.trim());
    return [
      ...expressionErrors(validation['expression'], `${path}.expression`, use.validation, scope),
      ...computedErrors(textAt(validation, 'messageExpression') ?? '', `${path}.messageExpression`, scope),
      ...blankErrors(message, `${path}.message`),
      ...(isBroken ? [invalid(`${path}.message`, message, 'must not contain line breaks')] : []),
      ...oneOf(validation['reason'], `${path}.reason`, reasons),
    ];
  });
}

function computedErrors(message: string, path: string, scope: ExpressionScope): readonly FieldError[] {
  if (isBlank(message)) return blankErrors(message, path);
  return expressionErrors(message, path, use.message, { ...scope, hasAuthorizer: false });
}

function blankErrors(text: string, path: string): FieldError[] {
  return text !== '' && isBlank(text) ? [invalid(path, text, 'must be non-empty if specified')] : [];
}

/** What is wrong with what a policy of a name notes in the audit log. */
export function annotationErrors(spec: JsonObject, policy: string, scope: ExpressionScope): FieldError[] {
  const annotations = itemsWithPaths(spec['auditAnnotations'], 'spec.auditAnnotations');
  const keys = annotations.map(([annotation]) => textAt(annotation, 'key') ?? '');
  return annotations.flatMap(([annotation, path], index) => {
    const key = keys[index] ?? '';
    return [
      ...qualifiedErrors(`${policy}/${key}`, `${path}.key`),
      ...expressionErrors(annotation['valueExpression'], `${path}.valueExpression`, use.annotation, scope),
      ...(keys.indexOf(key) < index ? [duplicate(`${path}.key`, key)] : []),
    ];
  });
}

/** What is wrong with what a mutation computes: an object to be applied, or patches. */
export function computationErrors(
  said: JsonObject,
  path: string,
  kind: 'configuration' | 'patch',
  scope: ExpressionScope,
): readonly FieldError[] {
  const expression = textAt(said, 'expression')?.trim();
  return expressionErrors(expression, `${path}.expression`, use[kind], { ...scope, isMutation: true });
}
