import type { Environment } from '@marcbachmann/cel-js';
import { celEnvironment } from '../../custom/cel/cel-environment.ts';
import { compileErrorText } from '../../custom/cel/compile-error.ts';
import { readableRule } from '../../custom/cel/rule-text.ts';
import { invalid, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import type { Json } from '../../json.ts';

/** What expressions of a policy see besides objects and request. */
export interface ExpressionScope {
  readonly hasParams: boolean;
  readonly hasVariables: boolean;
}

/** What an expression is for: what is said when it is missing, and what it has to come to, which is anything unless told. */
export interface ExpressionUse {
  readonly missing: string;
  readonly types: readonly string[];
}

const known = ['object', 'oldObject', 'request', 'namespaceObject', 'authorizer'];

/** Environments by what they see: making one costs more than checking an expression in it. */
const environments = new Map<string, Environment>();

/** What is wrong with an expression in CEL. Fields are not checked, for policies know the types of their objects only by name. */
export function expressionErrors(
  expression: Json | undefined,
  path: string,
  { missing, types }: ExpressionUse,
  scope: ExpressionScope,
): FieldError[] {
  if (typeof expression !== 'string' || expression.trim() === '') return [required(path, missing)];
  const { error, type = 'dyn' } = environmentOf(scope).check(readableRule(expression));
  // What else is found to be wrong may be a function of Kubernetes that is not known here.
  if (error?.name === 'ParseError' || error?.code === 'unknown_variable') {
    return [invalid(path, expression, `compilation failed: ${compileErrorText(error, expression)}`)];
  }
  return error === undefined ? typeErrors(expression, path, { type, types }) : [];
}

function typeErrors(
  expression: string,
  path: string,
  { type, types }: { readonly type: string; readonly types: readonly string[] },
): FieldError[] {
  if (type === 'dyn' || types.length === 0 || types.includes(type)) return [];
  const wanted = types.length === 1 ? types.join('') : `one of [${types.join(' ')}]`;
  return [invalid(path, expression, `must evaluate to ${wanted} but got ${type}`)];
}

function environmentOf({ hasParams, hasVariables }: ExpressionScope): Environment {
  const names = [...known, ...(hasParams ? ['params'] : []), ...(hasVariables ? ['variables'] : [])];
  const key = names.join();
  const found = environments.get(key) ?? celEnvironment();
  if (!environments.has(key)) names.forEach((name) => found.registerVariable(name, 'dyn'));
  environments.set(key, found);
  return found;
}
