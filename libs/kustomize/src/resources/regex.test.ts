import { describe, expect, it } from 'vitest';
import { RegexProblem, regexOf } from './regex.ts';

describe('a regular expression', () => {
  it('matches anywhere in a text unless it is anchored', () => {
    expect(regexOf('web')('my-web-1')).toBe(true);
    expect(regexOf('^(?:web)$')('my-web-1')).toBe(false);
  });

  it('knows the syntax of Go', () => {
    expect(regexOf('(?i)^(?P<name>[[:alpha:]]+)\\z')('WEB')).toBe(true);
    expect(regexOf('^\\Qa.b\\E$')('axb')).toBe(false);
  });

  it('is refused with a reason when Go refuses it', () => {
    expect(() => regexOf('(?=x)')).toThrow(new RegexProblem('invalid or unsupported Perl syntax: `(?=`'));
    expect(() => regexOf('(a')).toThrow('missing closing ): `(a`');
    expect(() => regexOf('((a{1000}){1000})')).toThrow(RegexProblem);
  });

  it('takes time that grows with the text only', () => {
    expect(regexOf('^(?:(x+x+)+y)$')('x'.repeat(100_000))).toBe(false);
  });

  it('is compiled once', () => {
    expect(regexOf('a+b')).toBe(regexOf('a+b'));
  });
});
