import type { Dialect, ScalarForm, Tree } from './dialect.ts';
import type { YamlEvent } from './grammar/event.ts';
import type { LineIndex } from './line-index.ts';
import type { YamlLimits } from './limits.ts';
import { MappingInProgress, type Composed, type MappingRules } from './mapping.ts';
import { ListPlaces, type Places } from './places.ts';
import { tooManyValues, YamlRefusal } from './refusal.ts';

/** One composed document: its value and the offset at which it starts. */
export interface ComposedDocument<S> {
  readonly value: Tree<S>;
  readonly offset: number;
  /** Where its parts are; undefined for a scalar. */
  readonly places?: Places;
}

/** What an anchor names: nothing yet while aliases would stand inside of it. */
interface Named<S> {
  composed?: Composed<S>;
}

const plainForm: ScalarForm = { plain: true };
const quotedForm: ScalarForm = { plain: false };
const foldedForm: ScalarForm = { plain: false, folded: true };

/**
 * Builds values from the parser's events as a dialect says, counting as it goes: an alias costs as much as what it
 * stands for, so that a bomb is refused when its count passes the limit and never expanded.
 */
export class Composer<S> {
  readonly #events: readonly YamlEvent[];
  readonly #limits: YamlLimits;
  readonly #dialect: Dialect<S>;
  readonly #rules: MappingRules<S>;
  #position = 0;
  #nodes = 0;
  #anchors = new Map<string, Named<S>>();

  constructor(
    events: readonly YamlEvent[],
    options: { limits: YamlLimits; dialect: Dialect<S>; lines: LineIndex },
  ) {
    this.#events = events;
    this.#limits = options.limits;
    this.#dialect = options.dialect;
    this.#rules = { ...options, lineOf: options.lines, mergedKeys: 0 };
  }

  /** Every document of the file. */
  documents(): ComposedDocument<S>[] {
    const documents: ComposedDocument<S>[] = [];
    while (this.#position < this.#events.length) {
      this.#next();
      this.#anchors = new Map();
      documents.push(this.#node(0));
      this.#next();
    }
    return documents;
  }

  #isAtEnd(): boolean {
    return this.#events[this.#position]?.kind === 'end';
  }

  /** The parser gives as many ends as starts, so that there always is a next event. */
  #next(): YamlEvent {
    const event = this.#events[this.#position];
    if (!event) throw new Error('the parser gave too few events');
    this.#position += 1;
    return event;
  }

  #count(nodes: number, offset: number): void {
    this.#nodes += nodes;
    if (this.#nodes <= this.#limits.maxNodes) return;
    throw tooManyValues(this.#limits.maxNodes, offset);
  }

  #node(depth: number): Composed<S> {
    const event = this.#next();
    if (event.kind === 'alias') return this.#alias(event.text, event.start, depth);
    if (event.anchor === undefined) return this.#value(event, depth);
    // A value inside may take the name over before this one is complete.
    const named: Named<S> = {};
    this.#anchors.set(event.anchor, named);
    named.composed = this.#value(event, depth);
    return named.composed;
  }

  #value(event: YamlEvent, depth: number): Composed<S> {
    return event.kind === 'scalar' ? this.#scalar(event) : this.#collection(event, depth + 1);
  }

  #alias(anchor: string, offset: number, depth: number): Composed<S> {
    const named = this.#anchors.get(anchor);
    if (named === undefined)
      throw new YamlRefusal(
        `the alias *${anchor} has no anchor before it`,
        offset,
        `define &${anchor} first`,
      );
    const target = named.composed;
    if (target === undefined)
      throw new YamlRefusal(`the alias *${anchor} contains itself`, offset, 'write the value out');
    this.#count(target.nodes, offset);
    this.#checkDepth(depth + target.height, offset);
    return { ...target, offset };
  }

  #checkDepth(depth: number, offset: number): void {
    if (depth <= this.#limits.maxDepth) return;
    throw new YamlRefusal(`the YAML nests deeper than ${this.#limits.maxDepth} levels`, offset, 'flatten it');
  }

  #scalar(event: YamlEvent): Composed<S> {
    this.#count(1, event.start);
    return this.#meant(event.text, this.#form(event), event.start);
  }

  #form({ style, tag }: YamlEvent): ScalarForm {
    const plain = style === 'plain';
    if (tag !== undefined) return { plain, tag, folded: style === 'folded' };
    if (plain) return plainForm;
    return style === 'folded' ? foldedForm : quotedForm;
  }

  #meant(text: string, form: ScalarForm, offset: number): Composed<S> {
    const meaning = this.#dialect.scalar(text, form);
    if ('refused' in meaning) throw new YamlRefusal(meaning.refused, offset, meaning.fix);
    const { value } = meaning;
    // A text costs more with every alias of it the longer it is, so that aliases cannot make much of a long one.
    const nodes = 1 + Math.floor(text.length / 100);
    return { value, nodes, height: 0, offset, scalar: { text, form, value } };
  }

  #checkTag({ tag, start }: YamlEvent, core: string): void {
    if (tag === undefined || tag === core || this.#dialect.dropsTags) return;
    throw new YamlRefusal(
      `the tag ${tag.slice(0, 80)} is not supported`,
      start,
      'remove the tag; only the YAML core tags are read',
    );
  }

  #collection(event: YamlEvent, depth: number): Composed<S> {
    const isSequence = event.kind === 'sequence';
    this.#checkTag(event, isSequence ? '!!seq' : '!!map');
    this.#count(1, event.start);
    this.#checkDepth(depth, event.start);
    const composed = isSequence ? this.#sequence(event, depth) : this.#mapping(event, depth);
    if (event.isFlow && typeof composed.value === 'object' && composed.value !== null)
      this.#dialect.flow?.(composed.value);
    return composed;
  }

  #sequence(event: YamlEvent, depth: number): Composed<S> {
    const items: Tree<S>[] = [];
    const places = new ListPlaces();
    let [nodes, height] = [1, 0];
    while (!this.#isAtEnd()) {
      const item = this.#node(depth);
      places.add(item.offset, item.places);
      items.push(item.value);
      nodes += item.nodes;
      height = Math.max(height, item.height);
    }
    this.#next();
    return { value: items, nodes, height: height + 1, offset: event.start, places };
  }

  #mapping(event: YamlEvent, depth: number): Composed<S> {
    const mapping = new MappingInProgress(this.#rules);
    while (!this.#isAtEnd()) {
      const key = this.#node(depth);
      mapping.add(key, this.#node(depth));
    }
    this.#next();
    const value = mapping.done();
    const { nodes, height, places } = mapping;
    return { value, nodes, height: height + 1, offset: event.start, places };
  }
}
