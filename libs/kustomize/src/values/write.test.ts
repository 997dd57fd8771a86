import { describe, expect, it } from 'vitest';
import { goJson } from './json.ts';
import { yamlText } from './write.ts';

/** Every expected text is what kustomize v5.5.0 and v5.8.2 write. */
describe('a value as YAML', () => {
  it('has its keys in the natural order of go-yaml and its sequences not indented', () => {
    expect(yamlText({ a10: [1, { b: [[]] }], a2: {}, A: null, _z: true, é: 'x', a: { c: [[1, 2]] } })).toBe(
      '_z: true\nA: null\na:\n  c:\n  - - 1\n    - 2\na2: {}\na10:\n- 1\n- b:\n  - []\né: x\n',
    );
  });

  it.each([
    ['y', '"y"'],
    ['off', '"off"'],
    ['<<', '<<'],
    ['=', '='],
    ['1:30', '"1:30"'],
    ['2001-01-01', '"2001-01-01"'],
    ['0x1f', '"0x1f"'],
    ['', '""'],
    ['~', '"~"'],
    [' a', "' a'"],
    ['a: b', "'a: b'"],
    ['a:b', 'a:b'],
    ['a #b', "'a #b'"],
    ['a#b', 'a#b'],
    ['- a', "'- a'"],
    ['-a', '-a'],
    ["it's", "it's"],
    ["'it's", "'''it''s'"],
    ['{a}', "'{a}'"],
    ['a{b}', 'a{b}'],
    ['@a', "'@a'"],
    ['a\tb', '"a\\tb"'],
    ['\u00a0', '\u00a0'],
    ['é', 'é'],
    ['a😀', '"a\\U0001F600"'],
    ['\ufeffab', '"\\uFEFF\\x61\\x62"'],
    ['a\u2028b', "'a\u2028  b'"],
  ])('quotes the text %j only where it must', (text, written) => {
    expect(yamlText({ v: text })).toBe(`v: ${written}\n`);
  });

  it.each([
    ['a\nb\n', '|\n  a\n  b\n'],
    ['a\nb', '|-\n  a\n  b\n'],
    ['a\n\n', '|+\n  a\n\n'],
    ['\na', '|2-\n\n  a\n'],
    [' a\n', '|2\n   a\n'],
    ['\n', '|2+\n\n'],
    ['a \nb', '"a \\nb"\n'],
    ['a\nb ', '"a\\nb "\n'],
    ['a\tb\n', '"a\\tb\\n"\n'],
  ])('writes the text %j with lines as a block where it can', (text, written) => {
    expect(yamlText({ v: text })).toBe(`v: ${written}`);
  });

  it('folds texts at the first single space behind column 80, and keys never', () => {
    const words = 'lorem ipsum dolor sit amet '.repeat(5).trim();
    expect(yamlText({ v: words })).toBe(
      'v: lorem ipsum dolor sit amet lorem ipsum dolor sit amet lorem ipsum dolor sit amet\n' +
        '  lorem ipsum dolor sit amet lorem ipsum dolor sit amet\n',
    );
    expect(yamlText({ v: `${words}: ` })).toBe(
      "v: 'lorem ipsum dolor sit amet lorem ipsum dolor sit amet lorem ipsum dolor sit amet\n" +
        "  lorem ipsum dolor sit amet lorem ipsum dolor sit amet: '\n",
    );
    expect(yamlText({ v: `\t${'x'.repeat(80)}  y` })).toBe(`v: "\\t${'x'.repeat(80)}\n  \\ y"\n`);
    expect(yamlText({ [words.slice(0, 100)]: 1 })).toBe(`${words.slice(0, 100)}: 1\n`);
  });

  it('gives a long key and a key with lines a question mark', () => {
    expect(yamlText({ a: { ['k'.repeat(129)]: ['v'], 'l\nm': 1 } })).toBe(
      `a:\n  ? ${'k'.repeat(129)}\n  : - v\n  ? |-\n    l\n    m\n  : 1\n`,
    );
  });

  it.each([
    [1234567.5, '1.2345675e+06'],
    [0.00001, '1e-05'],
    [0.25, '0.25'],
    [1e20, '1e+20'],
    [1e19, '10000000000000000000'],
    [-1e19, '-1e+19'],
    [9007199254740993n, '9007199254740993'],
    [-0, '0'],
  ])('writes the number %s as %s', (number, written) => {
    expect(yamlText({ v: number })).toBe(`v: ${written}\n`);
  });
});

describe('a value as JSON', () => {
  it('is what encoding/json writes', () => {
    expect(
      goJson({ '\u{10000}': '<&>', '\uffff': '\u2028\b\u0001"\\', a: [1e21, 1e-7, 2n ** 60n, null] }),
    ).toBe(
      '{"a":[1e+21,1e-7,1152921504606846976,null],"\uffff":"\\u2028\\b\\u0001\\"\\\\","\u{10000}":"\\u003c\\u0026\\u003e"}',
    );
    expect(goJson('\ud800')).toBe('"\\ufffd"');
  });
});
