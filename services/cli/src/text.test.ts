import fc from 'fast-check';
import { expect, test } from 'vitest';
import { durationText, oneLine, sanitise, textWidth, truncate } from './text.ts';

test('control characters and direction overrides become visible escapes', () => {
  expect(sanitise('a\x1b[31mb\x07\u009b\u202ec\n')).toBe('a\\x1b[31mb\\x07\\x9b\\u202ec\n');
});

test('no sanitised text can move the cursor', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(sanitise(text)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
      expect(oneLine(text)).not.toMatch(/[\n\t]/);
    }),
  );
});

test('wide and combining characters count as a terminal shows them', () => {
  expect(textWidth('abc')).toBe(3);
  expect(textWidth('日本')).toBe(4);
  expect(textWidth('e\u0301')).toBe(1);
  expect(textWidth('🚀x')).toBe(3);
});

test('a cut text never exceeds its width and says that it was cut', () => {
  expect(truncate('inference-server', 8)).toBe('inferen…');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 40 }), (text, width) => {
      expect(textWidth(truncate(text, width))).toBeLessThanOrEqual(Math.max(width, 1));
    }),
  );
});

test('durations are short and never negative', () => {
  expect([-5, 850, 12_000, 185_000, 7_800_000, 363_600_000].map(durationText)).toEqual([
    '0ms',
    '850ms',
    '12s',
    '3m5s',
    '2h10m',
    '4d5h',
  ]);
});
