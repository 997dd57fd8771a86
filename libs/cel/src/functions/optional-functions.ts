import { isDeepStrictEqual } from 'node:util';
import { Optional } from '@marcbachmann/cel-js';
import type { ASTNode, Environment } from '@marcbachmann/cel-js';
import type { Register } from './cel-fault.ts';
import { variableName } from './macro.ts';
import type { CelTypeLike, Checker, Macro, MacroCall, Runner, Scope } from './macro.ts';

/** Optional values beyond those of the library: `self.?a.optMap(v, v + 1)`, `self.first()`, `optional.unwrap([…])`. */
export function registerOptionals(environment: Environment, register: Register): void {
  register('optional.optMap(ast, ast): dyn', (call: MacroCall) => new OptionalMacro(call, 'optMap'));
  register('optional.optFlatMap(ast, ast): dyn', (call: MacroCall) => new OptionalMacro(call, 'optFlatMap'));
  register('OptionalNamespace.ofNonZeroValue(T): optional<T>', (_: unknown, value: unknown) =>
    isZero(value) ? Optional.none() : Optional.of(value),
  );
  register('list<T>.first(): optional<T>', (list: unknown[]) => optionalOf(list[0]));
  register('list<T>.last(): optional<T>', (list: unknown[]) => optionalOf(list.at(-1)));
  register('list<optional<T>>.unwrapOpt(): list<T>', unwrapped);
  register('OptionalNamespace.unwrap(list<optional<T>>): list<T>', (_: unknown, list: Optional[]) =>
    unwrapped(list),
  );
  environment.registerOperator('optional<T> == optional<T>', (a: Optional, b: Optional) =>
    a.hasValue() && b.hasValue() ? isDeepStrictEqual(a.value(), b.value()) : a.hasValue() === b.hasValue(),
  );
}

function optionalOf(value: unknown): Optional {
  return value === undefined ? Optional.none() : Optional.of(value);
}

function unwrapped(list: readonly Optional[]): unknown[] {
  return list.filter((item) => item.hasValue()).map((item) => item.value());
}

function isZero(value: unknown): boolean {
  if (value === null || value === 0n || value === 0 || value === '' || value === false) return true;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length === 0;
  return value instanceof Map && value.size === 0;
}

/** Works with a value when there is one; `optFlatMap` has an optional result already. */
class OptionalMacro implements Macro {
  readonly #call: MacroCall;
  readonly #name: 'optMap' | 'optFlatMap';
  #inside: Scope | undefined;

  constructor(call: MacroCall, name: 'optMap' | 'optFlatMap') {
    this.#call = call;
    this.#name = name;
  }

  get #work(): ASTNode {
    return this.#call.args[1] ?? this.#call.ast;
  }

  typeCheck(checker: Checker, _: Macro, scope: Scope): CelTypeLike {
    const target = checker.check(this.#call.receiver, scope);
    const words = `${this.#name}() variable name must be a simple identifier`;
    const name = variableName(this.#call.args[0] ?? this.#call.ast, checker, words);
    this.#inside = scope.forkWithVariable(name, target.valueType ?? checker.getType('dyn'));
    const type = checker.check(this.#work, this.#inside);
    return this.#name === 'optMap' ? checker.registry.getOptionalType(type) : type;
  }

  evaluate(runner: Runner, _: Macro, scope: Scope): unknown {
    const target = runner.run(this.#call.receiver, scope);
    if (!(target instanceof Optional) || !target.hasValue() || this.#inside === undefined)
      return Optional.none();
    const result = runner.run(this.#work, this.#inside.reuse(scope).setIterValue(target.value(), runner));
    return this.#name === 'optMap' ? Optional.of(result) : result;
  }
}
