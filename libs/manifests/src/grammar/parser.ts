import type { EventList } from './event.ts';
import { YamlSyntaxError } from './syntax-error.ts';
import type { Scanner } from './scanner.ts';
import { TagHandles } from './tag-handles.ts';
import { scalarToken, type Token, type TokenKind } from './token.ts';

/** What stands before a value: its name and its tag. */
interface Properties {
  readonly start: number;
  readonly anchor: string | undefined;
  readonly tag: string | undefined;
}

/** Which values may come: in a flow collection no block starts, behind a key a sequence needs no indentation. */
type Place = 'block' | 'block value' | 'flow';

/** The properties of most values; these start with their own token. */
const none: Properties = { start: -1, anchor: undefined, tag: undefined };
const nothing = scalarToken(0, '', 'plain');
const keyEnds: ReadonlySet<TokenKind> = new Set(['key', 'value', 'block end']);
const itemEnds: ReadonlySet<TokenKind> = new Set(['block entry', 'block end']);
const bareItemEnds: ReadonlySet<TokenKind> = new Set(['block entry', 'key', 'value', 'block end']);
const flowKeyEnds: ReadonlySet<TokenKind> = new Set(['value', 'flow entry', 'flow mapping end']);
const flowValueEnds: ReadonlySet<TokenKind> = new Set(['flow entry', 'flow mapping end']);
const pairKeyEnds: ReadonlySet<TokenKind> = new Set(['value', 'flow entry', 'flow sequence end']);
const pairValueEnds: ReadonlySet<TokenKind> = new Set(['flow entry', 'flow sequence end']);
const documentEnds: ReadonlySet<TokenKind> = new Set([
  'directive',
  'document start',
  'document end',
  'stream end',
]);
const documentStarts: ReadonlySet<TokenKind> = new Set(['directive', 'document start', 'stream end']);

/** Makes events of tokens as go-yaml does (parserc.go). Throws where go-yaml refuses. */
export class Parser {
  readonly #scanner: Scanner;
  readonly #events: EventList;
  /** Offset of the text that is parsed in the one that events are about. */
  readonly #base: number;
  #handles = new TagHandles();
  #isFirst = true;

  constructor(scanner: Scanner, events: EventList, base: number) {
    this.#scanner = scanner;
    this.#events = events;
    this.#base = base;
  }

  /** Parses the next document; false when there is none. */
  document(): boolean {
    const first = this.#startOfDocument();
    if (first === undefined) return false;
    this.#events.putBoundary('document', this.#base + first.start);
    if (this.#isFirst && !documentStarts.has(first.kind)) this.#value('block');
    else this.#markedDocument();
    const end = this.#scanner.peek();
    if (end.kind === 'document end') this.#scanner.skip();
    this.#end(end);
    this.#isFirst = false;
    return true;
  }

  #startOfDocument(): Token | undefined {
    let token = this.#scanner.peek();
    while (!this.#isFirst && token.kind === 'document end') token = this.#next();
    return token.kind === 'stream end' ? undefined : token;
  }

  /** A document behind directives and `---`; only the first one may do without. */
  #markedDocument(): void {
    this.#handles = new TagHandles();
    let token = this.#scanner.peek();
    for (; token.directive; token = this.#next()) this.#handles.obey(token.directive, token.start);
    if (token.kind !== 'document start') this.#refuse('did not find expected <document start>', token);
    const content = this.#next();
    if (documentEnds.has(content.kind)) this.#nothing(content.start);
    else this.#value('block');
  }

  /** Passes a token and gives the one behind it. */
  #next(): Token {
    this.#scanner.skip();
    return this.#scanner.peek();
  }

  #value(place: Place): void {
    const first = this.#scanner.peek();
    if (first.kind === 'alias') {
      this.#put('alias', none, first);
      this.#scanner.skip();
      return;
    }
    const properties = this.#properties(first);
    const token = properties === none ? first : this.#scanner.peek();
    if (token.kind === 'scalar') {
      this.#put('scalar', properties, token);
      this.#scanner.skip();
    } else if (!this.#collection(place, properties, token)) this.#emptyValue(properties, token);
  }

