import { expect, it } from 'vitest';
import { parseYaml } from './parse-yaml.ts';

it.each([
  ['yes', true],
  ['0644', 420],
  ['-0644', -420],
  ['08', 8],
  ['0o17', 15],
  ['0x1F', 31],
  ['0b11', 3],
  ['1_000', 1_000],
  ['0', 0],
  ['+1', 1],
  ['12:30', '12:30'],
  ['0o8', '0o8'],
  ['2020-01-01', '2020-01-01'],
  ['"0644"', '0644'],
  ['1.5', 1.5],
])('reads %s as Go does', (text, value) => {
  expect(parseYaml(`a: ${text}`)).toEqual({ ok: true, value: { a: value } });
});

it('takes in what << names, and only the first document', () => {
  const text = 'x: &x {a: b}\nz: {<<: *x, c: d}\n---\nw: 1\n';
  expect(parseYaml(text)).toEqual({ ok: true, value: { x: { a: 'b' }, z: { a: 'b', c: 'd' } } });
});

it('reads nothing as null', () => {
  expect(parseYaml(' \n')).toEqual({ ok: true, value: null });
});

it.each([
  ['a: &a [x, *a]'],
  [
    `a0: &a0 [x]\n${Array.from({ length: 9 }, (_, n) => `a${String(n + 1)}: &a${String(n + 1)} [${`*a${String(n)},`.repeat(9)}]`).join('\n')}`,
  ],
])('refuses aliases without an end', (text) => {
  expect(parseYaml(text)).toEqual({ ok: false, message: 'yaml: document contains excessive aliasing' });
});

it('reads only so deep', () => {
  expect(parseYaml('['.repeat(20_000) + ']'.repeat(20_000))).toEqual({
    ok: false,
    message: 'yaml: exceeded max depth of 10000',
  });
});
