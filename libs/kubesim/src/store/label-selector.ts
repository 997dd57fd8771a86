import { labelKeyProblems, labelValueProblems } from '@meridian/cel';

/** Labels of an object. */
export type Labels = Readonly<Record<string, string>>;

/** A parsed label selector, or why it is none, in the server's words. */
export type ParsedLabelSelector =
  { readonly ok: true; matches(labels: Labels): boolean } | { readonly ok: false; readonly message: string };

type Operator = '=' | '==' | '!=' | 'in' | 'notin' | 'gt' | 'lt' | 'exists' | '!';

interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

type TokenKind =
  'identifier' | 'in' | 'notin' | '=' | '==' | '!=' | '!' | '>' | '<' | '(' | ')' | ',' | 'end' | 'error';

interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

/**
 * Reads a label selector: `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1,m<9`; the empty text selects everything. Grammar and
 * refusals are those of `labels.Parse` in k8s.io/apimachinery.
 */
export function parseLabelSelector(text: string): ParsedLabelSelector {
  try {
    const requirements = new Parser(tokensOf(text)).requirements();
    return { ok: true, matches: (labels) => requirements.every((requirement) => meets(requirement, labels)) };
  } catch (error) {
    if (error instanceof SelectorError) return { ok: false, message: error.message };
    throw error;
  }
}

class SelectorError extends Error {}

const tokenPattern = /[\t\n\r ]*(?:([=!(),><]+)|([^=!(),><\t\n\r ]+))/y;
const symbols: readonly TokenKind[] = ['==', '!=', '=', '!', '>', '<', '(', ')', ','];

function tokensOf(text: string): Token[] {
  // Go's lexer takes a NUL for the end of the text.
  const whole = text.split('\0', 1)[0] ?? '';
  const tokens: Token[] = [];
  tokenPattern.lastIndex = 0;
  for (let found = tokenPattern.exec(whole); found !== null; found = tokenPattern.exec(whole)) {
    const [, special, word] = found;
    if (special === undefined) tokens.push(wordToken(word ?? ''));
    else tokens.push(...symbolTokens(special));
  }
  return [...tokens, { kind: 'end', text: '' }];
}

function wordToken(word: string): Token {
  return { kind: word === 'in' || word === 'notin' ? word : 'identifier', text: word };
}

/** The longest known symbols one after another. */
function symbolTokens(special: string): Token[] {
  const tokens: Token[] = [];
  for (let rest = special; rest !== '';) {
    const kind = symbols.find((symbol) => rest.startsWith(symbol)) ?? 'error';
    tokens.push({ kind, text: kind });
    rest = rest.slice(kind.length);
  }
  return tokens;
}

const operators: Readonly<Partial<Record<TokenKind, Operator>>> = {
  in: 'in',
  notin: 'notin',
  '=': '=',
  '==': '==',
  '!=': '!=',
  '>': 'gt',
  '<': 'lt',
};

class Parser {
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  requirements(): Requirement[] {
    const found: Requirement[] = [];
    for (;;) {
      const next = this.#peek();
      if (next.kind === 'end') return found;
      if (!startsRequirement(next)) {
        throw new SelectorError(`found '${next.text}', expected: !, identifier, or 'end of string'`);
      }
      found.push(this.#requirement());
      if (this.#endsAfterRequirement()) return found;
    }
  }

  #endsAfterRequirement(): boolean {
    const after = this.#take();
    if (after.kind === 'end') return true;
    if (after.kind !== ',')
      throw new SelectorError(`found '${after.text}', expected: ',' or 'end of string'`);
    const next = this.#peek();
    if (!startsRequirement(next))
      throw new SelectorError(`found '${next.text}', expected: identifier after ','`);
    return false;
  }

  #requirement(): Requirement {
    try {
      return checked(this.#unchecked());
    } catch (error) {
      if (error instanceof SelectorError)
        throw new SelectorError(`unable to parse requirement: ${error.message}`);
      throw error;
    }
  }

  #unchecked(): Requirement {
    let token = this.#take();
    const absent = token.kind === '!';
    if (absent) token = this.#take();
    if (!isWord(token)) throw new SelectorError(`found '${token.text}', expected: identifier`);
    const problems = labelKeyProblems(token.text);
    if (problems.length > 0) throw new SelectorError(invalid('<nil>', token.text, problems.join('; ')));
    const after = this.#peek().kind;
    if (absent) return { key: token.text, operator: '!', values: [] };
    if (after === 'end' || after === ',') return { key: token.text, operator: 'exists', values: [] };
    const operator = this.#operator();
    const several = operator === 'in' || operator === 'notin';
    return { key: token.text, operator, values: several ? this.#list() : [this.#exactValue()] };
  }

  #operator(): Operator {
    const token = this.#take();
    const operator = operators[token.kind];
    if (operator !== undefined) return operator;
    throw new SelectorError(`found '${token.text}', expected: in, notin, =, ==, !=, gt, lt`);
  }

