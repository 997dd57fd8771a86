import { expect, it } from 'vitest';
import { parseQuantity } from './quantity.ts';

it.each([
  ['1500m', 1_500_000_000n],
  ['1.5', 1_500_000_000n],
  ['.5', 500_000_000n],
  ['5.', 5_000_000_000n],
  ['-1Ki', -1_024_000_000_000n],
  ['1e3', 1_000_000_000_000n],
  ['1E-3', 1_000_000n],
  ['+1E', 10n ** 27n],
])('reads %s', (text, nano) => {
  expect(parseQuantity(text)?.nano).toBe(nano);
});

it.each(['', '.', 'm', '1-5', '1e', '1Mm', '1 ', '1.2.3', `${'1'.repeat(100_000)}x`])(
  'takes no %s',
  (text) => {
    expect(parseQuantity(text)).toBeUndefined();
  },
);
