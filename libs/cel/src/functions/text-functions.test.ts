import { expect, test } from 'vitest';
import { celEnvironment, parseExpression } from '../index.ts';

function trimmed(text: string): unknown {
  const parsed = parseExpression(celEnvironment().registerVariable('x', 'string'), 'x.trim()');
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.program({ x: text });
}

test('what Unicode calls white space goes at both ends and stays within', () => {
  expect(trimmed(' \t\u00a0\u3000a \n b\u2003\u0085 ')).toBe('a \n b');
  expect(trimmed('\ufeffa')).toBe('\ufeffa');
  expect([trimmed(' \n '), trimmed('')]).toEqual(['', '']);
});

test('half a million spaces within a text are passed over', () => {
  const text = `a${' '.repeat(500_000)}b`;
  expect(trimmed(` ${text} `)).toBe(text);
});
