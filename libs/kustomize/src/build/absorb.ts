import { wrappedBase64 } from '../generators/objects.ts';
import { refuse } from '../refusal.ts';
import { idOf, withFields, type Resource } from '../resources/resource.ts';
import { bareFieldsOf, lastEntries } from '../values/flaws.ts';
import { bareText } from '../values/plain.ts';
import { isQuotedBySetter, isQuotedOrBlock, withQuotesBy } from '../values/quotes.ts';
import {
  fieldOf,
  isFields,
  isScalar,
  scalarTextAt,
  textOf,
  withField,
  withoutField,
  type Fields,
} from '../values/value.ts';
import type { Profile } from './step.ts';

/**
 * A generated object that takes the place of an older one: its name, namespace, labels, annotations and what the build
 * remembers of it stay; with `merge` its data, too (resmap appendReplaceOrMerge, Resource.CopyMergeMetaDataFieldsFrom), and
 * since 5.8 the `stringData` of a Secret.
 */
export function absorbed(made: Resource, old: Resource, profile: Profile): Resource {
  const last = kept.get(made);
  if (last?.old === old && last.profile === profile) return last.next;
  const next = joined(made, old, profile);
  kept.set(made, { old, profile, next });
  return next;
}

interface Absorbed {
  readonly old: Resource;
  readonly profile: Profile;
  readonly next: Resource;
}

/** What a generated object made of another one last; builds that have both again have the same object then. */
const kept = new WeakMap<Resource, Absorbed>();

function joined(made: Resource, old: Resource, profile: Profile): Resource {
  let metadata = metadataOf(made.fields);
  for (const field of ['labels', 'annotations'])
    metadata = withTexts(metadata, field, {
      ...textsAt(old, ['metadata', field]),
      ...textsAt(made, ['metadata', field]),
    });
  metadata = withName(metadata, 'name', scalarTextAt(old.fields, ['metadata', 'name']));
  const namespace = scalarTextAt(old.fields, ['metadata', 'namespace']);
  metadata =
    namespace === '' ? withoutField(metadata, 'namespace') : withName(metadata, 'namespace', namespace);
  let fields = withField(made.fields, 'metadata', metadata);
  if (made.behavior === 'merge') {
    const data = { ...dataAt(old, 'data'), ...(profile === '5.8' ? secretTexts(old) : {}) };
    fields = withTexts(fields, 'data', { ...data, ...dataAt(made, 'data') });
    fields = withTexts(fields, 'binaryData', { ...dataAt(old, 'binaryData'), ...dataAt(made, 'binaryData') });
  }
  const notes = notesOf(made, old);
  return {
    ...withFields(old, fields),
    hashed: old.hashed && made.hashed,
    ...(notes ? { notes } : {}),
  };
}

/** Upstream writes the old text without a tag into the quotes, or the lack of them, that the generator gave its own. */
function withName(metadata: Fields, key: string, text: string): Fields {
  const own = scalarTextAt(metadata, [key]);
  return withField(metadata, key, own === '' || isQuotedBySetter(own) ? text : bareText(text));
}

/** A merged object keeps its origin; a replaced one gets that of its generator. */
function notesOf(made: Resource, old: Resource): Resource['notes'] {
  const [first, second] = made.behavior === 'merge' ? [old, made] : [made, old];
  const origin = first.notes?.origin ?? second.notes?.origin;
  return origin && { origin, transformations: old.notes?.transformations ?? [] };
}

function metadataOf(fields: Fields): Fields {
  const metadata = fieldOf(fields, 'metadata');
  return isFields(metadata) ? metadata : {};
}

/** Entries of data as texts; what is null is empty. */
function dataAt({ fields }: Resource, field: string): Texts {
  const data = fieldOf(fields, field);
  if (!isFields(data)) return {};
  return Object.fromEntries(Object.keys(data).map((key) => [key, scalarTextAt(data, [key])]));
}

/** What a Secret says in `stringData`, as an API server would keep it (resmap normalizeSecretStringData). */
function secretTexts(old: Resource): Texts {
  if (idOf(old).kind !== 'Secret') return {};
  const texts = fieldOf(old.fields, 'stringData');
  if (isFields(texts) && Object.values(texts).some((value) => !isScalar(value)))
    refuse({
      ...old.origin,
      field: 'stringData',
      message: 'stringData holds a value that is no text',
      fix: 'write texts',
    });
  const entries = Object.entries(dataAt(old, 'stringData'));
  return Object.fromEntries(entries.map(([key, text]) => [key, wrappedBase64(text)]));
}

interface Texts {
  readonly [key: string]: string;
}

/** A mapping of scalars as texts. */
function textsAt({ fields }: Resource, path: readonly string[]): Texts {
  let at: Fields = fields;
  for (const key of path) {
    const next = fieldOf(at, key);
    if (!isFields(next)) return {};
    at = next;
  }
  return Object.fromEntries(
    lastEntries(at).map(([key, value]) => [key, isScalar(value) ? textOf(value) : '']),
  );
}

function withTexts(fields: Fields, key: string, texts: Texts): Fields {
  return Object.keys(texts).length === 0
    ? withoutField(fields, key)
    : withField(fields, key, withQuotesBy(isQuotedOrBlock, bareFieldsOf({ ...texts })));
}
