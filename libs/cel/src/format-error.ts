import type { ASTNode } from '@marcbachmann/cel-js';
import { checkedShape } from './checked-shape.ts';
import { goType, placeOf } from './compile-error.ts';
import { bracketOf } from './tree.ts';

/** What a clause of `format` takes, and what is said of other values. */
interface Clause {
  readonly types: readonly string[];
  readonly words: string;
}

const hexadecimal: Clause = {
  types: ['int', 'uint', 'string', 'bytes'],
  words: 'only integers, byte buffers, and strings can be formatted as hex',
};

const clauses: Readonly<Record<string, Clause>> = {
  s: {
    types: [
      ...['string', 'bool', 'bytes', 'int', 'uint', 'double', 'list', 'map', 'type', 'null'],
      ...['google.protobuf.Duration', 'google.protobuf.Timestamp'],
    ],
    words:
      'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
  },
  d: { types: ['int', 'uint'], words: 'decimal clause can only be used on integers' },
  f: { types: ['double'], words: 'fixed-point clause can only be used on doubles' },
  e: { types: ['double'], words: 'scientific clause can only be used on doubles' },
  b: { types: ['int', 'uint', 'bool'], words: 'only integers and bools can be formatted as binary' },
  x: hexadecimal,
  X: hexadecimal,
  o: { types: ['int', 'uint'], words: 'octal clause can only be used on integers' },
};

/** What is wrong with `'…'.format([…])` when both are written out. */
export function* formatError(node: ASTNode): Iterable<{ readonly words: string; readonly at: number }> {
  if (node.op !== 'rcall') return;
  const [, form, [given]] = node.args;
  if (form.op !== 'value' || typeof form.args !== 'string' || given?.op !== 'list') return;
  const problem = firstProblem(form.args, given.args);
  if (problem === undefined) return;
  yield { words: problem.words, at: problem.node === undefined ? bracketOf(node) : placeOf(problem.node) };
}

function firstProblem(form: string, given: readonly ASTNode[]): Problem | undefined {
  const found = [...form.matchAll(/%(?:%|(?:\.\d+)?(.?))/gs)].filter(([text]) => text !== '%%');
  for (const [index, [, letter = '']] of found.entries()) {
    const problem = clauseProblem(letter, given[index], index);
    if (problem !== undefined) return problem;
  }
  if (given.length <= found.length) return undefined;
  const [wanted, got] = [String(found.length), String(given.length)];
  return { words: `too many arguments supplied to string.format (expected ${wanted}, got ${got})` };
}

interface Problem {
  readonly words: string;
  readonly node?: ASTNode;
}

function clauseProblem(letter: string, node: ASTNode | undefined, index: number): Problem | undefined {
  if (letter === '') return { words: 'unexpected end of string' };
  if (node === undefined) return { words: `index ${String(index)} out of range` };
  const clause = Object.hasOwn(clauses, letter) ? clauses[letter] : undefined;
  if (clause === undefined) {
    return { words: `could not parse formatting clause: unrecognized formatting clause "${letter}"` };
  }
  const { name = 'dyn' } = checkedShape(node) ?? {};
  const plain = name.replace(/<.*/, '');
  if (plain === 'dyn' || clause.types.includes(plain)) return undefined;
  const shown = goType(plain === 'optional' ? 'optional_type' : plain);
  return { words: `error during formatting: ${clause.words}, was given ${shown}`, node };
}
