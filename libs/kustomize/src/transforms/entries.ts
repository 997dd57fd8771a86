import type { Resources, Step } from '../build/step.ts';
import type { FieldSpec } from '../config/field-spec.ts';
import { refuse } from '../refusal.ts';
import { idText } from '../resources/id.ts';
import { idOf, withFields, type Resource } from '../resources/resource.ts';
import { withBareFields } from '../values/flaws.ts';
import { agreed, overwritten, SharedScalar } from '../values/shared.ts';
import { byUtf8 } from '../values/json.ts';
import { isQuoted, isQuotedBySetter, noteQuotes } from '../values/quotes.ts';
import { fieldOf, isFields, isNull, type Fields, type Value } from '../values/value.ts';
import { changeFields, compileSpecs, FieldError, type CompiledSpec } from './field-spec.ts';

/** Texts by key. */
export interface Entries {
  readonly [key: string]: string;
}

/** What the label transformer is told (LabelTransformer). */
export interface LabelConfig {
  readonly labels: Entries;
  readonly fieldSpecs: readonly FieldSpec[];
}

/** What the annotations transformer is told (AnnotationsTransformer). */
export interface AnnotationConfig {
  readonly annotations: Entries;
  readonly fieldSpecs: readonly FieldSpec[];
}

/** Sets labels in every field that the specs name; what is there under other keys stays. */
export function applyLabels(
  resources: Resources,
  { labels, fieldSpecs }: LabelConfig,
  step: Step,
): Resources {
  return withEntries(resources, labels, fieldSpecs, step);
}

/** Sets annotations in every field that the specs name; what is there under other keys stays. */
export function applyAnnotations(
  resources: Resources,
  { annotations, fieldSpecs }: AnnotationConfig,
  step: Step,
): Resources {
  return withEntries(resources, annotations, fieldSpecs, step);
}

function withEntries(
  resources: Resources,
  entries: Entries,
  fieldSpecs: readonly FieldSpec[],
  step: Step,
): Resources {
  const keys = Object.keys(entries).sort(byUtf8);
  if (keys.length === 0) return resources;
  refuseGrowth(resources, entries, step);
  const specs = compileSpecs(fieldSpecs);
  let isChanged = false;
  const changed = resources.map((resource) => {
    const setting = new Setting(keys, entries);
    const after = setting.appliedTo(resource, specs.forKind(idOf(resource)), step);
    isChanged ||= after !== resource;
    return after;
  });
  return isChanged ? changed : resources;
}

/** Every resource gets all of it, and no bundle may be larger. */
const mostCharacters = 32 * 1024 * 1024;

function refuseGrowth(resources: Resources, entries: Entries, { place }: Step): void {
  let characters = 0;
  for (const [key, text] of Object.entries(entries)) characters += key.length + text.length;
  if (characters * resources.length <= mostCharacters) return;
  refuse({
    ...place,
    message: `labels or annotations of ${characters} characters on ${resources.length} objects make more than ${mostCharacters}`,
    fix: 'write less of them, or split the application',
  });
}

/** What an entry is in a field that it is new to. */
type NewEntry = (key: string) => { readonly value: Value; readonly quoted: boolean };

/** Sets entries in the fields of one resource. */
class Setting {
  readonly #keys: readonly string[];
  readonly #entries: Entries;
  /** How many fields an entry was new to. */
  readonly #additions = new Map<string, number>();
  /** Whether the node of an entry is in quotes at last: it takes those of every field that it is written over. */
  readonly #quotes = new Map<string, boolean>();
  #overwroteShared = false;

  constructor(keys: readonly string[], entries: Entries) {
    this.#keys = keys;
    this.#entries = entries;
  }

  /**
   * What is new to more than one field is one node in all of them, so they are set again with shared scalars; so are those
   * that get the quotes of a field that comes later.
   */
  appliedTo(resource: Resource, specs: readonly CompiledSpec[], step: Step): Resource {
    const first: NewEntry = (key) => {
      const text = this.#entries[key] ?? '';
      return { value: text, quoted: isQuotedBySetter(text) };
    };
    const once = changeFields(resource, specs, this.#change(first), step);
    const isSetAgain = [...this.#additions].some(
      ([key, count]) => count > 1 || this.#quotes.get(key) !== first(key).quoted,
    );
    const after = isSetAgain ? changeFields(resource, specs, this.#change(this.#nodes()), step) : once;
    if (!this.#overwroteShared) return after;
    const all = withFields(after, agreed(after.fields));
    if (all !== after) warnOfSharing(resource, step);
    return all;
  }

  #nodes(): NewEntry {
    const nodes = new Map(
      this.#keys.map((key) => {
        const text = this.#entries[key] ?? '';
        const quoted = this.#quotes.get(key) ?? isQuotedBySetter(text);
        const isShared = (this.#additions.get(key) ?? 0) > 1;
        return [key, { value: isShared ? SharedScalar.of(text, quoted) : text, quoted }];
      }),
    );
    return (key) => nodes.get(key) ?? { value: '', quoted: false };
  }

  #change(entryOf: NewEntry): Parameters<typeof changeFields>[2] {
    return {
      makes: 'mapping',
      set: (value = {}) => {
        // Where a null may not become a mapping, kustomize adds entries to it that nobody ever sees.
        if (isNull(value)) return value;
        if (!isFields(value)) throw new FieldError('there is no mapping where labels or annotations must be');
        return this.#withEntries(value, entryOf);
      },
    };
  }

  #withEntries(fields: Fields, entryOf: NewEntry): Fields {
    const entries: Record<string, Value> = {};
    for (const key of this.#keys) {
      if (key === '') throw new FieldError('a label or annotation has an empty key');
      const text = this.#entries[key] ?? '';
      const old = fieldOf(fields, key);
      if (old === undefined) this.#additions.set(key, (this.#additions.get(key) ?? 0) + 1);
      const wasQuoted = this.#quotes.get(key) === true || isQuotedBySetter(text);
      this.#quotes.set(key, old === undefined ? wasQuoted : isQuoted(fields, key));
      entries[key] = old === undefined ? entryOf(key).value : this.#overwritten(old, text);
    }
    const after = withBareFields(fields, entries);
    if (after !== fields) this.#noteQuotes(after, fields, entryOf);
    return after;
  }

  /** What is overwritten keeps its quotes, what is new gets those of its node. */
  #noteQuotes(after: Fields, before: Fields, entryOf: NewEntry): void {
    for (const key of this.#keys) {
      const text = after[key];
      if (typeof text !== 'string') continue;
      const quoted = Object.hasOwn(before, key) ? isQuoted(before, key) : entryOf(key).quoted;
      noteQuotes(after, key, { text, quoted });
    }
  }

  #overwritten(old: Value, text: string): Value {
    const after = overwritten(old, text);
    this.#overwroteShared ||= after !== old && after instanceof SharedScalar;
    return after;
  }
}

function warnOfSharing(resource: Resource, { place, warn }: Step): void {
  warn({
    ...place,
    message: `what an earlier step put into several fields of ${idText(idOf(resource))} changes in all of them, as kustomize does`,
    fix: 'set the label or annotation once, where all of its fields are meant',
  });
}
