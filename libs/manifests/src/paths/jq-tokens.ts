/** One word of an expression, with the column it begins at, counted from 1. */
export interface JqToken {
  readonly kind: 'field' | 'text' | 'number' | 'word' | 'sign' | 'end';
  /** Without the dot of a field, and without quotes and escapes. */
  readonly text: string;
  readonly column: number;
}

/** Why an expression is not understood; `column` is counted from 1. */
export class JqProblem extends Error {
  override readonly name = 'JqProblem';
  readonly column: number;
  readonly fix: string | undefined;

  constructor(message: string, column: number, fix?: string) {
    super(message);
    this.column = column;
    this.fix = fix;
  }
}

const shapes: readonly (readonly [JqToken['kind'], RegExp])[] = [
  ['field', /\.([A-Za-z_][A-Za-z0-9_]*)/y],
  ['sign', /(\.\.|==|!=|<=|>=|\/\/|[.|,;()[\]<>?:])/y],
  ['number', /(-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?)(?![A-Za-z0-9_])/y],
  ['word', /([A-Za-z_][A-Za-z0-9_]*)/y],
];
const blank = /[ \t\r\n]+/y;
const quoted = /"(?:[^"\\]|\\.)*"/y;

/** The words of an expression, the last one of kind `end`. Throws JqProblem. */
export function jqTokens(text: string): readonly JqToken[] {
  const tokens: JqToken[] = [];
  let at = 0;
  while (at < text.length) {
    const space = matchAt(blank, text, at);
    if (space) {
      at += space[0].length;
      continue;
    }
    const { token, length } = tokenAt(text, at);
    tokens.push(token);
    at += length;
  }
  return [...tokens, { kind: 'end', text: 'its end', column: text.length + 1 }];
}

function tokenAt(text: string, at: number): { readonly token: JqToken; readonly length: number } {
  const column = at + 1;
  const string = matchAt(quoted, text, at);
  if (string)
    return { token: { kind: 'text', text: unquoted(string[0], column), column }, length: string[0].length };
  for (const [kind, shape] of shapes) {
    const found = matchAt(shape, text, at);
    if (found) return { token: { kind, text: found[1] ?? '', column }, length: found[0].length };
  }
  throw unknownSign(text, at);
}

function unknownSign(text: string, at: number): JqProblem {
  const sign = text[at] ?? '';
  if (sign === '"') return new JqProblem('a text has no end', at + 1, 'close it with "');
  const fixes: { readonly [sign: string]: string } = {
    '-': 'a field with a dash is written in quotes, such as ."a-b"',
    $: 'there are no variables',
    '~': 'JSON pointers belong into jsonPointers',
    '/': 'JSON pointers belong into jsonPointers',
  };
  return new JqProblem(
    `${JSON.stringify(sign)} is not understood`,
    at + 1,
    fixes[sign] ?? 'only places can be named, not computed',
  );
}

function matchAt(shape: RegExp, text: string, at: number): RegExpExecArray | null {
  shape.lastIndex = at;
  return shape.exec(text);
}

function unquoted(literal: string, column: number): string {
  try {
    return String(JSON.parse(literal));
  } catch {
    throw new JqProblem(
      `${literal.slice(0, 40)} is no text`,
      column,
      'write it as JSON has it, without \\( )',
    );
  }
}
