import { checkExpression } from '../../admission/policies/cel/check-expression.ts';
import type { ExpressionScope } from '../../admission/policies/cel/check-expression.ts';
import { invalid, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { memberOf } from '../../json.ts';
import type { Json } from '../../json.ts';

/** What an expression is for: what is said when it is missing, and what it has to come to, which is anything unless told. */
export interface ExpressionUse {
  readonly missing: string;
  readonly types: readonly string[];
}

/** What checking an expression found: its type, and what is wrong with it. */
export interface CheckedExpression {
  readonly type: string;
  readonly errors: readonly FieldError[];
}

/** Checks an expression in CEL by type, as far as types are known: those of objects are not. */
export function checkedExpression(
  expression: Json | undefined,
  path: string,
  { missing, types }: ExpressionUse,
  scope: ExpressionScope,
): CheckedExpression {
  if (typeof expression !== 'string' || expression.trim() === '') {
    return { type: 'dyn', errors: [required(path, missing)] };
  }
  const checked = checkExpression(expression, scope);
  if (!checked.ok) return { type: 'dyn', errors: [invalid(path, expression, checked.message)] };
  return { type: checked.type, errors: typeErrors(expression, path, { type: checked.type, types }) };
}

/** What is wrong with an expression in CEL. */
export function expressionErrors(
  expression: Json | undefined,
  path: string,
  use: ExpressionUse,
  scope: ExpressionScope,
): readonly FieldError[] {
  return checkedExpression(expression, path, use, scope).errors;
}

function typeErrors(
  expression: string,
  path: string,
  { type, types }: { readonly type: string; readonly types: readonly string[] },
): FieldError[] {
  if (types.length === 0 || types.includes(type)) return [];
  const wanted = types.length === 1 ? goType(types.join('')) : `one of [${types.map(goType).join(' ')}]`;
  return [invalid(path, expression, `must evaluate to ${wanted} but got ${goType(type)}`)];
}

const goTypes: Readonly<Record<string, string>> = {
  null: 'null_type',
  list: 'list<dyn>',
  'list<T>': 'list<dyn>',
  map: 'map<dyn, dyn>',
};

/** A type as cel-go writes it: `list(string)`. */
function goType(name: string): string {
  const whole = memberOf(goTypes, name) ?? name;
  return whole.replaceAll('<', '(').replaceAll('>', ')');
}
