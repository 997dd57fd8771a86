import { nearest } from '../problem.ts';
import { jqTokens, JqProblem } from './jq-tokens.ts';
import type { JqToken } from './jq-tokens.ts';
import { givesPlaces, jqFunctions } from './jq-tree.ts';
import type { JqFunction, JqSign, JqTree } from './jq-tree.ts';

const longest = 1_024;
const deepest = 20;

/** How many of `..` and `recurse` an expression may have: each multiplies what is looked at. */
const mostDescents = 2;

/**
 * Parses an expression of jq that names places of an object: fields, indexes, `[]`, `..`, `|`, `,`, `//`, `select` and what its
 * conditions need. There are no definitions, loops, variables and arithmetic, so that every expression ends. Throws JqProblem.
 */
export function parseJq(text: string): JqTree {
  if (text.length > longest) throw new JqProblem(`it is longer than ${longest} characters`, longest + 1);
  const tree = new Parser(jqTokens(text)).whole();
  if (!givesPlaces(tree))
    throw new JqProblem('it gives a value, not a place', 1, 'end it with the field that is meant');
  return tree;
}

type Binary = 'pipe' | 'comma' | 'alternative' | 'or' | 'and';

/** From the weakest to the strongest. */
const levels: readonly { readonly op: Binary; readonly sign: string }[] = [
  { op: 'pipe', sign: '|' },
  { op: 'comma', sign: ',' },
  { op: 'alternative', sign: '//' },
  { op: 'or', sign: 'or' },
  { op: 'and', sign: 'and' },
];

const signs: ReadonlySet<string> = new Set<JqSign>(['==', '!=', '<', '<=', '>', '>=']);
const isSign = (text: string): text is JqSign => signs.has(text);
const isFunction = (name: string): name is JqFunction => Object.hasOwn(jqFunctions, name);

const here: JqTree = { op: 'here' };

class Parser {
  readonly #tokens: readonly JqToken[];
  #at = 0;
  #depth = 0;
  #descents = 0;

  constructor(tokens: readonly JqToken[]) {
    this.#tokens = tokens;
  }

  whole(): JqTree {
    const tree = this.#expression();
    if (this.#token.kind !== 'end') throw this.#unexpected();
    return tree;
  }

  get #token(): JqToken {
    return this.#tokens[this.#at] ?? { kind: 'end', text: 'its end', column: 1 };
  }

