import type { ASTNode, Environment } from '@marcbachmann/cel-js';
import { errorText, undeclared } from './compile-error.ts';
import { macroVariables } from './macro-variables.ts';
import { writtenName } from './functions/own-names.ts';
import { bracketOf, childrenOf } from './tree.ts';

/** A name that nobody declared, and where it is told: variables where they stand, functions at their bracket. */
interface Unknown {
  readonly name: string;
  readonly at: number;
}

/** Functions that a real server knows everywhere, though only policies have something to call them on. */
const ofAuthorizers = [
  ...['path', 'group', 'serviceAccount', 'resource', 'subresource', 'namespace', 'name', 'check'],
  ...['allowed', 'reason', 'errored', 'error', 'fieldSelector', 'labelSelector', 'jsonpatch'],
];

/** Names that the library knows and a real server does not. */
export const onlyHere: ReadonlySet<string> = new Set(['cel', 'bind', 'json', 'hex', 'base64', 'at']);

/** All names of an expression that nobody declared, told as a real server tells them; undefined when there are none. */
export function undeclaredNames(
  tree: ASTNode,
  expression: string,
  environment: Environment,
): string | undefined {
  const functions = new Set(environment.getDefinitions().functions.map(({ name }) => name));
  for (const name of ofAuthorizers) functions.add(name);
  const isKnown: Known = {
    variable: (name) => environment.hasVariable(name) && !onlyHere.has(name),
    call: (name) => functions.has(name) && !onlyHere.has(name),
  };
  const found = [...unknownNames(tree, new Set(), isKnown)].sort((a, b) => a.at - b.at);
  if (found.length === 0) return undefined;
  return found.map(({ name, at }) => errorText(undeclared(name), at, expression)).join('\n');
}

interface Known {
  readonly variable: (name: string) => boolean;
  readonly call: (name: string) => boolean;
}

function* unknownNames(node: ASTNode, locals: ReadonlySet<string>, known: Known): Iterable<Unknown> {
  if (node.op === 'id') {
    if (!locals.has(node.args) && !known.variable(node.args)) yield { name: node.args, at: node.start };
    return;
  }
  if (node.op === 'call' || node.op === 'rcall') {
    const [name] = node.args;
    if (!known.call(name)) yield { name: writtenName(name), at: bracketOf(node) };
  }
  yield* inside(node, locals, known);
}

function* inside(node: ASTNode, locals: ReadonlySet<string>, known: Known): Iterable<Unknown> {
  if (node.op !== 'rcall') {
    for (const child of childrenOf(node)) yield* unknownNames(child, locals, known);
    return;
  }
  const [name, receiver, given] = node.args;
  yield* unknownNames(receiver, locals, known);
  const count = macroVariables(name, given.length) ?? 0;
  const own = given.slice(0, count).map((variable) => (variable.op === 'id' ? variable.args : ''));
  const all = new Set([...locals, ...own]);
  for (const child of given.slice(count)) yield* unknownNames(child, all, known);
}
