import { ParseError } from '@marcbachmann/cel-js';
import type { ASTNode, Environment, ParseResult } from '@marcbachmann/cel-js';
import { compileErrorText } from './compile-error.ts';
import { CelFault } from './functions/cel-fault.ts';
import type { Runner, Scope } from './functions/macro.ts';
import { ownName } from './functions/own-names.ts';
import { literalErrors } from './literal-errors.ts';
import { readableRule } from './rule-text.ts';
import { everyNode, isTreeDeeperThan } from './tree.ts';
import { onlyHere, undeclaredNames } from './undeclared-names.ts';

/** An expression that is ready to be run and its type, or why it cannot be, in cel-go's words. */
export type Parsed =
  | { readonly ok: true; readonly program: ParseResult; readonly type: string }
  | { readonly ok: false; readonly message: string };

/**
 * How deep a tree may be: the library bounds brackets, but neither signs nor chains of operators. Everything that walks through
 * a tree calls itself, and the stack must suffice for that on every machine.
 */
const mostLevels = 700;
const tooDeep = `ERROR: <input>:1:1: expression recursion limit exceeded: ${mostLevels}`;

/**
 * Reads and checks an expression as a real server does. This is how expressions get what the library alone does not give:
 * conversions of Go, literals that are looked at when they are written, and errors that are told in Go's order.
 * @param extra Names that only some expressions of Kubernetes may use: `cel` and `bind`.
 */
export function parseExpression(
  environment: Environment,
  expression: string,
  extra: ReadonlySet<string> = new Set(),
): Parsed {
  const program = parse(environment, readableRule(expression));
  if (program instanceof ParseError) return { ok: false, message: compileErrorText(program, expression) };
  if (!program) return { ok: false, message: tooDeep };
  const nodes = [...everyNode(program.ast)];
  const isOdd = nodes.some((node) => onlyHere.has(nameOf(node)) && !extra.has(nameOf(node)));
  const unknown = () => undeclaredNames(program.ast, expression, environment);
  const odd = isOdd ? unknown() : undefined;
  if (odd !== undefined) return { ok: false, message: odd };
  nodes.forEach(renameCall);
  const { error, type = 'dyn' } = program.check();
  if (error !== undefined) return { ok: false, message: unknown() ?? compileErrorText(error, expression) };
  const wrong = literalErrors(program.ast, expression);
  if (wrong.length > 0) return { ok: false, message: wrong.join('\n') };
  nodes.forEach(tellLeftFirst);
  return { ok: true, program, type };
}

/** What a variable or function is called. */
function nameOf(node: ASTNode): string {
  if (node.op === 'id') return node.args;
  return node.op === 'call' || node.op === 'rcall' ? node.args[0] : '';
}

/** Undefined for what nests too deeply, so deeply even that the library cannot read it. */
function parse(environment: Environment, expression: string): ParseResult | ParseError | undefined {
  try {
    const program = environment.parse(expression);
    return isTreeDeeperThan(program.ast, mostLevels) ? undefined : program;
  } catch (error) {
    if (error instanceof ParseError) return error;
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function renameCall(node: ASTNode): void {
  if (node.op === 'call' || node.op === 'rcall') node.args[0] = ownName(node.args[0]);
}

/** When both sides fail, the left one is told; the library tells the right one. */
function tellLeftFirst(node: ASTNode): void {
  if (node.op !== '||' && node.op !== '&&') return;
  const deciding = node.op === '||';
  const [left, right] = node.args;
  const evaluate = (runner: Runner, _: ASTNode, scope: Scope): boolean => {
    const first = runner.tryEval(left, scope);
    if (first === deciding) return deciding;
    const second = runner.tryEval(right, scope);
    if (second === deciding) return deciding;
    for (const side of [first, second]) {
      if (side instanceof Error) throw side;
      if (typeof side !== 'boolean') throw new CelFault('no such overload');
    }
    return !deciding;
  };
  Object.assign(node, { evaluate });
}
