import { describe, expect, it } from 'vitest';
import { plainOf } from './plain.ts';
import { plainTag, resolvePlainScalar } from './scalars.ts';

function decoded(text: string): unknown {
  return plainOf(resolvePlainScalar(text));
}

describe('an unquoted scalar', () => {
  it.each([
    ['0777', 511],
    ['0o17', 15],
    ['0x1F', 31],
    ['-0b101', -5],
    ['1_000', 1000],
    ['+7', 7],
    ['-0', 0],
    ['9007199254740993', 9007199254740993n],
    ['18446744073709551615', 18446744073709551615n],
    ['-9223372036854775808', -9223372036854775808n],
    ['0b-1', -1],
  ])('%s is the integer that Go reads', (text, value) => {
    expect(plainTag(text)).toBe('!!int');
    expect(decoded(text)).toBe(value);
  });

  it.each([
    ['08', 8],
    ['1e3', 1000],
    ['1_0.5', 10.5],
    ['.51_000', 0.51],
    ['18446744073709551616', 18446744073709551616],
    ['+18446744073709551615', 18446744073709551615],
    ['-0.0', 0],
  ])('%s is a float', (text, value) => {
    expect(plainTag(text)).toBe('!!float');
    expect(decoded(text)).toBe(value);
  });

  it.each([
    ['2001-01-01', '2001-01-01T00:00:00Z'],
    ['2001-1-2 3:04:05,5', '2001-01-02T03:04:05.5Z'],
    ['2001-01-01t01:02:03.120000+01:60', '2001-01-01T01:02:03.12+02:00'],
    ['2024-02-29T00:00:00-00:00', '2024-02-29T00:00:00Z'],
  ])('%s is a timestamp, written as RFC 3339', (text, value) => {
    expect(plainTag(text)).toBe('!!timestamp');
    expect(decoded(text)).toBe(value);
  });

  it.each([
    'yes',
    'off',
    'n',
    '1:30',
    '2001-02-29',
    '2001-01-01 00:00:00Z',
    '1e400',
    '0x',
    '_1',
    '._5',
    '.5_',
    '0b2',
    '-',
    'nan',
    '0o9',
    '0b+2',
  ])('%s is a text', (text) => {
    expect(resolvePlainScalar(text)).toBe(text);
    expect(decoded(text)).toBe(text);
  });

  it('that is null or a boolean may be written in several ways', () => {
    expect(['', '~', 'null', 'Null', 'NULL'].map(decoded)).toEqual([null, null, null, null, null]);
    expect(['true', 'True', 'TRUE', 'false', 'False', 'FALSE'].map(decoded)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
