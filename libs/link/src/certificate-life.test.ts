import { describe, expect, it } from 'vitest';
import { certificateAuthority } from '@meridian/testkit';
import { endingAtMs, lifeOf, lifeProblem, stateOf } from './certificate-life.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const life = (days: number) => ({ startsAtMs: 0, endsAtMs: days * dayMs });

describe('a certificate', () => {
  it('is late for renewal when a fifth of its life is left, and two weeks before its end at the earliest', () => {
    expect(endingAtMs(life(10))).toBe(8 * dayMs);
    expect(endingAtMs(life(90))).toBe(76 * dayMs);
    expect(endingAtMs(life(3_650))).toBe(3_636 * dayMs);
  });

  it('stands where the clock says, to the millisecond', () => {
    const at = (ms: number) => stateOf(life(10), ms);
    expect([-1, 0, 8 * dayMs - 1, 8 * dayMs, 10 * dayMs - 1, 10 * dayMs].map(at)).toEqual([
      'early',
      'good',
      'good',
      'ending',
      'ending',
      'ended',
    ]);
  });

  it('is a problem only before and after its life, with what to do', () => {
    expect(lifeProblem(life(10), 9 * dayMs)).toBeUndefined();
    expect(lifeProblem(life(10), 11 * dayMs)).toBe(
      'it ended at 1970-01-11T00:00:00.000Z: put a new one in its place, which is taken up without a restart',
    );
    expect(lifeProblem(life(10), -dayMs)).toContain('the clock here says 1969-12-31: check the clock');
  });

  it('is read from PEM', () => {
    const pair = certificateAuthority('test').issue({ commonName: 'a', usages: ['client'], validMs: hourMs });
    const { startsAtMs, endsAtMs } = lifeOf(Buffer.from(pair.certificatePem));
    expect(endsAtMs - startsAtMs).toBe(dayMs + hourMs);
  });
});
