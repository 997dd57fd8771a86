import type { ASTNode } from '@marcbachmann/cel-js';
import { CelFault } from './cel-fault.ts';
import type { Register } from './cel-fault.ts';
import { compare } from './list-functions.ts';
import type { Ordered } from './list-functions.ts';
import { variableName } from './macro.ts';
import type { CelTypeLike, Checker, Macro, MacroCall, Runner, Scope } from './macro.ts';

/** Sorts by what an expression makes of each item: `self.sortBy(item, item.weight)`. */
export function registerSortBy(register: Register): void {
  register('list.sortBy(ast, ast): dyn', (call: MacroCall) => new SortBy(call));
}

class SortBy implements Macro {
  readonly #call: MacroCall;
  #inside: Scope | undefined;

  constructor(call: MacroCall) {
    this.#call = call;
  }

  get #key(): ASTNode {
    return this.#call.args[1] ?? this.#call.ast;
  }

  typeCheck(checker: Checker, _: Macro, scope: Scope): CelTypeLike {
    const list = checker.check(this.#call.receiver, scope);
    const words =
      'sortBy can only be applied to a list, identifier, comprehension, call or select expression';
    const name = variableName(this.#call.args[0] ?? this.#call.ast, checker, words);
    this.#inside = scope.forkWithVariable(name, list.valueType ?? checker.getType('dyn'));
    checker.check(this.#key, this.#inside);
    return list;
  }

  evaluate(runner: Runner, _: Macro, scope: Scope): unknown {
    const list = runner.run(this.#call.receiver, scope);
    if (!Array.isArray(list)) throw new CelFault('no such overload');
    const keyed = list.map((item: unknown) => ({ item, key: this.#keyOf(item, runner, scope) }));
    return keyed.sort((a, b) => compare(a.key, b.key)).map(({ item }) => item);
  }

  #keyOf(item: unknown, runner: Runner, scope: Scope): Ordered {
    const inside = this.#inside?.reuse(scope).setIterValue(item, runner);
    const key = inside === undefined ? undefined : runner.run(this.#key, inside);
    if (isOrdered(key)) return key;
    throw new CelFault('list elements must be comparable');
  }
}

function isOrdered(value: unknown): value is Ordered {
  return ['bigint', 'number', 'string', 'boolean'].includes(typeof value) || value instanceof Date;
}
