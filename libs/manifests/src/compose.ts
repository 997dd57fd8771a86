import { getScalarValue, type Event, type MappingEvent, type ScalarEvent, type SequenceEvent } from 'js-yaml';
import type { Dialect, ScalarForm, Tree } from './dialect.ts';
import type { LineIndex } from './line-index.ts';
import type { YamlLimits } from './limits.ts';
import { MappingInProgress, type Composed, type MappingRules, type Places } from './mapping.ts';
import { YamlRefusal } from './refusal.ts';

/** One composed document: its value and the offset at which it starts. */
export interface ComposedDocument<S> {
  readonly value: Tree<S>;
  readonly offset: number;
}

const documentEvent = 1;
const sequenceEvent = 2;
const mappingEvent = 3;
const scalarEvent = 4;
const aliasEvent = 5;
const popEvent = 6;
const plainStyle = 1;
const doubleQuotedStyle = 3;
const foldedStyle = 5;
const plainForm: ScalarForm = { plain: true };
const quotedForm: ScalarForm = { plain: false };
const foldedForm: ScalarForm = { plain: false, folded: true };
const flowForm: ScalarForm = { plain: true, inFlow: true };
const flowStyle = 2;
/** What stands before a key behind a question mark. */
const explicitKey = /\?\s[^:,]*$/;

/**
 * Builds values from the parser's events as a dialect says, counting as it goes: an alias costs as much as what it
 * stands for, so that a bomb is refused when its count passes the limit and never expanded.
 */
export class Composer<S> {
  readonly places: Places = new WeakMap();
  readonly #text: string;
  readonly #events: readonly Event[];
  readonly #limits: YamlLimits;
  readonly #dialect: Dialect<S>;
  readonly #rules: MappingRules<S>;
  readonly #lastLineStart: number;
  #position = 0;
  #nodes = 0;
  #flowDepth = 0;
  #anchors = new Map<string, Composed<S> | 'open'>();

  constructor(
    text: string,
    events: readonly Event[],
    options: { limits: YamlLimits; dialect: Dialect<S>; lines: LineIndex },
  ) {
    this.#text = text;
    this.#lastLineStart = text.lastIndexOf('\n') + 1;
    this.#events = events;
    this.#limits = options.limits;
    this.#dialect = options.dialect;
    this.#rules = { ...options, places: this.places, lineOf: options.lines, mergedKeys: 0 };
  }

