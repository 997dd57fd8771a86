import type { ASTNode, ParseError, TypeError as CelTypeError } from '@marcbachmann/cel-js';
import { checkedShape } from './checked-shape.ts';
import { badMacro } from './functions/macro.ts';
import { withWrittenNames } from './functions/own-names.ts';
import { hasName } from './functions/presence.ts';
import { matchesName } from './functions/string-functions.ts';
import { bracketOf } from './tree.ts';

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
  const { words, at } = explained(error, compiled.text);
  return errorText(words, compiled.place(at), rule);
}

/** Words about a place of a rule, with the line that it is in. */
export function errorText(words: string, at: number, rule: string): string {
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
  const summary = withWrittenNames(
    error.summary.replaceAll(matchesName, 'matches').replaceAll(new RegExp(`\\b${hasName}\\(`, 'g'), 'has('),
  );
  const explain = Object.hasOwn(explanations, error.code) ? explanations[error.code] : undefined;
  if (explain !== undefined) return explain({ summary, start, rule, node: error.node });
  return { words: error.name === 'ParseError' ? `Syntax error: ${summary}` : summary, at: start };
}

interface Reason {
  readonly summary: string;
  readonly start: number;
  readonly rule: string;
  readonly node: unknown;
}

const explanations: Readonly<Record<string, (reason: Reason) => Explained>> = {
  unknown_variable: ({ summary, start }) => ({ words: undeclared(afterColon(summary)), at: start }),
  no_such_key: ({ summary, start, rule, node }) => ({
    words: `undefined field '${afterColon(summary)}'`,
    at: isNode(node) && node.op === 'call' ? bracketOf(node) : Math.max(rule.lastIndexOf('.', start), 0),
  }),
  no_such_overload: overloadError,
  no_matching_overload: callError,
  [badMacro]: ({ summary, node, start, rule }) => ({ words: summary, at: dotOf(node, rule) ?? start }),
  invalid_macro_argument: ({ summary, node, start, rule }) => ({
    words: macroWords(summary),
    at: dotOf(node, rule) ?? start,
  }),
  cannot_index_type: accessError,
  invalid_index_type: accessError,
  invalid_logical_operand: operandError,
  invalid_condition_type: conditionError,
  incompatible_ternary_branches: conditionError,
  invalid_comprehension_range: ({ summary, start }) => ({
    words: goType(`e${summary.slice(1, -1)}`),
    at: start,
  }),
};

/** What has no fields or no index. */
function accessError({ summary, node, start, rule }: Reason): Explained {
  if (!isNode(node)) return { words: summary, at: start };
  if (node.op === 'call') {
    const [field] = node.args[1];
    return { ...accessError({ summary, node: field, start, rule }), at: bracketOf(node) };
  }
  if (node.op === '.' || node.op === '.?') {
    const words = `type '${typeOf(node.args[0])}' does not support field selection`;
    return { words, at: dotOf(node, rule) ?? start };
  }
  if (node.op !== '[]' && node.op !== '[?]') return { words: summary, at: start };
  const [holder, index] = node.args;
  const words = `found no matching overload for '_[_]' applied to '(${typeOf(holder)}, ${typeOf(index)})'`;
  return { words, at: rule.indexOf('[', holder.end) };
}

/** The side that is neither true nor false. */
function operandError({ summary, node, start }: Reason): Explained {
  if (!isNode(node) || (node.op !== '&&' && node.op !== '||')) return { words: summary, at: start };
  const wrong = node.args.find((side) => !['bool', 'dyn'].includes(typeOf(side)));
  if (wrong === undefined) return { words: summary, at: start };
  return { words: `expected type 'bool' but found '${typeOf(wrong)}'`, at: placeOf(wrong) };
}

/** A choice by what is neither true nor false, or between types; tests of macros are choices inside. */
function conditionError({ summary, node, start, rule }: Reason): Explained {
  if (!isNode(node) || node.op !== '?:') {
    const found = /got '(.*)'$/.exec(summary)?.[1] ?? '';
    return {
      words: `expected type 'bool' but found '${goType(found)}'`,
      at: isNode(node) ? placeOf(node) : start,
    };
  }
  const types = node.args.map(typeOf).join(', ');
  const words = `found no matching overload for '_?_:_' applied to '(${types})'`;
  return { words, at: rule.indexOf('?', node.args[0].end) };
}

