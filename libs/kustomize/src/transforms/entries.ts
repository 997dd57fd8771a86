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

/** Sets entries in the fields of one resource. */
class Setting {
  readonly #keys: readonly string[];
  readonly #entries: Entries;
  /** How many fields an entry was new to. */
  readonly #additions = new Map<string, number>();
  #overwroteShared = false;

  constructor(keys: readonly string[], entries: Entries) {
    this.#keys = keys;
    this.#entries = entries;
  }

  /** What is new to more than one field is one node in all of them, so they are set again with shared scalars. */
  appliedTo(resource: Resource, specs: readonly CompiledSpec[], step: Step): Resource {
    const textOf = (key: string): Value => this.#entries[key] ?? '';
    const once = changeFields(resource, specs, this.#change(textOf), step);
    const isShared = [...this.#additions.values()].some((count) => count > 1);
    const after = isShared ? changeFields(resource, specs, this.#change(this.#nodes(textOf)), step) : once;
    if (!this.#overwroteShared) return after;
    const all = withFields(after, agreed(after.fields));
    if (all !== after) warnOfSharing(resource, step);
    return all;
  }

  #nodes(textOf: (key: string) => Value): (key: string) => Value {
    const nodes = new Map<string, Value>();
    for (const key of this.#keys) {
      const isShared = (this.#additions.get(key) ?? 0) > 1;
      const text = this.#entries[key] ?? '';
      nodes.set(key, isShared ? SharedScalar.of(text, isQuotedBySetter(text)) : textOf(key));
    }
    return (key) => nodes.get(key) ?? textOf(key);
  }

  #change(valueOf: (key: string) => Value): Parameters<typeof changeFields>[2] {
    return {
      makes: 'mapping',
      set: (value = {}) => {
        // Where a null may not become a mapping, kustomize adds entries to it that nobody ever sees.
        if (isNull(value)) return value;
        if (!isFields(value)) throw new FieldError('there is no mapping where labels or annotations must be');
        return this.#withEntries(value, valueOf);
      },
    };
  }

  #withEntries(fields: Fields, valueOf: (key: string) => Value): Fields {
    const entries: Record<string, Value> = {};
    for (const key of this.#keys) {
      if (key === '') throw new FieldError('a label or annotation has an empty key');
      const old = fieldOf(fields, key);
      if (old === undefined) this.#additions.set(key, (this.#additions.get(key) ?? 0) + 1);
      entries[key] = old === undefined ? valueOf(key) : this.#overwritten(old, this.#entries[key] ?? '');
    }
    const after = withBareFields(fields, entries);
    if (after !== fields) this.#noteQuotes(after, fields);
    return after;
  }

  /** What is overwritten keeps its quotes, what is new gets those that it needs. */
  #noteQuotes(after: Fields, before: Fields): void {
    for (const key of this.#keys) {
      const text = after[key];
      if (typeof text !== 'string') continue;
      const quoted = Object.hasOwn(before, key) ? isQuoted(before, key) : isQuotedBySetter(text);
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