  #isNext(text: string): boolean {
    const { kind } = this.#token;
    return (kind === 'sign' || kind === 'word') && this.#token.text === text;
  }

  #took(text: string): boolean {
    const isNext = this.#isNext(text);
    if (isNext) this.#at += 1;
    return isNext;
  }

  #take(text: string): void {
    if (!this.#took(text)) throw this.#unexpected(`${text} is missing`);
  }

  #unexpected(message?: string): JqProblem {
    const { text, column } = this.#token;
    return new JqProblem(message ?? `${text} is not expected here`, column);
  }

  /** What may stand in brackets and parentheses; the one place where expressions nest. */
  #expression(): JqTree {
    this.#depth += 1;
    if (this.#depth > deepest) throw this.#unexpected(`it is nested deeper than ${deepest}`);
    const tree = this.#binary(0);
    this.#depth -= 1;
    return tree;
  }

  #binary(level: number): JqTree {
    const next = levels[level];
    if (!next) return this.#comparison();
    let left = this.#binary(level + 1);
    while (this.#took(next.sign)) left = { op: next.op, left, right: this.#binary(level + 1) };
    return left;
  }

  #comparison(): JqTree {
    const left = this.#postfix();
    const { kind, text } = this.#token;
    if (kind !== 'sign' || !isSign(text)) return left;
    this.#at += 1;
    return { op: 'compare', sign: text, left, right: this.#postfix() };
  }

  #postfix(): JqTree {
    let tree = this.#term();
    for (;;) {
      const next = this.#suffix(tree);
      if (!next) return tree;
      tree = next;
    }
  }

  /** What follows a term; undefined when nothing does. What does not fit is passed over anyway, so `?` changes nothing. */
  #suffix(of: JqTree): JqTree | undefined {
    const { kind, text } = this.#token;
    if (kind === 'field') {
      this.#at += 1;
      return { op: 'field', of, key: { op: 'value', value: text } };
    }
    if (this.#took('?')) return of;
    if (this.#isNext('[')) return this.#bracket(of);
    if (!this.#isNext('.')) return undefined;
    this.#at += 1;
    return this.#afterDot(of);
  }

  #afterDot(of: JqTree): JqTree {
    const { kind, text } = this.#token;
    if (this.#isNext('[')) return this.#bracket(of);
    if (kind !== 'text') throw this.#unexpected('a field is missing after the dot');
    this.#at += 1;
    return { op: 'field', of, key: { op: 'value', value: text } };
  }

  #bracket(of: JqTree): JqTree {
    this.#take('[');
    if (this.#took(']')) return { op: 'each', of };
    const key = this.#expression();
    if (this.#isNext(':'))
      throw new JqProblem('slices are not understood', this.#token.column, 'name the indexes');
    this.#take(']');
    return { op: 'field', of, key };
  }

  #term(): JqTree {
    const token = this.#token;
    this.#at += 1;
    switch (token.kind) {
      case 'field':
        return { op: 'field', of: here, key: { op: 'value', value: token.text } };
      case 'text':
        return { op: 'value', value: token.text };
      case 'number':
        return { op: 'value', value: Number(token.text) };
      case 'word':
        return this.#word(token);
      case 'sign':
      case 'end':
        return this.#sign(token);
    }
  }

  #sign(token: JqToken): JqTree {
    if (token.text === '.' && token.kind === 'sign') {
      if (this.#token.kind === 'text') return this.#afterDot(here);
      return here;
    }
    if (token.text === '..') return this.#descent(token, { op: 'below' });
    if (token.text === '(') {
      const tree = this.#expression();
      this.#take(')');
      return tree;
    }
    this.#at -= 1;
    throw this.#unexpected();
  }

  #descent({ column }: JqToken, tree: JqTree): JqTree {
    this.#descents += 1;
    if (this.#descents > mostDescents)
      throw new JqProblem(
        `.. stands in it more than ${mostDescents} times`,
        column,
        'name the fields between',
      );
    return tree;
  }

  #word(token: JqToken): JqTree {
    const { text, column } = token;
    if (text === 'true' || text === 'false') return { op: 'value', value: text === 'true' };
    if (text === 'null') return { op: 'value', value: null };
    if (!isFunction(text)) throw unknownFunction(text, column);
    const args: JqTree[] = [];
    if (this.#took('(')) {
      args.push(this.#expression());
      this.#take(')');
    }
    const counts: readonly number[] = jqFunctions[text];
    if (!counts.includes(args.length))
      throw new JqProblem(
        `${text} takes ${counts.join(' or ')} ${counts.includes(1) && counts.length === 1 ? 'argument' : 'arguments'}`,
        column,
      );
    const call: JqTree = { op: 'call', name: text, args };
    return text === 'recurse' ? this.#descent(token, call) : call;
  }
}

function unknownFunction(name: string, column: number): JqProblem {
  const instead: { readonly [name: string]: string } = {
    del: 'name the place alone, without del',
    map: 'write .[] | … instead',
    test: 'use startswith, endswith or contains',
    match: 'use startswith, endswith or contains',
    to_entries: 'write .["key"], or .[keys[] | select(startswith("…"))]',
    with_entries: 'write .["key"], or .[keys[] | select(startswith("…"))]',
    paths: 'write .. instead',
  };
  const known = Object.keys(jqFunctions);
  const meant = nearest(name, known);
  const fix = meant === undefined ? `known are ${known.join(', ')}` : `did you mean ${meant}?`;
  return new JqProblem(
    `${name} is not understood`,
    column,
    Object.hasOwn(instead, name) ? instead[name] : fix,
  );
}
