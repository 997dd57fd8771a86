import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseYaml, toYaml } from './index.ts';
import type { ManifestError } from './index.ts';
import { findUnclosed } from './unclosed.ts';

function errorOf(text: string): ManifestError | undefined {
  const parsed = parseYaml(text, 'file.yaml');
  return 'errors' in parsed ? parsed.errors[0] : undefined;
}

test.each([
  ['a key follows', 'x: 1\na: [1, 2\nb: 3\n', 2, '['],
  ['the file ends', 'x: 1\na: {b: 1\n', 2, '{'],
  ['a document follows', 'a: [1\n---\nb: 1\n', 1, '['],
  ['another item follows', 'a:\n  - "x\n  - y\n', 2, '"'],
  ['the next line has quotes of its own', 'a: "x\nb: "y"\n', 1, '"'],
  ['blank lines lie between', "a: 'x\n\n  y\nb: 1\n", 1, "'"],
  ['it is the inner one of two', 'a: { x: [1, 2 }\nb: 1\n', 1, '['],
  ['it closes as another kind', 'z: 1\na: [1, 2}\n', 2, '['],
  ['it is a quote within brackets', 'a: [x, "y]\nb: 2\n', 1, '"'],
  ['it spans lines of its own', 'a:\n  b: [\n    1,\n    2\n  c: x\n', 2, '['],
  ['it is JSON', '{\n"a": [1,\n2\n}\n', 2, '['],
  ['a comment hides the end', 'a: [1 # ]\nb: 1\n', 1, '['],
  ['an anchor stands before it', 'a: &x [1\nb: 2\n', 1, '['],
  ['a text with brackets stands before it', "a: |\n  [ it's\nb: it's [\nc: (\"\nd: [1\n", 5, '['],
])('what is never closed is told where it opens when %s', (_when, text, line, opener) => {
  expect(errorOf(text)).toMatchObject({
    file: 'file.yaml',
    line,
    message: `the ${opener} on this line is never closed`,
  });
});

test('the fix names the character that is missing', () => {
  expect(errorOf('a: [1\n')?.fix).toContain('add the ] that belongs to it');
  expect(errorOf('a: "1\n')?.fix).toBe('add the " that ends the text');
});

test('lines that stand further left than their bracket or quote leave it open', () => {
  expect(errorOf("a: [\n1,\n]\nb: 'x\ny'\nc: d: e\n")).toMatchObject({
    line: 6,
    fix: 'align the line with its siblings',
  });
});

test('a mistake before an open bracket is told first', () => {
  expect(errorOf('a: b: c\nd: [1\n')).toMatchObject({ line: 1, fix: 'align the line with its siblings' });
});

test('nothing is called unclosed in a text that is well formed', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      expect(findUnclosed(JSON.stringify(value, null, 2))).toBeUndefined();
      expect(findUnclosed(JSON.stringify(value))).toBeUndefined();
    }),
  );
  const plain = fc.string({ unit: fc.constantFrom(...`ab :#'"[]{}-\\`) });
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.array(plain)), (data) => {
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data };
      expect(findUnclosed(toYaml([object]))).toBeUndefined();
    }),
  );
});

test('a hostile text of a million parts is looked through without going back', () => {
  const openers = ['a ', ' ', '- ', '&a ', ': ', 'b"', '[', '\nb: ["'].map(
    (unit) => findUnclosed(`a: ${unit.repeat(1_000_000)}`)?.opener,
  );
  expect(openers).toEqual([...Array<undefined>(6).fill(undefined), '[', '"']);
});
