import { expect, it } from 'vitest';
import { isQuoted } from './quotes.ts';
import { readDocuments } from './read.ts';
import { isFields, withField, withoutField } from './value.ts';

it('tells texts that are in quotes or in blocks from those that are not', () => {
  const read = readDocuments(`a: "x"\nb: x\nc: 'y'\nd: |\n  z\ne: "1"\nf: 1\ng: x y\n`, 'a.yaml');
  const fields = 'documents' in read ? read.documents[0]?.value : undefined;
  if (!isFields(fields)) throw new Error('not read');
  expect(Object.keys(fields).filter((key) => isQuoted(fields, key))).toEqual(['a', 'c', 'd', 'e']);
});

it('tells a text that is one by its tag alone from one in quotes', () => {
  const read = readDocuments(`a: !!str 7\nb: !!str "7"\n`, 'a.yaml');
  const fields = 'documents' in read ? read.documents[0]?.value : undefined;
  if (!isFields(fields)) throw new Error('not read');
  expect([isQuoted(fields, 'a'), isQuoted(fields, 'b')]).toEqual([false, true]);
});

it('knows of the quotes in a copy too', () => {
  const read = readDocuments(`a: "x"\nb: y\n`, 'a.yaml');
  const fields = 'documents' in read ? read.documents[0]?.value : undefined;
  if (!isFields(fields)) throw new Error('not read');
  expect(isQuoted(withField(fields, 'b', 'z'), 'a')).toBe(true);
  expect(isQuoted(withoutField(fields, 'b'), 'a')).toBe(true);
});
