import { ParseError, TypeError as CelTypeError } from '@marcbachmann/cel-js';
import type { Environment, ParseResult } from '@marcbachmann/cel-js';
import { celEnvironment, CelFault, evaluationErrorText, LazyVariables, parseExpression } from '@meridian/cel';
import type { Outcome } from '../../../custom/cel/compile-rules.ts';
import { authorizerType, registerAuthorizer } from './authorizer.ts';
import { composer, registerComposer } from './composed.ts';
import { registerPatches } from './patch-functions.ts';
import { readLiterals } from './read-literals.ts';

/** What expressions see, by name: `object`, `request`, `variables`. */
export type Seen = Readonly<Record<string, unknown>>;

/** An expression that is ready to be evaluated. */
export interface Expression {
  readonly text: string;
  /** What it comes to. Throws CelFault, or what the library throws. */
  evaluate(seen: Seen): unknown;
  /** What it comes to, or what went wrong in the words of a real server. */
  run(seen: Seen): Outcome<unknown>;
}

/** Readies an expression of an admission policy or of a condition of a webhook. It was checked when it was stored. */
export function expressionOf(text: string): Expression {
  let program: ParseResult | undefined;
  const evaluate = (seen: Seen): unknown => {
    program ??= programOf(text);
    return program(seen);
  };
  return { text, evaluate, run: (seen) => outcomeOf(text, () => evaluate(seen)) };
}

function programOf(text: string): ParseResult {
  const parsed = parseExpression(openEnvironment(), readLiterals(text, () => composer).text);
  if (parsed.ok) return parsed.program;
  throw new CelFault(`compilation failed: ${parsed.message}`);
}

function outcomeOf(text: string, evaluate: () => unknown): Outcome<unknown> {
  try {
    return { ok: true, value: evaluate() };
  } catch (error) {
    return { ok: false, message: `expression '${text}' resulted in error: ${faultText(error)}` };
  }
}

/** What went wrong in an expression. Throws what is no fault of one. */
export function faultText(error: unknown): string {
  if (error instanceof ParseError || error instanceof CelTypeError) return error.summary;
  return evaluationErrorText(error);
}

let environment: Environment | undefined;

/** Types are checked when expressions are stored; where they run, all but the functions is of any type. */
function openEnvironment(): Environment {
  environment ??= makeEnvironment();
  return environment;
}

function makeEnvironment(): Environment {
  const made = celEnvironment();
  registerAuthorizer(made);
  registerComposer(made);
  registerPatches(made);
  made.registerType('kubernetes.variables', { ctor: LazyVariables });
  made.registerVariable('variables', 'kubernetes.variables');
  made.registerVariable('authorizer', authorizerType);
  for (const name of ['object', 'oldObject', 'request', 'namespaceObject', 'params']) {
    made.registerVariable(name, 'dyn');
  }
  return made;
}
