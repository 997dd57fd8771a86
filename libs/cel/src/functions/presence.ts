import type { ASTNode } from '@marcbachmann/cel-js';
import { Optional, TypeError } from '@marcbachmann/cel-js';
import type { Register } from './cel-fault.ts';
import { badMacro } from './macro.ts';
import type { CelTypeLike, Checker, Macro, MacroCall, Runner, Scope } from './macro.ts';

/** What `has` is called inside: the library's own does not look whether there is such a field. It is as long, so that places stay. */
export const hasName = 'Has';

/** Whether a field is set: `has(self.model)`. */
export function registerPresence(register: Register): void {
  register(`${hasName}(ast): bool`, ({ args, ast }: MacroCall) => new Presence(ast, args[0] ?? ast));
}

class Presence implements Macro {
  readonly #call: ASTNode;
  readonly #field: ASTNode;

  constructor(call: ASTNode, field: ASTNode) {
    this.#call = call;
    this.#field = field;
  }

  typeCheck(checker: Checker, _: Macro, scope: Scope): CelTypeLike {
    if (this.#field.op !== '.') {
      throw checker.createError(badMacro, 'invalid argument to has() macro', this.#field);
    }
    checker.check(this.#field.args[0], scope);
    this.#checkField(checker, scope);
    return checker.getType('bool');
  }

  /** That there is no such field is told at the call. */
  #checkField(checker: Checker, scope: Scope): void {
    try {
      checker.check(this.#field, scope);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw checker.createError(error.code, error.summary, this.#call);
    }
  }

  evaluate(runner: Runner, _: Macro, scope: Scope): unknown {
    if (this.#field.op !== '.') return false;
    const [node, name] = this.#field.args;
    return isSet(runner.run(node, scope), name, { runner, node: this.#field });
  }
}

function isSet(
  holder: unknown,
  name: string,
  { runner, node }: { readonly runner: Runner; readonly node: ASTNode },
): boolean {
  if (holder instanceof Optional) {
    return holder.hasValue() && isSet(holder.value(), name, { runner, node });
  }
  return runner.debugType(holder).fieldLazy(holder, name, node, runner) !== undefined;
}
