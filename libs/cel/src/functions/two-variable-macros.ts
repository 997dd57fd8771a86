import type { ASTNode } from '@marcbachmann/cel-js';
import { CelFault } from './cel-fault.ts';
import type { Register } from './cel-fault.ts';
import { badMacro, variableName } from './macro.ts';
import type { CelTypeLike, Checker, Macro, MacroCall, Runner, Scope } from './macro.ts';

/** One step: runs an expression with both variables set; `try` gives what was thrown instead of throwing it. */
interface Step {
  run(node: ASTNode): unknown;
  try(node: ASTNode): unknown;
  readonly key: unknown;
}

/** What a macro makes of the expressions after its variables. */
interface Kind {
  readonly type: (checker: Checker, found: readonly CelTypeLike[], range: CelTypeLike) => CelTypeLike;
  readonly run: (steps: Iterable<Step>, given: readonly ASTNode[]) => unknown;
}

/** Macros over index and value of lists, or key and value of maps: `self.all(i, v, v > i)`, `transformMap` and their like. */
export function registerTwoVariableMacros(register: Register): void {
  const add = (name: string, expressions: number, kind: Kind) => {
    const given = Array.from({ length: expressions + 2 }, () => 'ast').join(', ');
    register(`list.${name}(${given}): dyn`, (call: MacroCall) => new TwoVariableMacro(call, kind));
  };
  add('all', 1, { type: bool, run: all });
  add('exists', 1, { type: bool, run: exists });
  add('existsOne', 1, { type: bool, run: existsOne });
  add('exists_one', 1, { type: bool, run: existsOne });
  for (const expressions of [1, 2]) {
    add('transformList', expressions, { type: listOf, run: toList });
    add('transformMap', expressions, { type: mapOf, run: toMap });
    add('transformMapEntry', expressions, { type: (_, found) => found.at(-1) ?? unknown, run: toEntries });
  }
}

const unknown: CelTypeLike = { kind: 'dyn', name: 'dyn' };

class TwoVariableMacro implements Macro {
  readonly #call: MacroCall;
  readonly #kind: Kind;
  readonly #given: readonly ASTNode[];
  #outer: Scope | undefined;
  #inner: Scope | undefined;

  constructor(call: MacroCall, kind: Kind) {
    this.#call = call;
    this.#kind = kind;
    this.#given = call.args.slice(2);
  }

  typeCheck(checker: Checker, _: Macro, scope: Scope): CelTypeLike {
    const range = checker.check(this.#call.receiver, scope);
    const [first, second] = this.#names(checker);
    const isList = range.kind === 'list';
    const key = isList ? checker.getType('int') : (range.keyType ?? checker.getType('dyn'));
    this.#outer = scope.forkWithVariable(first, range.kind === 'dyn' ? checker.getType('dyn') : key);
    this.#inner = this.#outer.forkWithVariable(second, range.valueType ?? checker.getType('dyn'));
    const inner = this.#inner;
    const found = this.#given.map((node) => checker.check(node, inner));
    return this.#kind.type(checker, found, range);
  }

  #names(checker: Checker): readonly [string, string] {
    const [first, second] = this.#call.args.map((node, index) =>
      index < 2 ? variableName(node, checker, 'argument must be a simple name') : '',
    );
    const [, node] = this.#call.args;
    if (first === second && node !== undefined) {
      throw checker.createError(badMacro, `duplicate variable name: ${first ?? ''}`, node);
    }
    return [first ?? '', second ?? ''];
  }

  evaluate(runner: Runner, _: Macro, scope: Scope): unknown {
    const range = runner.run(this.#call.receiver, scope);
    return this.#kind.run(this.#steps(range, runner, scope), this.#given);
  }

  *#steps(range: unknown, runner: Runner, scope: Scope): Iterable<Step> {
    for (const [key, value] of entriesOf(range)) {
      const outer = this.#outer?.reuse(scope).setIterValue(key, runner);
      const inner = outer === undefined ? undefined : this.#inner?.reuse(outer).setIterValue(value, runner);
      if (inner === undefined) return;
      yield { key, run: (node) => runner.run(node, inner), try: (node) => runner.tryEval(node, inner) };
    }
  }
}

function entriesOf(range: unknown): Iterable<readonly [unknown, unknown]> {
  if (Array.isArray(range)) return range.map((value: unknown, index) => [BigInt(index), value] as const);
  if (range instanceof Map) return range.entries();
  if (typeof range === 'object' && range !== null) return Object.entries(range);
  throw new CelFault('no such overload');
}

function bool(checker: Checker): CelTypeLike {
  return checker.getType('bool');
}

function listOf(checker: Checker, found: readonly CelTypeLike[]): CelTypeLike {
  return checker.registry.getListType(found.at(-1) ?? unknown);
}

function mapOf(checker: Checker, found: readonly CelTypeLike[], range: CelTypeLike): CelTypeLike {
  const key = range.kind === 'list' ? checker.getType('int') : (range.keyType ?? checker.getType('dyn'));
  return checker.registry.getMapType(key, found.at(-1) ?? unknown);
}

/** An error counts only when no other step decides. */
function decided(steps: Iterable<Step>, [test]: readonly ASTNode[], by: boolean): boolean {
  let error: unknown;
  for (const step of steps) {
    const outcome = test === undefined ? !by : step.try(test);
    if (outcome === by) return by;
    if (outcome !== !by) error ??= outcome;
  }
  if (error instanceof Error) throw error;
  if (error !== undefined) throw new CelFault('no such overload');
  return !by;
}

function all(steps: Iterable<Step>, given: readonly ASTNode[]): boolean {
  return decided(steps, given, false);
}

function exists(steps: Iterable<Step>, given: readonly ASTNode[]): boolean {
  return decided(steps, given, true);
}

function existsOne(steps: Iterable<Step>, [test]: readonly ASTNode[]): boolean {
  let count = 0;
  for (const step of steps) if (test !== undefined && holds(step, test)) count += 1;
  return count === 1;
}

function holds(step: Step, test: ASTNode): boolean {
  const outcome = step.run(test);
  if (typeof outcome !== 'boolean') throw new CelFault('no such overload');
  return outcome;
}

/** What the last expression comes to in those steps that the one before it, when there is one, lets pass. */
function* transformed(
  steps: Iterable<Step>,
  given: readonly ASTNode[],
): Iterable<readonly [key: unknown, value: unknown]> {
  const transform = given.at(-1);
  const test = given.length > 1 ? given[0] : undefined;
  for (const step of steps) {
    if (transform === undefined || (test !== undefined && !holds(step, test))) continue;
    yield [step.key, step.run(transform)];
  }
}

function toList(steps: Iterable<Step>, given: readonly ASTNode[]): unknown[] {
  return [...transformed(steps, given)].map(([, value]) => value);
}

function toMap(steps: Iterable<Step>, given: readonly ASTNode[]): Map<unknown, unknown> {
  return new Map(transformed(steps, given));
}

function toEntries(steps: Iterable<Step>, given: readonly ASTNode[]): Map<unknown, unknown> {
  const made = new Map<unknown, unknown>();
  for (const [, entries] of transformed(steps, given)) {
    for (const [key, value] of entriesOf(entries)) {
      if (made.has(key)) throw new CelFault(`insert failed: key ${String(key)} already exists`);
      made.set(key, value);
    }
  }
  return made;
}
