import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FaultError } from '@meridian/runtime';
import { lineFrames } from './line-frames.ts';

test('gives each line as soon as its newline has come', () => {
  const frames = lineFrames(100);
  expect(frames.push(Buffer.from('{"a":1}\n{"b"'))).toEqual(['{"a":1}']);
  expect(frames.pendingBytes).toBe(4);
  expect(frames.push(Buffer.from(':2}\n'))).toEqual(['{"b":2}']);
  expect(frames.pendingBytes).toBe(0);
});

test('skips empty lines', () => {
  expect(lineFrames(100).push(Buffer.from('\n\na\n\n'))).toEqual(['a']);
});

test('refuses a line over the cap, even one that never ends', () => {
  const frames = lineFrames(8);
  frames.push(Buffer.from('12345678'));
  expect(() => frames.push(Buffer.from('9'))).toThrow(FaultError);
});

test('gives the same lines however the bytes are cut, also inside a character', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string({ unit: 'grapheme' }).filter((line) => line !== '' && !line.includes('\n')),
        { maxLength: 8 },
      ),
      fc.array(fc.nat({ max: 40 }), { maxLength: 20 }),
      (lines, cuts) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        const frames = lineFrames(1_000_000);
        const got: string[] = [];
        let start = 0;
        for (const cut of cuts) {
          got.push(...frames.push(bytes.subarray(start, start + cut)));
          start = Math.min(bytes.length, start + cut);
        }
        got.push(...frames.push(bytes.subarray(start)));
        expect(got).toEqual(lines);
      },
    ),
  );
});
