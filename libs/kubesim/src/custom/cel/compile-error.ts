import type { ASTNode, ParseError, TypeError as CelTypeError } from '@marcbachmann/cel-js';
import { matchesName } from './functions/string-functions.ts';

type CompileError = ParseError | CelTypeError;

/** A rule as it was compiled, when that is not as it was written, and where its places come from. */
interface Compiled {
  readonly text: string;
  readonly place: (at: number) => number;
}

/** Why a rule cannot be compiled, as cel-go says it: the place and the line beside the reason. */
export function compileErrorText(
  error: CompileError,
  rule: string,
  compiled: Compiled = { text: rule, place: (at) => at },
): string {
  const { words, at: found } = explained(error, compiled.text);
  const at = compiled.place(found);
  const before = rule.slice(0, at).split('\n');
  const column = before.at(-1)?.length ?? 0;
  const line = rule.split('\n')[before.length - 1] ?? '';
  return `ERROR: <input>:${String(before.length)}:${String(column + 1)}: ${words}\n | ${line}\n | ${'.'.repeat(column)}^`;
}

interface Explained {
  readonly words: string;
  readonly at: number;
}

function explained(error: CompileError, rule: string): Explained {
  const start = error.range?.start ?? 0;
  const summary = error.summary.replaceAll(matchesName, 'matches');
  switch (error.code) {
    case 'unknown_variable':
      return { words: `undeclared reference to '${afterColon(summary)}' (in container '')`, at: start };
    case 'no_such_key':
      return {
        words: `undefined field '${afterColon(summary)}'`,
        at: Math.max(rule.lastIndexOf('.', start), 0),
      };
    case 'no_such_overload':
      return overloadError(summary, error.node, start);
    case 'no_matching_overload':
      return callError(summary, rule, start);
    default:
      return { words: error.name === 'ParseError' ? `Syntax error: ${summary}` : summary, at: start };
  }
}

function afterColon(summary: string): string {
  return summary.slice(summary.indexOf(': ') + 2);
}

const operators = ['==', '!=', '<=', '>=', '<', '>', '+', '-', '*', '/', '%'];

/** `no such overload: int == string`, told at the operator. */
function overloadError(summary: string, node: unknown, start: number): Explained {
  const text = afterColon(summary);
  const operator = operators.find((name) => text.includes(` ${name} `));
  if (operator === undefined) return { words: `found no matching overload: ${text}`, at: start };
  const types = text.split(` ${operator} `).map(goType).join(', ');
  const words = `found no matching overload for '_${operator}_' applied to '(${types})'`;
  const left = isBinary(node) ? node.args[0].end : start;
  const input = isBinary(node) ? node.input : '';
  const at = input.indexOf(operator, left);
  return { words, at: at < 0 ? start : at };
}

type BinaryNode = Extract<ASTNode, { readonly op: '==' }>;

function isBinary(node: unknown): node is BinaryNode {
  return typeof node === 'object' && node !== null && 'args' in node && Array.isArray(node.args);
}

/** `found no matching overload for 'string.size(int)'`, told at the bracket. */
function callError(summary: string, rule: string, start: number): Explained {
  const found = /'(?:([^'(]*)\.)?([^'.(]+)\((.*)\)'$/.exec(summary);
  const [, receiver, name = '', given = ''] = found ?? [];
  const at = Math.max(rule.indexOf('(', rule.indexOf(name, start)), 0);
  const applied = receiver === undefined ? `(${goType(given)})` : `${goType(receiver)}.(${goType(given)})`;
  return { words: `found no matching overload for '${name}' applied to '${applied}'`, at };
}

function goType(name: string): string {
  return name.replaceAll('<', '(').replaceAll('>', ')');
}
