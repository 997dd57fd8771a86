import type { Assignment, HighWaterMark } from '@meridian/fleet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideAcceptance, isHigher } from './acceptance.ts';
import type { Known } from './acceptance.ts';

const offered = (changes: Partial<Assignment> = {}): Assignment => ({
  cluster: 'one',
  application: 'web',
  release: 'r5',
  revision: 'c',
  bundle: 'b5',
  generation: 5,
  term: 3,
  incarnation: 'a',
  issuedAtMs: 0,
  expiresAtMs: 100,
  prune: true,
  selfHeal: true,
  createNamespace: true,
  namespace: 'ml',
  allowedDeletions: 0,
  ...changes,
});

const known: Known = { mark: { incarnation: 'a', term: 3, generation: 5 }, content: offered() };
const decide = (changes: Partial<Assignment>, of: Known | undefined = known) =>
  decideAcceptance('one', of, offered(changes));

describe('decideAcceptance', () => {
  it('accepts the first and every later generation', () => {
    expect(decideAcceptance('one', undefined, offered()).decision).toBe('accept');
    expect(decide({ generation: 6 }).decision).toBe('accept');
    expect(decide({ generation: 6, term: 9 }).decision).toBe('accept');
  });

  it('has nothing to do for what it knows, and renews what is signed for longer or by a later leader', () => {
    expect(decide({}).decision).toBe('same');
    expect(decide({ expiresAtMs: 200 }).decision).toBe('renew');
    expect(decide({ term: 4 }).decision).toBe('renew');
  });

  it('refuses what is for another cluster', () => {
    expect(decide({ cluster: 'two', generation: 6 })).toEqual({
      decision: 'refuse',
      reason: 'it is for cluster two, this is one',
    });
  });

  it('refuses lower generations and lower terms', () => {
    expect(decide({ generation: 4 })).toEqual({ decision: 'refuse', reason: 'its generation 4 is below 5' });
    expect(decide({ generation: 6, term: 2 })).toEqual({
      decision: 'refuse',
      reason: 'its term 2 is below 3',
    });
  });

  it('refuses a generation that was used for something else', () => {
    expect(decide({ bundle: 'other' }).decision).toBe('refuse');
    expect(decide({ release: 'other' }).decision).toBe('refuse');
  });

  it('takes the same generation again when only its mark was kept', () => {
    expect(decide({}, { mark: known.mark, content: undefined }).decision).toBe('accept');
  });

  it('takes a rebuilt ledger only with a higher term and no lower generation', () => {
    expect(decide({ incarnation: 'b', term: 4, generation: 6 }).decision).toBe('accept');
    expect(decide({ incarnation: 'b', term: 4 }).decision).toBe('renew');
    expect(decide({ incarnation: 'b', term: 4, release: 'other' }).decision).toBe('accept');
    expect(decide({ incarnation: 'b', term: 3, generation: 6 }).decision).toBe('refuse');
    expect(decide({ incarnation: 'b', term: 4, generation: 4 }).decision).toBe('refuse');
  });

  it('never goes back, whatever is offered in whatever order', () => {
    const mark = fc.record({
      incarnation: fc.constantFrom('a', 'b'),
      term: fc.nat(5),
      generation: fc.nat(5),
    });
    fc.assert(
      fc.property(fc.array(mark), (offers) => {
        let held: HighWaterMark | undefined;
        for (const next of offers) {
          const content = held && offered(held);
          const verdict = decideAcceptance('one', held && { mark: held, content }, offered(next));
          if (verdict.decision !== 'accept' && verdict.decision !== 'renew') continue;
          if (held) {
            expect(next.generation).toBeGreaterThanOrEqual(held.generation);
            expect(next.term).toBeGreaterThanOrEqual(held.term);
          }
          held = next;
        }
      }),
    );
  });
});

describe('isHigher', () => {
  it('is a strict order on the marks of one ledger', () => {
    const mark = fc.record({ incarnation: fc.constant('a'), term: fc.nat(3), generation: fc.nat(3) });
    fc.assert(fc.property(mark, mark, (left, right) => !(isHigher(left, right) && isHigher(right, left))));
  });
});