  /** Every document of the file; an empty document is what an empty plain scalar is. */
  documents(): ComposedDocument<S>[] {
    const documents: ComposedDocument<S>[] = [];
    while (this.#position < this.#events.length) {
      const start = this.#next();
      if (start.type !== documentEvent)
        throw new YamlRefusal('the YAML is not well formed', 0, 'check its indentation');
      this.#anchors = new Map();
      if (this.#peek()?.type === popEvent) documents.push(this.#meant('', plainForm, 0));
      else documents.push(this.#node(0));
      this.#next();
    }
    return documents;
  }

  #peek(): Event | undefined {
    return this.#events[this.#position];
  }

  #next(): Event {
    const event = this.#events[this.#position];
    if (!event) throw new YamlRefusal('the YAML ends too early', this.#text.length, 'complete the file');
    this.#position += 1;
    return event;
  }

  #count(nodes: number, offset: number): void {
    this.#nodes += nodes;
    if (this.#nodes <= this.#limits.maxNodes) return;
    throw new YamlRefusal(
      `the file holds more than ${this.#limits.maxNodes} values once its aliases are expanded`,
      offset,
      'split the file or write fewer aliases',
    );
  }

  #node(depth: number): Composed<S> {
    const event = this.#next();
    switch (event.type) {
      case scalarEvent:
        return this.#anchored(event, () => this.#scalar(event));
      case sequenceEvent:
      case mappingEvent:
        return this.#anchored(event, () => this.#collection(event, depth + 1));
      case aliasEvent:
        return this.#alias(
          this.#text.slice(event.anchorStart, event.anchorEnd),
          event.anchorStart - 1,
          depth,
        );
      default:
        throw new YamlRefusal('the YAML is not well formed', 0, 'check its indentation');
    }
  }

  #anchored(event: ScalarEvent | SequenceEvent | MappingEvent, compose: () => Composed<S>): Composed<S> {
    if (event.anchorStart < 0) return compose();
    const anchor = this.#text.slice(event.anchorStart, event.anchorEnd);
    this.#anchors.set(anchor, 'open');
    const composed = compose();
    this.#anchors.set(anchor, composed);
    return composed;
  }

  #alias(anchor: string, offset: number, depth: number): Composed<S> {
    const target = this.#anchors.get(anchor);
    if (target === undefined)
      throw new YamlRefusal(
        `the alias *${anchor} has no anchor before it`,
        offset,
        `define &${anchor} first`,
      );
    if (target === 'open')
      throw new YamlRefusal(`the alias *${anchor} contains itself`, offset, 'write the value out');
    this.#count(target.nodes, offset);
    this.#checkDepth(depth + target.height, offset);
    return { ...target, offset };
  }

  #checkDepth(depth: number, offset: number): void {
    if (depth <= this.#limits.maxDepth) return;
    throw new YamlRefusal(`the YAML nests deeper than ${this.#limits.maxDepth} levels`, offset, 'flatten it');
  }

  #tag(event: ScalarEvent | SequenceEvent | MappingEvent): string | undefined {
    return event.tagStart < 0 ? undefined : this.#text.slice(event.tagStart, event.tagEnd);
  }

  #scalar(event: ScalarEvent): Composed<S> {
    const offset = event.valueStart < 0 ? this.#offsetBefore() : event.valueStart;
    this.#count(1, offset);
    this.#checkQuoted(event, offset);
    return this.#meant(this.#valueOf(event), this.#form(event), offset);
  }

  #valueOf(event: ScalarEvent): string {
    const value = getScalarValue(this.#text, event);
    const block = event.style > doubleQuotedStyle;
    if (!block || !this.#dialect.lastLineOpen || !value.endsWith('\n')) return value;
    const lastLine = this.#text.length - this.#lastLineStart;
    const open = event.valueEnd >= this.#text.length && lastLine > Math.max(event.indent, 0);
    return open ? value.slice(0, -1) : value;
  }

  #form(event: ScalarEvent): ScalarForm {
    const plain = event.style === plainStyle;
    const tag = this.#tag(event);
    const inFlow = plain && this.#flowDepth > 0;
    if (tag !== undefined) return inFlow ? { plain, tag, inFlow } : { plain, tag };
    if (!plain) return event.style === foldedStyle ? foldedForm : quotedForm;
    return inFlow ? flowForm : plainForm;
  }

  #checkQuoted(event: ScalarEvent, offset: number): void {
    if (event.style !== doubleQuotedStyle || event.fast) return;
    const wrong = this.#dialect.quoted?.(this.#text.slice(event.valueStart, event.valueEnd));
    if (wrong) throw new YamlRefusal(wrong.refused, offset, wrong.fix);
  }

  #meant(text: string, form: ScalarForm, offset: number): Composed<S> {
    const meaning = this.#dialect.scalar(text, form);
    if ('refused' in meaning) throw new YamlRefusal(meaning.refused, offset, meaning.fix);
    const { value } = meaning;
    // A text costs more with every alias of it the longer it is, so that aliases cannot make much of a long one.
    const nodes = 1 + Math.floor(text.length / 100);
    return { value, nodes, height: 0, offset, scalar: { text, form, value } };
  }

  /** An empty scalar has no text of its own; it sits where the event before it ended. */
  #offsetBefore(): number {
    const before = this.#events[this.#position - 2];
    if (before === undefined) return 0;
    if (before.type === scalarEvent) return Math.max(before.valueEnd, 0);
    return before.type === mappingEvent || before.type === sequenceEvent ? before.start : 0;
  }

  #checkTag(event: SequenceEvent | MappingEvent, core: string): void {
    const tag = this.#tag(event);
    if (tag === undefined || tag === core || this.#dialect.dropsTags) return;
    throw new YamlRefusal(
      `the tag ${tag.slice(0, 80)} is not supported`,
      event.start,
      'remove the tag; only the YAML core tags are read',
    );
  }

  #collection(event: SequenceEvent | MappingEvent, depth: number): Composed<S> {
    this.#checkTag(event, event.type === sequenceEvent ? '!!seq' : '!!map');
    this.#count(1, event.start);
    this.#checkDepth(depth, event.start);
    const flow = event.style === flowStyle ? 1 : 0;
    this.#flowDepth += flow;
    const composed =
      event.type === sequenceEvent ? this.#sequence(event, depth) : this.#mapping(event, depth);
    this.#flowDepth -= flow;
    if (flow === 1 && typeof composed.value === 'object' && composed.value !== null)
      this.#dialect.flow?.(composed.value);
    return composed;
  }

  #sequence(event: SequenceEvent, depth: number): Composed<S> {
    const items: Tree<S>[] = [];
    const offsets = new Map<number, number>();
    let [nodes, height] = [1, 0];
    while (this.#peek()?.type !== popEvent) {
      const item = this.#node(depth);
      offsets.set(items.length, item.offset);
      items.push(item.value);
      nodes += item.nodes;
      height = Math.max(height, item.height);
    }
    this.#next();
    this.places.set(items, offsets);
    return { value: items, nodes, height: height + 1, offset: event.start };
  }

  #mapping(event: MappingEvent, depth: number): Composed<S> {
    const mapping = new MappingInProgress(this.#rules);
    while (this.#peek()?.type !== popEvent) {
      this.#checkKey(this.#peek());
      const key = this.#node(depth);
      mapping.add(key, this.#node(depth));
    }
    this.#next();
    const value = mapping.done();
    return { value, nodes: mapping.nodes, height: mapping.height + 1, offset: event.start };
  }

  /** In brackets and braces go-yaml takes a colon for a part of a plain key unless a blank follows. */
  #checkColon({ style, valueEnd }: ScalarEvent): void {
    if (this.#flowDepth === 0 || style !== plainStyle || this.#text[valueEnd] !== ':') return;
    if (!',[]{}'.includes(this.#text[valueEnd + 1] ?? ' ')) return;
    throw new YamlRefusal(
      'a colon behind a key must have a space behind it',
      valueEnd,
      'write a space there',
    );
  }

  #checkKey(event: Event | undefined): void {
    if (!this.#dialect.keysOnOneLine || event?.type !== scalarEvent) return;
    const { valueStart, valueEnd } = event;
    this.#checkColon(event);
    if (event.fast) return;
    if (valueStart < 0 || !this.#text.slice(valueStart, valueEnd).includes('\n')) return;
    if (explicitKey.test(this.#text.slice(Math.max(0, valueStart - 200), valueStart))) return;
    throw new YamlRefusal('a key must stand on one line', valueStart, 'close its quotes on the same line');
  }
}
