import { describe, expect, it } from 'vitest';
import { plainOf } from './plain.ts';
import { readConfiguration, readDocuments } from './read.ts';

function valueOf(text: string): unknown {
  const read = readDocuments(text, 'a.yaml');
  if ('errors' in read) return `${read.errors[0]?.line}: ${read.errors[0]?.message}`;
  return plainOf(read.documents[0]?.value ?? null);
}

/** What is read and what is refused is what kustomize v5.5.0 and v5.8.2 read and refuse. */
describe('YAML that go-yaml reads and the standard does not', () => {
  it.each([
    ['a: [\nb,\n# c\nd\n]\ne: 1', { a: ['b', 'd'], e: 1 }],
    ['x:\n- a: {\n  b: 1,\nc: "2"\n}\n', { x: [{ a: { b: 1, c: '2' } }] }],
    ["a: 'one\ntwo\n\nthree'\nb: 1", { a: 'one two\nthree', b: 1 }],
    ['a: "it\\\'s\nx"', { a: "it's x" }],
    ['a:\u0085- b\u2028- "c\u0085d\u2028e"\u2029', { a: ['b', 'c d\u2028e'] }],
    ['a: b\rc: |\r  d\r  e\r', { a: 'b', c: 'd\ne\n' }],
    ['a: {\t}\nb:\t{}', { a: {}, b: {} }],
    ['a:\n|\n b', { a: 'b' }],
    ['a: "\\\n\nb"', { a: '\nb' }],
    ['a: {b:}\nc: [d:]', { a: { 'b:': '' }, c: ['d:'] }],
    ['a: {?}\nb: [? c : d]', { a: { '': '' }, b: [{ c: 'd' }] }],
    ['# a\n\t# b\nc: 1', { c: 1 }],
    ['? a\n:\t# b\n  c', { a: 'c' }],
    ['a: &x {b: &x 1}\nc: *x', { a: { b: 1 }, c: 1 }],
    ['a: !!str >\n  b\n   c\n', { a: 'b\n\n c\n' }],
    ['a: 1\n---\u0085\n', { a: 1 }],
    ['a: !%66oo b\nc: !<tag:yaml.org,2002:str> 1', { a: 'b', c: '1' }],
  ])('%j is read', (text, value) => {
    expect(valueOf(text)).toEqual(value);
  });

  it('of a kustomization too', () => {
    const read = readConfiguration('resources: [\n  a.yaml,\n  b.yaml\n]\n', 'kustomization.yaml');
    expect(read).toHaveProperty('documents.0.value', { resources: ['a.yaml', 'b.yaml'] });
  });

  it('keeps its lines', () => {
    const read = readDocuments('a: [\nb,\nc\n]\nd: 1', 'a.yaml');
    if ('errors' in read) throw new Error('refused');
    expect([['a', 1], ['d']].map((path) => read.documents[0]?.lineOf(path))).toEqual([3, 5]);
    expect(valueOf('a: [\nb,\nc\nd: [')).toMatch(/^[14]: /);
  });

  it('is read up to the end of its first document', () => {
    expect(valueOf('{"a": 1}\n}\n---\nb: 1')).toEqual({ a: 1 });
    expect(valueOf('  a: 1\nb: 2\n')).toEqual({ a: 1 });
    expect(valueOf('a: 1\n]\n')).toMatch(/^2: /);
    expect(valueOf('a: 1\n- b\n')).toMatch(/^2: /);
  });

  it('costs no more than its length many times', () => {
    expect(valueOf(`a: [\n${'b,\n'.repeat(100_000)}`)).toMatch(/^\d+: /);
  });
});

describe('YAML that the standard reads and go-yaml does not', () => {
  it.each([
    ['{"a": 1,\n "b\n c": 2}', "3: the YAML cannot be read: did not find expected ',' or '}'"],
    ['{a\n: }', "2: the YAML cannot be read: did not find expected ',' or '}'"],
    ['%YAML 1.1\n---\na: 1', '2: the YAML cannot be read: did not find expected <document start>'],
    ['a: 1\n---\n%X\nb: 1', '3: the YAML cannot be read: found an unknown directive'],
    ['a: &a {}\nb:\n  !t <<: *a', '3: a merge key with a tag is not supported'],
    ['a: &:', '1: the YAML cannot be read: did not find the name of an anchor'],
    ['a: !!', '1: the YAML cannot be read: did not find expected tag'],
    ['a: ! b: c', '1: the YAML cannot be read: mapping values are not allowed in this context'],
    ['a: 1\n... -', '2: the YAML cannot be read: block sequence entries are not allowed in this context'],
    [' a:\nb\nc: 1', '3: the YAML cannot be read: mapping values are not allowed in this context'],
    ['a: 1\n# \u0001', '2: the file holds the control character U+0001'],
  ])('%j is refused', (text, message) => {
    expect(valueOf(text)).toBe(message);
  });

  it('may have a key with lines behind a question mark', () => {
    expect(valueOf('a: {? "b\n c" : 2}\n? "d\n  e"\n: 1')).toEqual({ a: { 'b c': 2 }, 'd e': 1 });
  });
});

describe('what stands behind the brackets of a document', () => {
  it.each([
    '---\n',
    '---\nx\n',
    ' c\n',
    ']\n',
    ' {a: b\n',
    '\nc: d: e\n',
    '\nc: [d\n',
    " 'a'\n",
    ' # b: c\n',
    '\nc\n# d: e\n',
  ])('is not looked at: %j', (rest) => {
    expect(valueOf(`{ a: b }${rest}`)).toEqual({ a: 'b' });
  });

  it.each([
    '---\nx:\n',
    ' c: d\n',
    ' - a\n',
    ' "a\n',
    " 'a': b\n",
    '\nc\nd: e\n',
    ' ? a\n',
    ' | a\n',
    ' @a\n',
    ' !t b: c\n',
  ])('breaks it where kustomize looks ahead: %j', (rest) => {
    expect(valueOf(`{ a: b }${rest}`)).toContain(': the YAML cannot be read');
  });
});
