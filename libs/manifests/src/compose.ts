import { getScalarValue, type Event, type MappingEvent, type ScalarEvent, type SequenceEvent } from 'js-yaml';
import { forbiddenKeys, type YamlLimits } from './limits.ts';
import type { Json } from './object.ts';
import { resolveConfigurationPlain, resolvePlain, resolveTagged, type ScalarMeaning } from './scalar.ts';

/** Thrown inside the YAML parser only: why a file is refused and at which offset of its text. */
export class YamlRefusal extends Error {
  override readonly name = 'YamlRefusal';
  readonly offset: number;
  readonly fix: string;
  constructor(message: string, offset: number, fix: string) {
    super(message);
    this.offset = offset;
    this.fix = fix;
  }
}

/** Where the keys and items of every collection start in the text. */
export type Places = WeakMap<object, ReadonlyMap<string | number, number>>;

/** One composed document: its value and the offset at which it starts. */
export interface ComposedDocument {
  readonly value: Json;
  readonly offset: number;
}

interface Composed {
  readonly value: Json;
  /** Values below and including this one, aliases expanded. */
  readonly nodes: number;
  readonly height: number;
  readonly offset: number;
}

const documentEvent = 1;
const sequenceEvent = 2;
const mappingEvent = 3;
const scalarEvent = 4;
const aliasEvent = 5;
const popEvent = 6;
const plainStyle = 1;

/**
 * Builds plain JSON values from the parser's events, counting as it goes: an alias costs as much as what it stands
 * for, so that a bomb is refused when its count passes the limit and never expanded.
 */
export class Composer {
  readonly places: Places = new WeakMap();
  readonly #text: string;
  readonly #events: readonly Event[];
  readonly #limits: YamlLimits;
  readonly #resolve: (text: string) => ScalarMeaning;
  #position = 0;
  #nodes = 0;
  #mergedKeys = 0;
  #anchors = new Map<string, Composed | 'open'>();

  constructor(
    text: string,
    events: readonly Event[],
    options: { limits: YamlLimits; dialect: 'resource' | 'configuration' },
  ) {
    this.#text = text;
    this.#events = events;
    this.#limits = options.limits;
    this.#resolve = options.dialect === 'configuration' ? resolveConfigurationPlain : resolvePlain;
  }

