import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileRegex } from './regex.ts';

function matches(pattern: string, text: string): boolean {
  const compiled = compileRegex(pattern);
  if (typeof compiled !== 'function') throw new Error(`${pattern}: ${compiled.refused}`);
  return compiled(text);
}

describe('patterns', () => {
  test('agree with the RegExp of JavaScript on what both know', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      '.',
      '[ab]',
      '[^a]',
      '[a-c]',
      '\\d',
      '\\.',
      '-',
      '(?:ab)',
      '(a|b)',
    );
    const piece = fc
      .tuple(atom, fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,2}', '{0,1}', '{1,}'))
      .map((parts) => parts.join(''));
    const branch = fc.array(piece, { maxLength: 4 }).map((parts) => parts.join(''));
    const pattern = fc
      .tuple(
        fc.constantFrom('', '^'),
        fc.array(branch, { minLength: 1, maxLength: 3 }),
        fc.constantFrom('', '$'),
      )
      .map(([start, branches, end]) => `${start}${branches.join('|')}${end}`);
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', '1', '.', '-'), { maxLength: 8 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(pattern, text, (source, input) => {
        expect(`${source} on ${input}: ${matches(source, input)}`).toBe(
          `${source} on ${input}: ${new RegExp(source).test(input)}`,
        );
      }),
      { numRuns: 3000 },
    );
  });

  test('that take others for ever take no time here', () => {
    const startedMs = Date.now();
    expect(matches('^(a+)+$', `${'a'.repeat(5000)}!`)).toBe(false);
    expect(matches('^(a|aa)*(b|a?)*$', `${'a'.repeat(2000)}!`)).toBe(false);
    expect(matches('^((a*)*)*$', 'a'.repeat(1000))).toBe(true);
    expect(Date.now() - startedMs).toBeLessThan(2000);
  });

  test.each([
    '(',
    ')',
    '[a',
    'a{2000}',
    '((((a{100}){100}){100})',
    '*a',
    'a**',
    '(?=a)',
    '(?P<n>a)',
    '\\pL',
    '[[:alpha:]]',
    '[b-a]',
    '\\',
    'x'.repeat(2000),
  ])('that are wrong, too large or rarer are refused: %s', (pattern) => {
    expect(compileRegex(pattern)).toEqual({ refused: expect.any(String) });
  });
});
