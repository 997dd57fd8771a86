import type { Directive } from './directive.ts';
import type { WrittenTag } from './tag.ts';

/** What the parts of a YAML text are to its grammar. */
export type TokenKind =
  | 'stream end'
  | 'directive'
  | 'document start'
  | 'document end'
  | 'block sequence start'
  | 'block mapping start'
  | 'block end'
  | 'flow sequence start'
  | 'flow sequence end'
  | 'flow mapping start'
  | 'flow mapping end'
  | 'block entry'
  | 'flow entry'
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar';

/** How a scalar is written. */
export type ScalarStyle = 'plain' | 'quoted' | 'literal' | 'folded';

/** A part of a YAML text. */
export interface Token {
  readonly kind: TokenKind;
  /** Offset of its first character. */
  readonly start: number;
  /** What a scalar says; the name of an anchor or alias. */
  readonly text: string;
  readonly style: ScalarStyle;
  readonly tag: WrittenTag | undefined;
  readonly directive: Directive | undefined;
}

/** A token that says nothing but what it is. All tokens have the same fields in the same order, which makes them cheap. */
export function mark(kind: TokenKind, start: number): Token {
  return { kind, start, text: '', style: 'plain', tag: undefined, directive: undefined };
}

/** The token of an anchor or alias. */
export function nameToken(kind: 'alias' | 'anchor', start: number, text: string): Token {
  return { kind, start, text, style: 'plain', tag: undefined, directive: undefined };
}

/** The token of a scalar. */
export function scalarToken(start: number, text: string, style: ScalarStyle): Token {
  return { kind: 'scalar', start, text, style, tag: undefined, directive: undefined };
}

/** The token of a tag. */
export function tagToken(start: number, tag: WrittenTag): Token {
  return { kind: 'tag', start, text: '', style: 'plain', tag, directive: undefined };
}

/** The token of a directive. */
export function directiveToken(start: number, directive: Directive): Token {
  return { kind: 'directive', start, text: '', style: 'plain', tag: undefined, directive };
}