  /** An anchor and a tag, in any order, at most one of each. */
  #properties(first: Token): Properties {
    if (first.kind !== 'anchor' && first.kind !== 'tag') return none;
    let anchor: string | undefined;
    let tag: string | undefined;
    let token = first;
    for (;;) {
      if (token.kind === 'anchor' && anchor === undefined) anchor = token.text;
      else if (token.tag && tag === undefined) tag = this.#handles.tagOf(token.tag, token.start);
      else return { start: first.start, anchor, tag };
      token = this.#next();
    }
  }

  #emptyValue(properties: Properties, token: Token): void {
    if (properties.anchor === undefined && properties.tag === undefined) {
      const isEnd = token.kind === 'document end';
      const problem = isEnd
        ? 'a document cannot start with its end (...)'
        : 'did not find expected node content';
      this.#refuse(problem, token);
    }
    this.#put('scalar', properties, nothing);
  }

  /** A collection if one starts. */
  #collection(place: Place, properties: Properties, token: Token): boolean {
    switch (token.kind) {
      case 'flow sequence start':
        this.#flowSequence(properties, token);
        return true;
      case 'flow mapping start':
        this.#flowMapping(properties, token);
        return true;
      case 'block sequence start':
        if (place !== 'flow') this.#blockSequence(properties, token);
        return place !== 'flow';
      case 'block mapping start':
        if (place !== 'flow') this.#blockMapping(properties, token);
        return place !== 'flow';
      case 'block entry':
        if (place === 'block value') this.#bareSequence(properties, token);
        return place === 'block value';
      default:
        return false;
    }
  }

  #blockSequence(properties: Properties, start: Token): void {
    this.#put('sequence', properties, start);
    let token = this.#next();
    while (token.kind === 'block entry') {
      this.#itemBehind(token, itemEnds);
      token = this.#scanner.peek();
    }
    if (token.kind !== 'block end') this.#refuse("did not find expected '-' indicator", token);
    this.#scanner.skip();
    this.#end(token);
  }

  /** A sequence that is the value of a key and stands no deeper than the key. */
  #bareSequence(properties: Properties, start: Token): void {
    this.#put('sequence', properties, start);
    let token = start;
    while (token.kind === 'block entry') {
      this.#itemBehind(token, bareItemEnds);
      token = this.#scanner.peek();
    }
    this.#end(token);
  }

  /** The value behind an indicator, which is passed; nothing when one of the ends comes. */
  #itemBehind(indicator: Token, ends: ReadonlySet<TokenKind>, place: Place = 'block'): void {
    if (ends.has(this.#next().kind)) this.#nothing(indicator.start);
    else this.#value(place);
  }

  #blockMapping(properties: Properties, start: Token): void {
    this.#put('mapping', properties, start);
    let token = this.#next();
    while (token.kind === 'key') {
      this.#blockPair(token);
      token = this.#scanner.peek();
    }
    if (token.kind !== 'block end') this.#refuse('did not find expected key', token);
    this.#scanner.skip();
    this.#end(token);
  }

  #blockPair(key: Token): void {
    this.#itemBehind(key, keyEnds, 'block value');
    const token = this.#scanner.peek();
    if (token.kind === 'value') this.#itemBehind(token, keyEnds, 'block value');
    else this.#nothing(key.start);
  }

  #flowSequence(properties: Properties, start: Token): void {
    this.#put('sequence', properties, start);
    let token = this.#next();
    let isFirst = true;
    while (token.kind !== 'flow sequence end') {
      if (!isFirst) token = this.#behindComma(token, ']');
      isFirst = false;
      if (token.kind === 'key') this.#pair(token);
      else if (token.kind !== 'flow sequence end') this.#value('flow');
      token = this.#scanner.peek();
    }
    this.#scanner.skip();
    this.#end(token);
  }

  #behindComma(token: Token, closer: string): Token {
    if (token.kind !== 'flow entry') this.#refuse(`did not find expected ',' or '${closer}'`, token);
    return this.#next();
  }

  /** A mapping of one key that is an item of a flow sequence. */
  #pair(key: Token): void {
    this.#put('mapping', none, key);
    this.#scanner.skip();
    const first = this.#scanner.peek();
    if (pairKeyEnds.has(first.kind)) {
      // An accident of go-yaml: it passes what ends the key, be it the colon or the end of the item.
      this.#scanner.skip();
      this.#nothing(key.start);
    } else this.#value('flow');
    this.#flowValue(key, pairValueEnds);
    this.#end(this.#scanner.peek());
  }

  #flowMapping(properties: Properties, start: Token): void {
    this.#put('mapping', properties, start);
    let token = this.#next();
    let isFirst = true;
    while (token.kind !== 'flow mapping end') {
      if (!isFirst) token = this.#behindComma(token, '}');
      isFirst = false;
      if (token.kind === 'key') {
        this.#itemBehind(token, flowKeyEnds, 'flow');
        this.#flowValue(token, flowValueEnds);
      } else if (token.kind !== 'flow mapping end') {
        this.#value('flow');
        this.#nothing(token.start);
      }
      token = this.#scanner.peek();
    }
    this.#scanner.skip();
    this.#end(token);
  }

  #flowValue(key: Token, ends: ReadonlySet<TokenKind>): void {
    const token = this.#scanner.peek();
    if (token.kind === 'value') this.#itemBehind(token, ends, 'flow');
    else this.#nothing(key.start);
  }

  #put(
    kind: 'sequence' | 'mapping' | 'scalar' | 'alias',
    { start, anchor, tag }: Properties,
    token: Token,
  ): void {
    this.#events.putValue({
      kind,
      start: this.#base + (start < 0 ? token.start : start),
      anchor,
      tag,
      text: token.text,
      style: token.style,
      isFlow:
        token.kind === 'flow sequence start' || token.kind === 'flow mapping start' || token.kind === 'key',
    });
  }

  /** A value that is not there. */
  #nothing(start: number): void {
    this.#put('scalar', { start, anchor: undefined, tag: undefined }, nothing);
  }

  #end({ start }: Token): void {
    this.#events.putBoundary('end', this.#base + start);
  }

  #refuse(problem: string, { start }: Token): never {
    throw new YamlSyntaxError(problem, start);
  }
}
