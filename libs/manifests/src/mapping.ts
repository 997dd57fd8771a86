import type { Dialect, KeyFlaw, KeyMeaning, Tree, WrittenScalar } from './dialect.ts';
import { forbiddenKeys, type YamlLimits } from './limits.ts';
import { MappingPlaces, type Places } from './places.ts';
import { YamlRefusal } from './refusal.ts';

/** A value and what it costs. */
export interface Composed<S> {
  readonly value: Tree<S>;
  /** Values below and including this one, aliases expanded. */
  readonly nodes: number;
  readonly height: number;
  readonly offset: number;
  /** Where the parts of a collection are. */
  readonly places?: Places;
  /** What a scalar was made of. */
  readonly scalar?: WrittenScalar<S>;
}

/** What mappings of one file share. */
export interface MappingRules<S> {
  readonly dialect: Dialect<S>;
  readonly limits: YamlLimits;
  readonly lineOf: (offset: number) => number;
  /** Keys copied by merge keys so far in the file. */
  mergedKeys: number;
}

/** One mapping while its keys come in. */
export class MappingInProgress<S> {
  /** As in {@link Composed}, of this mapping so far. */
  nodes = 1;
  height = 0;
  readonly places = new MappingPlaces();
  readonly #rules: MappingRules<S>;
  readonly #fields: Record<string, Tree<S>> = {};
  #flaws: Map<string, KeyFlaw<S>> | undefined;
  #repeats: Map<string, Tree<S>[]> | undefined;
  #below: Composed<S> | undefined;

  constructor(rules: MappingRules<S>) {
    this.#rules = rules;
  }

  /** Takes a key with its value. */
  add(key: Composed<S>, value: Composed<S>): void {
    this.nodes += 1 + value.nodes;
    this.height = Math.max(this.height, value.height);
    if (isMergeKey(key)) this.#addMerge(key, value);
    else this.#addField(this.#nameOf(key), key.offset, value);
  }

  /** The mapping when it is complete. */
  done(): Readonly<Record<string, Tree<S>>> {
    if (this.#below) this.#merge(this.#below);
    if (this.#flaws) this.#rules.dialect.flawed?.(this.#fields, this.#flaws);
    return this.#fields;
  }

  #nameOf({ scalar, offset }: Composed<S>): string {
    const meaning = scalar
      ? this.#rules.dialect.key(scalar.text, scalar.form, scalar.value)
      : collectionKey(this.#rules.dialect.collectionKey);
    if ('refused' in meaning) throw new YamlRefusal(meaning.refused, offset, meaning.fix);
    if (forbiddenKeys.has(meaning.name))
      throw new YamlRefusal(`the key ${meaning.name} is not allowed`, offset, 'choose another key');
    if (meaning.flaw !== undefined) this.#flaw(meaning.name, meaning.flaw);
    return meaning.name;
  }

  #flaw(name: string, flaw: KeyFlaw<S>): void {
    this.#flaws ??= new Map();
    this.#flaws.set(name, flaw);
  }

  #addField(name: string, offset: number, { value, scalar, places }: Composed<S>): void {
    if (this.#rules.dialect.repeated !== 'last' && Object.hasOwn(this.#fields, name)) {
      const first = this.places.of(name)?.offset ?? offset;
      const message = `the key ${JSON.stringify(name)} is there twice, first on line ${this.#rules.lineOf(first)}`;
      if (this.#rules.dialect.repeated === 'refused')
        throw new YamlRefusal(message, offset, 'keep one of the two');
      this.#flaw(name, { kind: 'repeated', message, later: this.#repeat(name, value) });
      return;
    }
    this.#fields[name] = value;
    this.places.add(name, offset, places);
    if (scalar) this.#rules.dialect.field?.(this.#fields, name, scalar);
  }

  /** The values of a key behind its first one: one list that grows, for a key may be there 100,000 times. */
  #repeat(name: string, value: Tree<S>): readonly Tree<S>[] {
    this.#repeats ??= new Map();
    const later = this.#repeats.get(name) ?? [];
    later.push(value);
    this.#repeats.set(name, later);
    return later;
  }

  #addMerge(key: Composed<S>, source: Composed<S>): void {
    if (this.#rules.dialect.merges === 'in place') {
      this.#merge(source);
      return;
    }
    if (this.#below)
      throw new YamlRefusal('the merge key << is there twice', key.offset, 'merge a list: <<: [*a, *b]');
    this.#below = source;
  }

  #merge(source: Composed<S>): void {
    const inPlace = this.#rules.dialect.merges === 'in place';
    const maps = mappingsOf(source);
    for (const map of inPlace ? maps.toReversed() : maps) {
      for (const [name, value] of Object.entries(this.#mapping(map, source.offset))) {
        this.#countMerged(source.offset);
        if (!inPlace && Object.hasOwn(this.#fields, name)) continue;
        this.#fields[name] = value;
        this.places.add(name, source.offset, map.places?.of(name)?.below);
        this.nodes += 1;
      }
    }
  }

  #mapping({ value, places }: Placed<S>, offset: number): Readonly<Record<string, Tree<S>>> {
    if (isMapping(value, places)) return value;
    throw new YamlRefusal(
      'a merge key takes a mapping or a list of mappings',
      offset,
      'point << at a mapping',
    );
  }

  #countMerged(offset: number): void {
    const { maxMergedKeys } = this.#rules.limits;
    this.#rules.mergedKeys += 1;
    if (this.#rules.mergedKeys <= maxMergedKeys) return;
    throw new YamlRefusal(`merge keys copy more than ${maxMergedKeys} keys`, offset, 'write the values out');
  }
}

function collectionKey(name: string | undefined): KeyMeaning {
  const message = 'a key must be text, this one is a collection';
  return name === undefined
    ? { refused: message, fix: 'quote the key' }
    : { name, flaw: { kind: 'null', message } };
}

function isMergeKey<S>({ scalar }: Composed<S>): boolean {
  return scalar?.text === '<<' && scalar.form.plain && scalar.form.tag === undefined;
}

type Placed<S> = Pick<Composed<S>, 'value' | 'places'>;

/** What a merge key merges: the items of a list, or the value itself. */
function mappingsOf<S>({ value, places }: Composed<S>): readonly Placed<S>[] {
  if (!isItems(value)) return [placed(value, places)];
  return value.map((item, index) => placed(item, places?.of(index)?.below));
}

function placed<S>(value: Tree<S>, places: Places | undefined): Placed<S> {
  return places ? { value, places } : { value };
}

function isItems<S>(value: Tree<S>): value is readonly Tree<S>[] {
  return Array.isArray(value);
}

/** Scalars may be objects too, but only collections have places. */
function isMapping<S>(
  value: Tree<S>,
  places: Places | undefined,
): value is { readonly [key: string]: Tree<S> } {
  return places !== undefined && !Array.isArray(value);
}
