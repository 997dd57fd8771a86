import type { ASTNode } from '@marcbachmann/cel-js';

/** A type as the library's checker has it. */
export interface CelTypeLike {
  readonly kind: string;
  readonly name: string;
  readonly keyType?: CelTypeLike;
  readonly valueType?: CelTypeLike;
}

/** The variables that an expression sees, while it is checked and while it is run. */
export interface Scope {
  forkWithVariable(name: string, type: CelTypeLike): Scope;
  reuse(around: Scope): Scope;
  setIterValue(value: unknown, runner: Runner): Scope;
}

/** What the library lends to a macro while an expression is checked. */
export interface Checker {
  check(node: ASTNode, scope: Scope): CelTypeLike;
  getType(name: string): CelTypeLike;
  createError(code: string, message: string, node: ASTNode): Error;
  readonly registry: {
    getListType(member: CelTypeLike): CelTypeLike;
    getMapType(key: CelTypeLike, value: CelTypeLike): CelTypeLike;
    getOptionalType(value: CelTypeLike): CelTypeLike;
  };
}

/** What the library lends to a macro while an expression is run. */
export interface Runner {
  run(node: ASTNode, scope: Scope): unknown;
  /** The value, or the error that was thrown. */
  tryEval(node: ASTNode, scope: Scope): unknown;
  debugType(value: unknown): {
    fieldLazy(holder: unknown, name: string, node: ASTNode, runner: Runner): unknown;
  };
}

/** The call of a macro. */
export interface MacroCall {
  readonly ast: ASTNode;
  readonly args: readonly ASTNode[];
  readonly receiver: ASTNode;
}

/** What a macro is to the library. */
export interface Macro {
  typeCheck(checker: Checker, macro: Macro, scope: Scope): CelTypeLike;
  evaluate(runner: Runner, macro: Macro, scope: Scope): unknown;
}

/** The code of errors that say in cel-go's words why a macro cannot be used so. */
export const badMacro = 'bad_macro';

/** The name of a variable of a macro. Throws an error of the checker when the argument is none. */
export function variableName(node: ASTNode, checker: Checker, words: string): string {
  if (node.op === 'id') return node.args;
  throw checker.createError(badMacro, words, node);
}
