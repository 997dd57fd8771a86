import { digestText } from '@meridian/manifests';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { digestNatively } from './digest-natively.ts';

test('bytes and digest are those that plain JavaScript gives', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const { bytes, digest } = digestNatively(text);
      const expected = digestText(text);
      expect(digest).toBe(expected.digest);
      expect([...bytes]).toEqual([...expected.bytes]);
    }),
  );
});
