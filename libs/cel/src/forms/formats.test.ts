import { expect, it } from 'vitest';
import { parseDuration, parseGoDuration } from './durations.ts';
import { hasFormat, isKnownFormat } from './formats.ts';

it.each([
  ['email', 'a@b.example', 'a@b@c'],
  ['hostname', 'a.example', '-a'],
  ['ipv4', '010.0.0.1', '::1'],
  ['ipv6', '::ffff:10.0.0.1', '10.0.0.1'],
  ['cidr', '::/0', '10.0.0.0/33'],
  ['mac', '01-23-45-67-89-ab', '01:23:45'],
  ['uuid', '6ba7b8109dad11d180b400c04fd430c8', 'x'],
  ['uuid4', '9b2d6f5e-1c1a-4c5e-8a77-0f4f9f6f0c11', '6ba7b810-9dad-11d1-80b4-00c04fd430c8'],
  ['isbn', '978-0321751041', '1234567890'],
  ['isbn10', '080442957X', '0804429570'],
  ['creditcard', '4111 1111 1111 1111', '4111 1111 1111 1112'],
  ['ssn', '111-22-3333', '11-22-3333'],
  ['hexcolor', '#fff', 'ff'],
  ['rgbcolor', 'rgb(1, 2, 255)', 'rgb(1,2,256)'],
  ['byte', 'aGVsbG8=', 'aGVsbG8'],
  ['date', '2024-02-29', '2026-02-30'],
  ['date-time', '2026-01-02t03:04:05.1+01:00', '2026-01-02'],
  ['duration', '2 hours', 'soon'],
  ['uri', 'mailto:a@b.example', 'b'],
  ['k8s-short-name', 'a-b', 'a.b'],
  ['k8s-long-name', 'a.b', 'a..b'],
  ['bsonobjectid', '507f1f77bcf86cd799439011', '507f'],
])('tells text of the format %s from other text', (format, right, wrong) => {
  expect(hasFormat(right, format)).toBe(true);
  expect(hasFormat(wrong, format)).toBe(false);
});

it('lets text be of any format that it does not know', () => {
  expect(isKnownFormat('quantity')).toBe(false);
  expect(hasFormat('anything', 'quantity')).toBe(true);
});

it.each([
  ['1h30m', 5_400_000_000_000n],
  ['-1.5s', -1_500_000_000n],
  ['100ms', 100_000_000n],
  ['0', 0n],
])('reads durations as Go writes them: %s', (text, nanoseconds) => {
  expect(parseGoDuration(text)).toBe(nanoseconds);
});

it('reads durations in words, but not as those of Go', () => {
  expect(parseDuration('2 days')).toBe(172_800_000_000_000n);
  expect(parseGoDuration('2 days')).toBeUndefined();
  expect(parseDuration('')).toBeUndefined();
});
