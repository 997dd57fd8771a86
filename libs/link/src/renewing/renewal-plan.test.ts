import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planRenewal, renewAtMs, renewalBackoff } from './renewal-plan.ts';

const life = { startsAtMs: 0, endsAtMs: 1_200 };
const state = { life, hasToken: false, canEnrol: true, share: 0.5 };

describe('when a certificate is renewed', () => {
  it('waits for two thirds of the life and a random part of another twelfth', () => {
    expect(renewAtMs(life, 0)).toBe(800);
    expect(renewAtMs(life, 0.5)).toBe(850);
    expect(planRenewal(state, 849)).toEqual({ kind: 'wait', untilMs: 850 });
  });

  it('renews until the end, and enrols by the ended certificate after it', () => {
    expect(planRenewal(state, 850)).toEqual({ kind: 'renew' });
    expect(planRenewal(state, 1_199)).toEqual({ kind: 'renew' });
    expect(planRenewal(state, 1_200)).toEqual({ kind: 'enrol', by: 'ended' });
  });

  it('asks over the link after the end when it knows no address to enrol at: its own clock may be wrong', () => {
    expect(planRenewal({ ...state, canEnrol: false }, 1_200)).toEqual({ kind: 'renew' });
  });

  it('uses a token at once, whatever the certificate says, and never without an address', () => {
    for (const one of [undefined, life]) {
      expect(planRenewal({ ...state, life: one, hasToken: true }, 0)).toEqual({ kind: 'enrol', by: 'token' });
    }
    expect(planRenewal({ ...state, hasToken: true, canEnrol: false }, 0)).toMatchObject({ kind: 'wait' });
  });

  it('waits without end when there is neither a certificate nor a token', () => {
    expect(planRenewal({ ...state, life: undefined }, 5)).toEqual({ kind: 'wait', untilMs: Infinity });
  });

  it('does nothing early for a clock that is behind the start of the certificate', () => {
    expect(planRenewal(state, -1_000_000)).toEqual({ kind: 'wait', untilMs: 850 });
  });

  it('never renews before two thirds nor plans a renewal after three quarters, for any life', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (start, length, share) => {
          const at = renewAtMs({ startsAtMs: start, endsAtMs: start + length }, share);
          expect(at).toBeGreaterThanOrEqual(start + (length * 2) / 3 - 1);
          expect(at).toBeLessThanOrEqual(start + length * 0.75 + 1);
        },
      ),
    );
  });
});

describe('how often it is tried', () => {
  it('tries a certificate of 30 days after a minute first, and at least once an hour', () => {
    expect(renewalBackoff({ startsAtMs: 0, endsAtMs: 30 * 86_400_000 })).toEqual({
      firstMs: 60_000,
      factor: 2,
      capMs: 3_600_000,
    });
  });

  it('tries one of ten seconds every few seconds', () => {
    expect(renewalBackoff({ startsAtMs: 0, endsAtMs: 10_000 })).toEqual({
      firstMs: 1_000,
      factor: 2,
      capMs: 60_000,
    });
    expect(renewalBackoff(undefined)).toMatchObject({ firstMs: 1_000, capMs: 60_000 });
  });
});