function typeOf(node: ASTNode): string {
  return goType(checkedShape(node)?.name ?? 'dyn');
}

/** Where cel-go has an expression: calls at their bracket, operators where they stand, fields at their dot. */
export function placeOf(node: ASTNode): number {
  if (node.op === 'call' || node.op === 'rcall') return bracketOf(node);
  if (node.op === '.') return dotOf(node, node.input) ?? node.start;
  return node.start;
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}

/** What is said of a name that nobody declared. */
export function undeclared(name: string): string {
  return `undeclared reference to '${name}' (in container '')`;
}

function macroWords(summary: string): string {
  if (summary.startsWith('has()')) return 'invalid argument to has() macro';
  const isMapping = summary.startsWith('map(') || summary.startsWith('filter(');
  return isMapping ? 'argument is not an identifier' : 'argument must be a simple name';
}

/** The selection of a field stands where its dot is. */
function dotOf(node: unknown, rule: string): number | undefined {
  const isSelection =
    typeof node === 'object' && node !== null && 'op' in node && (node.op === '.' || node.op === '.?');
  if (!isSelection || !('pos' in node) || typeof node.pos !== 'number') return undefined;
  return rule.lastIndexOf('.', node.pos - 1);
}

function afterColon(summary: string): string {
  return summary.slice(summary.indexOf(': ') + 2);
}

const operators = ['==', '!=', '<=', '>=', '<', '>', '+', '-', '*', '/', '%', 'in'];

/** `no such overload: int == string`, told at the operator. */
function overloadError({ summary, node, start }: Reason): Explained {
  const text = afterColon(summary);
  const operator = operators.find((name) => text.includes(` ${name} `));
  if (operator === undefined) {
    const words = `found no matching overload for '${text.slice(0, 1)}_' applied to '(${goType(text.slice(1))})'`;
    return { words, at: start };
  }
  const types = text.split(` ${operator} `).map(goType).join(', ');
  const called = operator === 'in' ? '@in' : `_${operator}_`;
  const words = `found no matching overload for '${called}' applied to '(${types})'`;
  const left = isBinary(node) ? node.args[0].end : start;
  const input = isBinary(node) ? node.input : '';
  const at = input.indexOf(operator, left);
  return { words, at: at < 0 ? start : at };
}

type BinaryNode = Extract<ASTNode, { readonly op: '==' }>;

function isBinary(node: unknown): node is BinaryNode {
  return typeof node === 'object' && node !== null && 'args' in node && Array.isArray(node.args);
}

const namespace = /^([A-Z][a-z]+)Namespace$/;

/** `found no matching overload for 'string.size(int)'`, told at the bracket. */
function callError({ summary, rule, start, node }: Reason): Explained {
  const found = /'(?:([^'(]*)\.)?([^'.(]+)\((.*)\)'$/.exec(summary);
  const [, receiver, name = '', given = ''] = found ?? [];
  const at = Math.max(rule.indexOf('(', rule.indexOf(name, start)), 0);
  const holder = namespace.exec(receiver ?? '')?.[1]?.toLowerCase();
  const types = `(${goType(given)})`;
  const applied =
    receiver === undefined || holder !== undefined ? types : `${receiverType(node, receiver)}.${types}`;
  const called = holder === undefined ? name : `${holder}.${name}`;
  return { words: `found no matching overload for '${called}' applied to '${applied}'`, at };
}

/** The library drops what a receiver holds. */
function receiverType(node: unknown, told: string): string {
  const receiver = isCall(node) ? node.args[1] : undefined;
  return goType((receiver === undefined ? undefined : checkedShape(receiver)?.name) ?? told);
}

type CallNode = Extract<ASTNode, { readonly op: 'rcall' }>;

function isCall(node: unknown): node is CallNode {
  return typeof node === 'object' && node !== null && 'op' in node && node.op === 'rcall';
}

const goNames: Readonly<Record<string, string>> = {
  'google.protobuf.Duration': 'duration',
  'google.protobuf.Timestamp': 'timestamp',
  optional: 'optional_type',
};

/** The name of a type as cel-go has it. */
export function goType(name: string): string {
  return name
    .replaceAll('<', '(')
    .replaceAll('>', ')')
    .replaceAll(
      /google\.protobuf\.(?:Duration|Timestamp)|\boptional(?=\()/g,
      (found) => goNames[found] ?? found,
    );
}
