import type { ASTNode } from '@marcbachmann/cel-js';
import { errorText, goType, placeOf } from './compile-error.ts';
import { checkedShape } from './checked-shape.ts';
import { formatError } from './format-error.ts';
import { isTime, nanosecondsOf } from './functions/conversions.ts';
import { ownName } from './functions/own-names.ts';
import { isPattern, matchesName } from './functions/string-functions.ts';
import { childrenOf } from './tree.ts';

/** What is wrong with the literals of an expression that was checked, in cel-go's words. */
export function literalErrors(tree: ASTNode, expression: string): string[] {
  const found: Wrong[] = [...within(tree, false)];
  return found.sort((a, b) => a.at - b.at).map(({ words, at }) => errorText(words, at, expression));
}

interface Wrong {
  readonly words: string;
  readonly at: number;
}

function* within(node: ASTNode, isFormatted: boolean): Iterable<Wrong> {
  yield* wrongText(node);
  if (!isFormatted) yield* mixed(node);
  const formats = node.op === 'rcall' && node.args[0] === 'format';
  if (formats) yield* formatError(node);
  for (const child of childrenOf(node)) yield* within(child, isFormatted || formats);
}

function* wrongText(node: ASTNode): Iterable<Wrong> {
  if (node.op !== 'call' && node.op !== 'rcall') return;
  const [given] = node.op === 'call' ? node.args[1] : node.args[2];
  const test = Object.hasOwn(texts, node.args[0]) ? texts[node.args[0]] : undefined;
  if (test === undefined || given?.op !== 'value' || typeof given.args !== 'string') return;
  if (!test.holds(given.args)) yield { words: `invalid ${test.name} argument`, at: given.start };
}

const texts: Readonly<Record<string, { readonly name: string; readonly holds: (text: string) => boolean }>> =
  {
    [ownName('duration')]: { name: 'duration', holds: (text) => nanosecondsOf(text) !== undefined },
    [ownName('timestamp')]: { name: 'timestamp', holds: isTime },
    [matchesName]: { name: 'matches', holds: isPattern },
  };

/** Members of lists and maps that are written out must be of one type, but for what is formatted. */
function* mixed(node: ASTNode): Iterable<Wrong> {
  if (node.op === 'list') yield* different(node.args);
  if (node.op !== 'map') return;
  yield* different(node.args.map(([key]) => key));
  yield* different(node.args.map(([, value]) => value));
}

function* different(nodes: readonly ASTNode[]): Iterable<Wrong> {
  const [first, ...others] = nodes.map((node) => ({ node, type: nameOf(node) }));
  for (const { node, type } of others) {
    if (first === undefined || isOpen(first) || isOpen({ node, type }) || type === first.type) continue;
    yield { words: `expected type '${goType(first.type)}' but found '${goType(type)}'`, at: placeOf(node) };
    return;
  }
}

function nameOf(node: ASTNode): string {
  return checkedShape(node)?.name ?? 'dyn';
}

/** Whether a real server may know the type better: of empty lists and maps, and of values of any type that were worked out. */
function isOpen({ node, type }: { readonly node: ASTNode; readonly type: string }): boolean {
  return type === 'dyn' ? !isRead(node) : /\b(?:dyn|[A-Z])\b/.test(type);
}

/** Whether a value is only read off a variable. Those of a policy have types of their own. */
function isRead(node: ASTNode): boolean {
  if (node.op === 'id') return node.args !== 'variables';
  return (node.op === '.' || node.op === '[]') && isRead(node.args[0]);
}
