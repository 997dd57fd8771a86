import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextTerm, parseClaim } from './claim.ts';

test.each([
  [{ lastClaim: 0 }, 1],
  [{ lastClaim: 7 }, 8],
  [{ lastClaim: 7, leaseTerm: 3 }, 8],
  [{ lastClaim: 7, leaseTerm: 9 }, 9],
  [{ lastClaim: 7, atLeastTerm: 7 }, 8],
  [{ lastClaim: 7, atLeastTerm: 20 }, 21],
  [{ lastClaim: 7, leaseTerm: 30, atLeastTerm: 20 }, 30],
  [{ lastClaim: 7, leaseTerm: 2 ** 53 }, 8],
  [{ lastClaim: 7, leaseTerm: 2 ** 40 }, 8],
  [{ lastClaim: 7, leaseTerm: Number.NaN }, 8],
  [{ lastClaim: Number.MAX_SAFE_INTEGER - 1 }, Number.MAX_SAFE_INTEGER],
  [{ lastClaim: Number.MAX_SAFE_INTEGER }, undefined],
  [{ lastClaim: 7, atLeastTerm: 7 + 1_000_000 }, 1_000_008],
  [{ lastClaim: 7, atLeastTerm: 8 + 1_000_000 }, 8],
  [{ lastClaim: 1, atLeastTerm: Number.MAX_SAFE_INTEGER }, 2],
  [{ lastClaim: 1, atLeastTerm: 2 ** 60 }, 2],
  [{ lastClaim: 1, atLeastTerm: Number.NaN }, 2],
])('knowing %j the next term is %s', (known, term) => {
  expect(nextTerm(known)).toBe(term);
});

test('the next term is always above every claim and every term that agents have seen', () => {
  const whole = fc.integer({ min: 0, max: 1_000_000_000 });
  fc.assert(
    fc.property(whole, whole, fc.integer({ min: 0, max: 1_000_000 }), (lastClaim, leaseTerm, lead) => {
      const atLeastTerm = lastClaim + lead;
      const term = nextTerm({ lastClaim, leaseTerm, atLeastTerm });
      return term !== undefined && term > lastClaim && term > atLeastTerm;
    }),
  );
});

test.each([
  '',
  'x',
  '{}',
  '{"term":0,"holder":"h","incarnation":"i","startedAtMs":1}',
  '{"term":1.5,"holder":"h","incarnation":"i","startedAtMs":1}',
])('a last claim of %j is a fault, never term 0', (text) => {
  expect(() => parseClaim(new TextEncoder().encode(text))).toThrow(
    expect.objectContaining({ code: 'invalid', retry: 'never' }),
  );
});
