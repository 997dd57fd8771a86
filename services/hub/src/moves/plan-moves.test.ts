import { describe, expect, it } from 'vitest';
import { planMoves, sameMoves } from './plan-moves.ts';
import type { MoveFacts } from './plan-moves.ts';

/** What other applications want, and who of them cannot be told. */
const facts = (
  wants: { readonly [application: string]: readonly string[] },
  more: Partial<MoveFacts> & { readonly open?: readonly string[] } = {},
): MoveFacts => ({
  dropped: [],
  before: undefined,
  suspect: undefined,
  isBlind: false,
  othersWait: () => false,
  isOpen: (application) => more.open?.includes(application) === true,
  wantedBy(name, preferred) {
    const takers = Object.keys(wants).filter((application) => wants[application]?.includes(name));
    return preferred !== undefined && takers.includes(preferred) ? preferred : takers[0];
  },
  ...more,
});

describe('what moves by an assignment', () => {
  it('is what the application drops and another one wants; what nobody wants may be deleted', () => {
    expect(planMoves(facts({ b: ['x', 'z'] }, { dropped: ['y', 'x'] }))).toEqual({ to: { b: ['x'] } });
    expect(planMoves(facts({}, { dropped: ['x'] }))).toBeUndefined();
    expect(planMoves(facts({ b: ['x'] }))).toBeUndefined();
  });

  it('goes to several applications at once', () => {
    const dropped = ['x', 'y', 'z'];
    expect(planMoves(facts({ b: ['x', 'z'], c: ['y'] }, { dropped }))).toEqual({
      to: { b: ['x', 'z'], c: ['y'] },
    });
  });

  it('stays as it was said while it is wanted, and ends when the other application gives it up', () => {
    const before = { to: { b: ['x'] } };
    expect(planMoves(facts({ a: ['x'], b: ['x'] }, { before }))).toEqual(before);
    expect(planMoves(facts({}, { before }))).toBeUndefined();
  });

  it('goes on to a third application when the second one gives it on before it has it', () => {
    expect(planMoves(facts({ c: ['x'] }, { before: { to: { b: ['x'] } } }))).toEqual({ to: { c: ['x'] } });
  });

  it('stays while the application that was to take over cannot be resolved, whatever it is known to want', () => {
    const before = { to: { b: ['x'] } };
    expect(planMoves(facts({}, { before, open: ['b'] }))).toEqual(before);
  });

  it('may go to an application that the same commit has broken', () => {
    const dropped = ['x', 'y'];
    expect(planMoves(facts({ c: ['y'] }, { dropped, suspect: 'b' }))).toEqual({
      to: { b: ['x'], c: ['y'] },
    });
    // Not what was dropped before it broke.
    expect(planMoves(facts({}, { before: { to: { c: ['x'] } }, suspect: 'b' }))).toBeUndefined();
  });

  it('is unclear until the fleet repo has been read, and settled by that', () => {
    const unclear = planMoves(facts({ c: ['y'] }, { dropped: ['x', 'y'], isBlind: true }));
    expect(unclear).toEqual({ to: { c: ['y'] }, unclear: ['x'] });
    expect(planMoves(facts({ c: ['y'] }, { before: unclear }))).toEqual({ to: { c: ['y'] } });
    expect(planMoves(facts({ b: ['x'] }, { before: unclear }))).toEqual({ to: { b: ['x'] } });
    expect(planMoves(facts({}, { before: unclear, suspect: 'b' }))).toEqual({ to: { b: ['x'] } });
  });

  it('names about a thousand objects, and holds all deletions for as long as some of more move', () => {
    const many = Array.from(
      { length: 2_000 },
      (_, index) => `apps/Deployment/team/${`${index}`.padStart(40, 'x')}`,
    );
    const moves = planMoves(facts({ b: many }, { dropped: many }));
    expect(moves?.isPartial).toBe(true);
    expect(moves?.to['b']?.length).toBeGreaterThan(1_000);
    expect(JSON.stringify(moves).length).toBeLessThan(80 * 1024);
    const [first = ''] = moves?.to['b'] ?? [];
    expect(planMoves(facts({ b: [first] }, { before: moves }))).toEqual({
      to: { b: [first] },
      isPartial: true,
    });
    expect(planMoves(facts({}, { before: moves }))).toBeUndefined();
  });

  it('goes on for what could not be named while others wait for anything, or cannot be told', () => {
    const before = { to: { b: ['x'] }, isPartial: true } as const;
    const hidden = { to: {}, isPartial: true };
    for (const why of [{ othersWait: () => true }, { suspect: 'c' }, { isBlind: true }])
      expect(planMoves(facts({}, { before, ...why }))).toEqual(hidden);
    expect(planMoves(facts({}, { before: { to: {}, isPartial: true } }))).toBeUndefined();
    expect(planMoves(facts({}, { before: { to: { b: ['x'] } }, othersWait: () => true }))).toBeUndefined();
  });

  it('is the same whatever the order of its parts', () => {
    expect(sameMoves({ to: { b: ['x'], c: ['y'] } }, { to: { c: ['y'], b: ['x'] } })).toBe(true);
    expect(sameMoves({ to: { b: ['x'] } }, { to: { b: ['x'] }, unclear: ['y'] })).toBe(false);
    expect(sameMoves({ to: { b: ['x'] } }, { to: { b: ['x'] }, isPartial: true })).toBe(false);
    expect(sameMoves(undefined, undefined)).toBe(true);
    expect(sameMoves(undefined, { to: { b: ['x'] } })).toBe(false);
  });
});
