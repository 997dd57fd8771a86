import type { Environment } from '@marcbachmann/cel-js';
import { celEnvironment, errorText, LazyVariables, parseExpression } from '@meridian/cel';
import { authorizerType, registerAuthorizer } from './authorizer.ts';
import { checkedComposer, declareTypes } from './composed.ts';
import { registerPatches } from './patch-functions.ts';
import { readLiterals } from './read-literals.ts';
import type { ReadLiterals } from './read-literals.ts';
import { namespaceType, registerRequestTypes, requestType } from './request-types.ts';

/** What an expression of a policy may see besides objects and request. */
export interface ExpressionScope {
  readonly hasParams: boolean;
  readonly hasAuthorizer: boolean;
  /** The types of the variables that may be used, by name; undefined where there are none. */
  readonly variables: ReadonlyMap<string, string> | undefined;
  /** Whether objects and patches can be composed. */
  readonly isMutation: boolean;
}

/** The type of an expression, or why it has none. */
export type Checked =
  { readonly ok: true; readonly type: string } | { readonly ok: false; readonly message: string };

/** Checks an expression by type, as a real server does before it stores a policy. */
export function checkExpression(expression: string, scope: ExpressionScope): Checked {
  if (!scope.isMutation) return parsedBy(environmentOf(scope, new Set()), expression);
  const read = readLiterals(expression, checkedComposer);
  const parsed = parsedBy(environmentOf(scope, read.types), read.text);
  return parsed.ok ? parsed : { ok: false, message: placed(parsed.message, read, expression) };
}

function parsedBy(environment: Environment, text: string): Checked {
  const parsed = parseExpression(environment, text);
  return parsed.ok ? parsed : { ok: false, message: `compilation failed: ${parsed.message}` };
}

const findings = /ERROR: <input>:(\d+):(\d+): ([^]*?)\n \| .*\n \| \.*\^/g;

/** Findings in an expression as it was read, told where they are in the expression as it was written. */
function placed(message: string, { text, place }: ReadLiterals, expression: string): string {
  const lines = text.split('\n');
  return message.replaceAll(findings, (_, line: string, column: string, words: string) => {
    const before = lines.slice(0, Number(line) - 1).reduce((length, one) => length + one.length + 1, 0);
    return errorText(words, place(before + Number(column) - 1), expression);
  });
}

/** Environments by what they see: making one costs more than checking an expression in it. */
const environments = new Map<string, Environment>();

function environmentOf(scope: ExpressionScope, types: ReadonlySet<string>): Environment {
  const { variables, hasParams, hasAuthorizer, isMutation } = scope;
  const key = JSON.stringify([hasParams, hasAuthorizer, isMutation]);
  const base = environments.get(key) ?? makeEnvironment(scope);
  environments.set(key, base);
  if (types.size === 0 && variables === undefined) return base;
  const own = base.clone();
  declareTypes(own, types);
  if (variables !== undefined) {
    const fields = Object.fromEntries(variables);
    own.registerType('kubernetes.variables', { ctor: LazyVariables, fields });
    own.registerVariable('variables', 'kubernetes.variables');
  }
  return own;
}

function makeEnvironment({ hasParams, hasAuthorizer, isMutation }: ExpressionScope): Environment {
  const made = celEnvironment();
  registerRequestTypes(made);
  made.registerVariable('object', 'dyn').registerVariable('oldObject', 'dyn');
  made.registerVariable('request', requestType).registerVariable('namespaceObject', namespaceType);
  if (hasParams) made.registerVariable('params', 'dyn');
  registerAuthorizer(made);
  if (hasAuthorizer) made.registerVariable('authorizer', authorizerType);
  if (isMutation) registerPatches(made);
  return made;
}
