import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseJson } from './parse-json.ts';

it.each([
  ['', 'unexpected end of JSON input'],
  ['{"a": ', 'unexpected end of JSON input'],
  ['{"a"', 'unexpected end of JSON input'],
  ['"open', 'unexpected end of JSON input'],
  ['nonsense', "invalid character 'o' in literal null (expecting 'u')"],
  ['{a: 1}', "invalid character 'a' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a": 1 "b"}', `invalid character '"' after object key:value pair`],
  ['[1 2]', "invalid character '2' after array element"],
  ['{} x', "invalid character 'x' after top-level value"],
  [String.raw`"\x"`, "invalid character 'x' in string escape code"],
])('refuses %j with the words of Go', (text, message) => {
  expect(parseJson(text)).toEqual({ ok: false, message });
});

it('notes fields that come twice and keeps the last', () => {
  expect(parseJson('{"a":1,"b":[{"c":1,"c":2}],"a":{"d":3}}')).toEqual({
    ok: true,
    value: { a: { d: 3 }, b: [{ c: 2 }] },
    duplicates: ['duplicate field "b[0].c"', 'duplicate field "a"'],
  });
});

it('reads whatever JSON.parse reads, and nothing else', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch {
        expect(parseJson(text).ok).toBe(false);
        return;
      }
      expect(parseJson(text)).toMatchObject({ ok: true, value });
    }),
  );
});

it('reads only so deep', () => {
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  expect(parseJson(nested(1_000)).ok).toBe(true);
  expect(parseJson(nested(100_000))).toEqual({
    ok: false,
    message: "invalid character '[' exceeded max depth",
  });
});

it('quotes fields that come twice, and replaces halves of characters', () => {
  expect(parseJson('{"a\\n":1,"a\\n":2}')).toMatchObject({ duplicates: [String.raw`duplicate field "a\n"`] });
  expect(parseJson(String.raw`{"a":"x\ud800y \ud83d\ude00"}`)).toMatchObject({
    value: { a: 'x\ufffdy \u{1f600}' },
  });
});