  /** Every document of the file; an empty document gives null. */
  documents(): ComposedDocument[] {
    const documents: ComposedDocument[] = [];
    while (this.#position < this.#events.length) {
      const start = this.#next();
      if (start.type !== documentEvent)
        throw new YamlRefusal('the YAML is not well formed', 0, 'check its indentation');
      this.#anchors = new Map();
      if (this.#peek()?.type === popEvent) documents.push({ value: null, offset: 0 });
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

  #node(depth: number): Composed {
    const event = this.#next();
    switch (event.type) {
      case scalarEvent:
        return this.#anchored(event, () => this.#scalar(event));
      case sequenceEvent:
        return this.#anchored(event, () => this.#sequence(event, depth + 1));
      case mappingEvent:
        return this.#anchored(event, () => this.#mapping(event, depth + 1));
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

  #anchored(event: ScalarEvent | SequenceEvent | MappingEvent, compose: () => Composed): Composed {
    if (event.anchorStart < 0) return compose();
    const anchor = this.#text.slice(event.anchorStart, event.anchorEnd);
    this.#anchors.set(anchor, 'open');
    const composed = compose();
    this.#anchors.set(anchor, composed);
    return composed;
  }

  #alias(anchor: string, offset: number, depth: number): Composed {
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

  #scalar(event: ScalarEvent): Composed {
    const offset = event.valueStart < 0 ? this.#offsetBefore() : event.valueStart;
    this.#count(1, offset);
    const text = getScalarValue(this.#text, event);
    const meaning = this.#meaning(event, text, offset);
    if ('refused' in meaning) throw new YamlRefusal(meaning.refused, offset, meaning.fix);
    return { value: meaning.value, nodes: 1, height: 0, offset };
  }

  #meaning(event: ScalarEvent, text: string, offset: number): ScalarMeaning {
    const plain = event.style === plainStyle;
    const tag = this.#tag(event);
    if (tag === undefined) return plain ? this.#resolve(text) : { value: text };
    const meaning = resolveTagged(tag, text, plain);
    if (!meaning) throw unknownTag(tag, offset);
    return meaning;
  }

  /** An empty scalar has no text of its own; it sits where the event before it ended. */
  #offsetBefore(): number {
    const before = this.#events[this.#position - 2];
    if (before === undefined) return 0;
    if (before.type === scalarEvent) return Math.max(before.valueEnd, 0);
    return before.type === mappingEvent || before.type === sequenceEvent ? before.start : 0;
  }

  #sequence(event: SequenceEvent, depth: number): Composed {
    const tag = this.#tag(event);
    if (tag !== undefined && tag !== '!!seq') throw unknownTag(tag, event.start);
    this.#count(1, event.start);
    this.#checkDepth(depth, event.start);
    const items: Json[] = [];
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

  #mapping(event: MappingEvent, depth: number): Composed {
    const tag = this.#tag(event);
    if (tag !== undefined && tag !== '!!map') throw unknownTag(tag, event.start);
    this.#count(1, event.start);
    this.#checkDepth(depth, event.start);
    const fields: Record<string, Json> = {};
    const offsets = new Map<string | number, number>();
    let [nodes, height] = [1, 0];
    let merged: Composed | undefined;
    while (this.#peek()?.type !== popEvent) {
      const key = this.#key(depth);
      const value = this.#node(depth);
      if (key.merges) {
        if (merged)
          throw new YamlRefusal('the merge key << is there twice', key.offset, 'merge a list: <<: [*a, *b]');
        merged = value;
      } else {
        if (offsets.has(key.name))
          throw duplicateKey(key.name, key.offset, this.#lineOf(offsets.get(key.name) ?? 0));
        fields[key.name] = value.value;
        offsets.set(key.name, key.offset);
      }
      nodes += 1 + value.nodes;
      height = Math.max(height, value.height);
    }
    this.#next();
    if (merged) nodes += this.#merge(merged, fields, offsets);
    this.places.set(fields, offsets);
    return { value: fields, nodes, height: height + 1, offset: event.start };
  }

  #key(depth: number): { name: string; offset: number; merges: boolean } {
    const event = this.#peek();
    const key = this.#node(depth);
    if (event?.type === scalarEvent && event.tagStart < 0) {
      const name = getScalarValue(this.#text, event);
      const plain = event.style === plainStyle;
      if (plain && name === '<<') return { name, offset: key.offset, merges: true };
      // A bare day is a date as a value, but as a key people mean its text.
      if (typeof key.value === 'string')
        return { name: allowedKey(name, key.offset), offset: key.offset, merges: false };
    }
    if (typeof key.value === 'string')
      return { name: allowedKey(key.value, key.offset), offset: key.offset, merges: false };
    const shown = typeof key.value === 'object' && key.value !== null ? 'a collection' : String(key.value);
    throw new YamlRefusal(`a key must be text, this one is ${shown}`, key.offset, 'quote the key');
  }

  #merge(source: Composed, fields: Record<string, Json>, offsets: Map<string | number, number>): number {
    const maps = Array.isArray(source.value) ? (source.value as readonly Json[]) : [source.value];
    let nodes = 0;
    for (const map of maps) {
      if (!isMap(map))
        throw new YamlRefusal(
          'a merge key takes a mapping or a list of mappings',
          source.offset,
          'point << at a mapping',
        );
      for (const [name, value] of Object.entries(map)) {
        this.#mergedKeys += 1;
        if (this.#mergedKeys > this.#limits.maxMergedKeys) {
          throw new YamlRefusal(
            `merge keys copy more than ${this.#limits.maxMergedKeys} keys`,
            source.offset,
            'write the values out',
          );
        }
        if (offsets.has(name)) continue;
        fields[name] = value;
        offsets.set(name, source.offset);
        nodes += 1;
      }
    }
    return nodes;
  }

  #lineOf(offset: number): number {
    let line = 1;
    for (let at = this.#text.indexOf('\n'); at >= 0 && at < offset; at = this.#text.indexOf('\n', at + 1))
      line += 1;
    return line;
  }
}

function isMap(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function allowedKey(name: string, offset: number): string {
  if (!forbiddenKeys.has(name)) return name;
  throw new YamlRefusal(`the key ${name} is not allowed`, offset, 'choose another key');
}

function duplicateKey(name: string, offset: number, firstLine: number): YamlRefusal {
  return new YamlRefusal(
    `the key ${JSON.stringify(name)} is there twice, first on line ${firstLine}`,
    offset,
    'keep one of the two',
  );
}

function unknownTag(tag: string, offset: number): YamlRefusal {
  return new YamlRefusal(
    `the tag ${tag.slice(0, 80)} is not supported`,
    offset,
    'remove the tag; only the YAML core tags are read',
  );
}
