import { bareFieldsOf, lastEntries } from '../values/flaws.ts';
import { isQuoted, isQuotedOrBlock, withQuotesBy } from '../values/quotes.ts';
import {
  fieldOf,
  isFields,
  isList,
  keyFlaws,
  withField,
  withoutField,
  type Fields,
  type List,
  type Value,
} from '../values/value.ts';
import { textIn } from './items.ts';

/**
 * An object whose labels or annotations kustomize has read and written back (kyaml SetLabels, SetAnnotations): every value
 * is text, null included, and what is no mapping or has nothing in it is gone.
 */
export function withTexts(fields: Fields, map: 'labels' | 'annotations'): Fields {
  const metadata = fieldOf(fields, 'metadata');
  if (!isFields(metadata)) return fields;
  const written = fieldOf(metadata, map);
  if (written === undefined) return fields;
  const texts = isFields(written) ? textsIn(written) : isList(written) ? textsIn(pairsOf(written)) : {};
  const isEmpty = Object.keys(texts).length === 0;
  const after = isEmpty ? withoutField(metadata, map) : withField(metadata, map, texts);
  return withField(fields, 'metadata', after);
}

/** A list is read as if keys and values took turns in it. */
function pairsOf(list: List): Fields {
  const pairs = list.flatMap((key, index): [string, Value][] => {
    return index % 2 === 0 && index + 1 < list.length ? [[textIn(key), list[index + 1] ?? null]] : [];
  });
  return Object.fromEntries(pairs);
}

function textsIn(entries: Fields): Fields {
  const isWrittenSo = Object.entries(entries).every(
    ([key, value]) => typeof value === 'string' && isQuoted(entries, key) === isQuotedOrBlock(value),
  );
  if (isWrittenSo && !entries[keyFlaws]) return entries;
  const texts = Object.fromEntries(lastEntries(entries).map(([key, value]) => [key, textIn(value)]));
  return withQuotesBy(isQuotedOrBlock, bareFieldsOf(texts));
}
