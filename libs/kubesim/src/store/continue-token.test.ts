import { expect, it } from 'vitest';
import { readToken, writeToken } from './continue-token.ts';

const encoded = (content: string) => Buffer.from(content).toString('base64url');
const version = 'meta.k8s.io/v1';

it('reads what it wrote', () => {
  const token = { revision: 7, start: '/ns/a\0' };
  expect(readToken(writeToken(token))).toEqual(token);
});

it('takes a key without a slash for one below the list', () => {
  expect(readToken(encoded(JSON.stringify({ v: version, rv: -1, start: 'a' })))).toEqual({
    revision: -1,
    start: '/a',
  });
});

it.each(['/../..', '//a', '/a/', '/a/./b'])('refuses %s, which may lead out of the list', (start) => {
  expect(() => readToken(encoded(JSON.stringify({ v: version, rv: 1, start })))).toThrow(
    `invalid continue token: continue key is not valid: ${start}`,
  );
});

it.each([
  ['{"v":"v2","rv":1,"start":"/a"}', 'server does not recognize this encoded version v2'],
  [`{"v":"${version}","rv":0,"start":"/a"}`, 'incorrect encoded start resourceVersion'],
  [`{"v":"${version}","rv":1}`, 'encoded start key empty'],
  ['{"rv":1.5}', 'cannot unmarshal number 1.5 into Go struct field continueToken.rv of type int64'],
  ['[]', 'cannot unmarshal array into Go value of type storage.continueToken'],
])('refuses %s in the words of Go', (content, words) => {
  expect(() => readToken(encoded(content))).toThrow(words);
});

it('names the first byte that base64 does not have', () => {
  expect(() => readToken('abcd=')).toThrow('illegal base64 data at input byte 4');
  expect(() => readToken('a')).toThrow('illegal base64 data at input byte 0');
});
