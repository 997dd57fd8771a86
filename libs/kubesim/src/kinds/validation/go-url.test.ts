import { expect, it } from 'vitest';
import { readUrl } from './go-url.ts';

it('reads all parts of a URL', () => {
  expect(readUrl('HTTPS://ada:x@hooks.example.com:8443/a?b=c#d')).toEqual({
    ok: true,
    scheme: 'https',
    host: 'hooks.example.com:8443',
    user: 'ada:x',
    query: 'b=c',
    fragment: 'd',
  });
});

it.each(['with.dot', '../up', '/absolute', 'Bad Value!', 'https:/models'])('finds no host in %j', (text) => {
  expect(readUrl(text)).toMatchObject({ ok: true, host: '' });
});

it.each([
  ['150%', 'invalid URL escape "%"'],
  [':models', 'missing protocol scheme'],
  ['1models:8443/check', 'first path segment in URL cannot contain colon'],
  ['https://hooks.example.com:port/', 'invalid port ":port" after host'],
  ['https://hooks example.com/', 'invalid character " " in host name'],
  ['https://a/\n', 'net/url: invalid control character in URL'],
])('refuses %j in the words of Go', (text, why) => {
  expect(readUrl(text)).toEqual({ ok: false, why });
});
