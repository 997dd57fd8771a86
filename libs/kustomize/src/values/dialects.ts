import type { Dialect, KeyMeaning, Meaning, ScalarForm, WrittenScalar } from '@meridian/manifests';
import { noteKeyFlaws } from './flaws.ts';
import { foldedText } from './refold.ts';
import { goJson } from './json.ts';
import { goFloat } from './numbers.ts';
import { noteFlow, noteTagged } from './quote-marks.ts';
import { rememberQuoted } from './quotes.ts';
import { plainOf, UnwritableError, type Plain } from './plain.ts';
import { oldBoolean, plainTag, resolvePlainScalar } from './scalars.ts';
import {
  isNull,
  isScalar,
  Scalar,
  scalarOf,
  tagOf,
  textOf,
  type AnyScalar,
  type ScalarTag,
  type Value,
} from './value.ts';

/** How kustomize reads resources and patches: as nodes of go-yaml v3, judged when they are written. */
export const resourceDialect: Dialect<AnyScalar> = {
  scalar: (text, form) => ({ value: scalarOfNode(text, form) }),
  key: keyOfNode,
  firstOnly: true,
  keepsComments: true,
  dropsTags: true,
  // A collection has no text, and by their texts kyaml tells keys apart.
  collectionKey: '',
  repeated: 'flawed',
  merges: 'below',
  field: noteQuotes,
  flawed: noteKeyFlaws,
  flow: (collection) => noteFlow(collection, true),
};

/** How kustomize reads its own files: with go-yaml v2, and through JSON. */
export const configurationDialect: Dialect<AnyScalar> = {
  scalar: configured,
  key: configuredKey,
  firstOnly: true,
  dropsTags: true,
  repeated: 'last',
  merges: 'in place',
};

const tags: ReadonlyMap<string, ScalarTag> = new Map(
  (['null', 'bool', 'int', 'float', 'str', 'timestamp', 'binary', 'merge'] as const).map((name) => [
    `!!${name}`,
    `!!${name}`,
  ]),
);

function scalarOfNode(text: string, form: ScalarForm): AnyScalar {
  const { plain, tag, folded } = form;
  if (folded && (tags.get(tag ?? '!') ?? '!!str') === '!!str') return foldedText(text);
  if (tag === undefined || tag === '!') return plain ? scalarOnly(resolvePlainScalar(text)) : text;
  // A tag that go-yaml does not know leaves a text.
  return scalarOnly(scalarOf(tags.get(tag) ?? '!!str', text));
}

function scalarOnly(value: Value): AnyScalar {
  return isScalar(value) ? value : null;
}

function noteQuotes(fields: object, name: string, { form, value }: WrittenScalar<AnyScalar>): void {
  const isBare = form.plain && (form.tag === undefined || form.tag === '!');
  if (form.plain && !isBare) noteTagged(fields, name);
  if (typeof value !== 'string' || (form.plain && form.tag === undefined)) return;
  rememberQuoted(fields, name, { text: value, quoted: !form.plain });
}

function keyOfNode(text: string, { tag = '!' }: ScalarForm, value: AnyScalar): KeyMeaning {
  if (tag === '!') return untaggedKey(text, value);
  if (text === '<<') return { refused: 'a merge key with a tag is not supported', fix: 'remove the tag' };
  if (typeof value === 'string' && tags.get(tag) === '!!str') return { name: text };
  return flawedKey(text, value, `tagged ${tag.slice(0, 80)}`);
}

/** A key that is not there is null, but gets quotes when it is written. */
function untaggedKey(text: string, value: AnyScalar): KeyMeaning {
  return typeof value === 'string' || text === ''
    ? { name: text }
    : flawedKey(text, value, tagOf(value).slice(2));
}

function flawedKey(text: string, value: AnyScalar, what: string): KeyMeaning {
  const kind = isNull(value) || !fits(value) ? 'null' : 'scalar';
  return { name: text, flaw: { kind, message: `a key must be a text, this one is ${what}` } };
}

function fits(value: AnyScalar): boolean {
  return !(value instanceof Scalar) || plainTag(value.text) === value.tag;
}

function configured(text: string, { plain, tag }: ScalarForm): Meaning<AnyScalar> {
  if (tag === undefined) return plain ? configuredPlain(text) : { value: text };
  const known = tags.get(tag);
  if (known === undefined) return { value: text };
  const meaning = plainMeaning(scalarOf(known, text));
  return known === '!!timestamp' && 'value' in meaning ? { value: text } : meaning;
}

function configuredPlain(text: string): Meaning<AnyScalar> {
  const old = oldBoolean(text);
  if (old !== undefined) return { value: old };
  const tag = plainTag(text);
  return tag === '!!timestamp' ? { value: text } : plainMeaning(scalarOf(tag, text));
}

/** What a scalar is after its way through JSON. */
function plainMeaning(value: Value): Meaning<AnyScalar> {
  try {
    return { value: fromPlain(plainOf(value)) };
  } catch (error) {
    if (error instanceof UnwritableError) return { refused: error.message, fix: error.fix };
    throw error;
  }
}

function fromPlain(plain: Plain): AnyScalar {
  if (typeof plain === 'string') return plain;
  return scalarOnly(resolvePlainScalar(goJson(plain)));
}

function configuredKey(text: string, { tag }: ScalarForm, value: AnyScalar): KeyMeaning {
  if (value === null) return { refused: 'a key must be a text, this one is null', fix: 'quote the key' };
  if (typeof value === 'string') return { name: tag === undefined ? text : value };
  if (value instanceof Scalar && value.tag === '!!float') return { name: goFloat(Number(value.text)) };
  return { name: textOf(value) };
}