  #exactValue(): string {
    const next = this.#peek().kind;
    if (next === 'end' || next === ',') return '';
    const token = this.#take();
    if (isWord(token)) return token.text;
    throw new SelectorError(`found '${token.text}', expected: identifier`);
  }

  /** Values in parentheses, sorted and without doubles; an empty place between commas is the empty value. */
  #list(): readonly string[] {
    const open = this.#take();
    if (open.kind !== '(') throw new SelectorError(`found '${open.text}' expected: '('`);
    const first = this.#peek();
    if (first.kind === ')') {
      this.#take();
      return [''];
    }
    if (!isWord(first) && first.kind !== ',') {
      throw new SelectorError(`found '${first.text}', expected: ',', ')' or identifier`);
    }
    const values = this.#identifiers();
    this.#take();
    return [...values].sort();
  }

  #identifiers(): ReadonlySet<string> {
    const values = new Set<string>();
    for (;;) {
      const token = this.#take();
      if (isWord(token)) {
        values.add(token.text);
        if (this.#endsAfterValue()) return values;
      } else if (token.kind === ',') {
        const next = this.#peek().kind;
        if (values.size === 0 || next === ')' || next === ',') values.add('');
        if (next === ')') return values;
      } else throw new SelectorError(`found '${token.text}', expected: ',', or identifier`);
    }
  }

  #endsAfterValue(): boolean {
    const next = this.#peek();
    if (next.kind === ')') return true;
    if (next.kind !== ',') throw new SelectorError(`found '${next.text}', expected: ',' or ')'`);
    return false;
  }

  #peek(): Token {
    return this.#tokens[this.#position] ?? { kind: 'end', text: '' };
  }

  #take(): Token {
    const token = this.#peek();
    this.#position += 1;
    return token;
  }
}

/** `in` and `notin` are plain words wherever an operator cannot stand. */
function isWord(token: Token): boolean {
  return token.kind === 'identifier' || token.kind === 'in' || token.kind === 'notin';
}

function startsRequirement(token: Token): boolean {
  return isWord(token) || token.kind === '!';
}

function checked(requirement: Requirement): Requirement {
  const compares = requirement.operator === 'gt' || requirement.operator === 'lt';
  const numbers = compares ? requirement.values.flatMap(numberProblems) : [];
  const values = requirement.values.flatMap((value, index) => {
    const problems = labelValueProblems(value);
    if (problems.length === 0) return [];
    return [invalid(`values[${String(index)}][${requirement.key}]`, value, problems.join('; '))];
  });
  const problems = [...numbers, ...values];
  if (problems.length === 0) return requirement;
  throw new SelectorError(problems.length === 1 ? (problems[0] ?? '') : `[${problems.join(', ')}]`);
}

function numberProblems(value: string, index: number): string[] {
  if (integerOf(value) !== undefined) return [];
  const words = "for 'Gt', 'Lt' operators, the value must be an integer";
  return [invalid(`values[${String(index)}]`, value, words)];
}

function invalid(field: string, value: string, words: string): string {
  return `${field}: Invalid value: ${JSON.stringify(value)}: ${words}`;
}

/** A signed 64-bit integer in decimal, as Go's ParseInt takes it. */
function integerOf(text: string): bigint | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

const tests: Readonly<Record<Operator, (value: string | undefined, values: readonly string[]) => boolean>> = {
  '=': isOneOf,
  '==': isOneOf,
  in: isOneOf,
  '!=': (value, values) => !isOneOf(value, values),
  notin: (value, values) => !isOneOf(value, values),
  exists: (value) => value !== undefined,
  '!': (value) => value === undefined,
  gt: (value, [bound]) => comparesAs('gt', value, bound),
  lt: (value, [bound]) => comparesAs('lt', value, bound),
};

function meets({ key, operator, values }: Requirement, labels: Labels): boolean {
  return tests[operator](Object.hasOwn(labels, key) ? labels[key] : undefined, values);
}

function isOneOf(value: string | undefined, values: readonly string[]): boolean {
  return value !== undefined && values.includes(value);
}

function comparesAs(operator: 'gt' | 'lt', value: string | undefined, bound: string | undefined): boolean {
  const left = integerOf(value ?? '');
  const right = integerOf(bound ?? '');
  if (left === undefined || right === undefined) return false;
  return operator === 'gt' ? left > right : left < right;
}
