import { describe, expect, it } from 'vitest';
import { plainOf, UnwritableError } from './plain.ts';
import { withoutMarks } from './quote-marks.ts';
import { readConfiguration, readDocuments, type ReadFile } from './read.ts';
import { Scalar, withField, withoutField, isFields, type Value } from './value.ts';
import { yamlText } from './write.ts';

function only(read: ReadFile): Value {
  if ('errors' in read) throw new Error(JSON.stringify(read.errors));
  return read.documents[0]?.value ?? null;
}

function written(text: string): string {
  const read = readDocuments(text, 'a.yaml');
  if ('errors' in read) throw new Error(JSON.stringify(read.errors));
  return read.documents.map(({ value }) => yamlText(plainOf(value))).join('---\n');
}

function refusal(text: string): string {
  const read = readDocuments(text, 'a.yaml');
  if ('errors' in read) {
    const [error] = read.errors;
    return `${error?.line}: ${error?.message}`;
  }
  try {
    for (const { value } of read.documents) plainOf(value);
  } catch (error) {
    if (error instanceof UnwritableError) return `${error.path.join('/')}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}

describe('a file of resources', () => {
  it('keeps the text of scalars that say more than their value', () => {
    const value = only(readDocuments('a: 0777\nb: 1.50\nc: 7\nd: "7"\ne: yes\nf: !!int "8"\ng: !x 9', 'f'));
    expect(isFields(value) && withoutMarks(value)).toEqual({
      a: new Scalar('!!int', '0777'),
      b: new Scalar('!!float', '1.50'),
      c: 7,
      d: '7',
      e: 'yes',
      f: 8,
      g: '9',
    });
  });

  it('is split like kustomize does: comments behind --- are fine, other text is not', () => {
    expect(written('a: 1\n--- # two\n---\n# nothing\n---\nb: 2\r\n---\r\n~\n')).toBe('a: 1\n---\nb: 2\n');
    expect(refusal('a: 1\n--- {b: 1}\n')).toBe(
      '2: a line that starts with --- may hold a comment and nothing else',
    );
    expect(written('a: |\n  x\n\n---\nb: 1\n')).toBe('a: |\n  x\n---\nb: 1\n');
  });

  it('loses what stands behind ... and behind a last --- without a line break', () => {
    expect(written('a: 1\n...\nb: [\n---\nc: 1\n--- d')).toBe('a: 1\n---\nc: 1\n');
  });

  it('refuses tabs where kustomize does, and takes them where it does', () => {
    const refused = [
      'a:\n\t\n  b: 1',
      '-\t1',
      '- \t1',
      'a: {b: c}\n\t\nd: 1',
      'a: |\n  \tx',
      'a: |\n  x\n\t\nb: 1',
    ];
    for (const text of refused) expect(refusal(text)).toMatch(/found a tab/);
    const taken = [
      'a:\t1',
      'a: 1\t',
      'a: [b,\n\t]',
      'a: |\n  x\n  \t\nb: 1',
      'a: x - \ty',
      'a: ["[", \'{\']\nb: 1',
    ];
    for (const text of taken) expect(refusal(text)).toBe('accepted');
    expect(refusal('a: 1\n-\n\t\n')).not.toBe('accepted');
  });

  it('refuses a document that starts with its end, and colons that go-yaml takes for text', () => {
    expect(refusal('# c\n...\na: 1')).toMatch(/^2: .*start with its end/);
    expect(refusal('a: 1\n---\n...\nb: 1')).toMatch(/^3: .*start with its end/);
    expect(refusal('{b:[]}')).toMatch(/expected ',' or '}'/);
    expect(refusal('a: [:d]')).toMatch(/expected node content/);
    expect(written('{"a":b, c: d:e}')).toBe('a: b\nc: d:e\n');
  });

  it('reads JSON, but not its escaped slash nor halves of characters', () => {
    expect(written('{"a": "x\\u00e9", "b": [1, null]}')).toBe('a: xé\nb:\n- 1\n- null\n');
    expect(refusal('{"a": "x\\/y"}')).toMatch(/^1: .*unknown escape/);
    expect(refusal('{"a":\n "\\ud83d\\ude00"}')).toMatch(/^2: .* is no character/);
  });

  it('expands aliases and merge keys, own keys first', () => {
    const text = 'a: &a {x: 1, y: 2}\nb: &b {x: 3, z: 4}\nc: {<<: [*a, *b], y: 5}\nd: *a\n*key : 1\n';
    expect(written(`k: &key name\n${text}`)).toBe(
      'a:\n  x: 1\n  "y": 2\nb:\n  x: 3\n  z: 4\nc:\n  x: 1\n  "y": 5\n  z: 4\nd:\n  x: 1\n  "y": 2\nk: name\nname: 1\n',
    );
    expect(refusal('a: &a {}\nb:\n  <<: *a\n  <<: *a')).toBe('4: the merge key << is there twice');
  });

  it('refuses keys that are no text or there twice only when it is written', () => {
    const text = 'top: 1\n5: x\nm:\n  7: a\n  k: b\n';
    expect(refusal(text)).toBe('m/7: a key must be a text, this one is int');
    expect(written('5: x\ntrue: b\n')).toBe('"5": x\n"true": b\n');
    expect(refusal('a: {b: 1, c: 2, b: 3}')).toBe('a/b: the key "b" is there twice, first on line 1');
    expect(refusal('a: {{ b }}')).toBe('a/: a key must be text, this one is a collection');
    expect(refusal('~: 1')).toBe('~: a key must be a text, this one is null');
  });

  it('lets a build go on that drops a flawed key, and not one that copies it', () => {
    const root = only(readDocuments('m: {7: a, k: b}', 'f'));
    const fields = isFields(root) ? root['m'] : null;
    if (!isFields(fields)) throw new Error('no mapping');
    expect(plainOf({ m: withoutField(fields, '7') })).toEqual({ m: { k: 'b' } });
    expect(() => plainOf({ m: withField(fields, 'n', 1) })).toThrow('a key must be a text');
  });

  it('refuses what does not fit its tag only when it is written', () => {
    expect(refusal('a: {b: !!int x}')).toBe('a/b: the value does not fit its tag !!int');
    expect(refusal('a: [1, .inf]')).toBe('a/1: an infinite number has no JSON form');
    expect(refusal('a: "\\x7f"')).toBe('a: the text holds the control character U+007F');
    expect(refusal('a: 2001-01-01T00:00:00+24:00')).toBe('a: the value does not fit its tag !!timestamp');
    expect(written('a: !!binary aGk=\nb: !!binary //8=\nc: !!str 1\nd: !!float 2')).toBe(
      'a: hi\nb: \ufffd\ufffd\nc: "1"\nd: 2\n',
    );
  });

  it('makes a text of nothing between braces, and a space of the line break U+0085', () => {
    expect(written('a: {b, c: }\nd: {e: null}')).toBe('a:\n  b: ""\n  c: ""\nd:\n  e: null\n');
    expect(written('a: "b \\N c\\N\\Nd"')).toBe('a: |-\n  b c\n  d\n');
  });

  it.each(['__proto__', 'constructor', 'prototype'])('refuses the key %s', (key) => {
    expect(refusal(`a:\n  ${key}: 1`)).toBe(`2: the key ${key} is not allowed`);
  });

  it('refuses a bomb of aliases over all its documents', () => {
    const bomb = ['a: &a [1,1,1,1,1,1,1,1,1,1]'];
    for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef']) {
      bomb.push(`${to}: &${to} [${Array(10).fill(`*${from}`).join(',')}]`);
    }
    expect(refusal(bomb.join('\n'))).toMatch(/more than 500000 values/);
    expect(refusal(Array(50).fill(bomb.slice(0, 4).join('\n')).join('\n---\n'))).toMatch(
      /more than 500000 values/,
    );
  });

  it('knows the line of every field, also behind what was left out', () => {
    const read = readDocuments('a: 1\n...\nb: 1\n---\n\n# c\nx:\n- y: 1\n  z: 2\n', 'f');
    if ('errors' in read) throw new Error('refused');
    expect(read.documents[1]?.lineOf(['x', 0, 'z'])).toBe(9);
  });

  it('gives parts without anything to decode back as they are', () => {
    const value = only(readDocuments('a:\n  b: 1\nc: {d: 010}', 'f'));
    const plain = plainOf(value);
    if (!isFields(value)) throw new Error('no mapping');
    expect(plain).toEqual({ a: { b: 1 }, c: { d: 8 } });
    expect(Object.values(plain ?? {})[0]).toBe(value['a']);
  });

  it('hands out nothing of how mappings and lists are written', () => {
    const value = only(readDocuments('a: {b: [1, x], c: !x 9}', 'f'));
    if (!isFields(value)) throw new Error('no mapping');
    expect(Object.getOwnPropertySymbols(value['a'])).not.toEqual([]);
    expect(plainOf(value)).toStrictEqual({ a: { b: [1, 'x'], c: '9' } });
  });
});

describe('a file of kustomize’s own', () => {
  it('has the booleans of YAML 1.1, days as texts and the last of equal keys', () => {
    expect(
      only(readConfiguration('a: yes\nb: off\nc: 2001-01-01\nd: 010\ne: 1.50\nf: 1\nf: 2\ng: ~', 'f')),
    ).toEqual({ a: true, b: false, c: '2001-01-01', d: 8, e: new Scalar('!!float', '1.5'), f: 2, g: null });
  });

  it('has texts for keys, whatever they are, but null', () => {
    expect(only(readConfiguration('1: a\n0x10: b\ny: c\n1.50: d', 'f'))).toEqual({
      1: 'a',
      16: 'b',
      true: 'c',
      1.5: 'd',
    });
    expect(readConfiguration('a: 1\n~: 2', 'f')).toHaveProperty('errors.0.line', 2);
  });

  it('takes merge keys where they stand: what comes later counts', () => {
    expect(only(readConfiguration('a: &a {x: 1}\nb: {x: 2, <<: *a}\nc: {<<: *a, x: 2}', 'f'))).toEqual({
      a: { x: 1 },
      b: { x: 1 },
      c: { x: 2 },
    });
  });

  it('is read up to its first document only', () => {
    const read = readConfiguration('# c\n---\na: 1\n---\nb: [', 'f');
    expect(read).toHaveProperty('documents.length', 1);
    expect(only(read)).toEqual({ a: 1 });
    expect(readConfiguration('', 'f')).toEqual({ documents: [] });
  });
});

describe('a hostile text', () => {
  it('of many spaces before a line break of Unicode takes no time', () => {
    expect(written(`a: "${' '.repeat(300_000)}\\N b"`)).toBe("a: ' b'\n");
  });

  it('of many digits takes no time and stays a text', () => {
    const digits = '1'.repeat(300_000);
    expect(written(`a: ${digits}`)).toBe(`a: ${digits}\n`);
  });
});
