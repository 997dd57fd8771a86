import type { CaseFile, LedgerFact, StoredFact, Violation } from './facts.ts';

/** How many messages of a subject the ledger keeps. */
const keptOfSubject = 64;

/**
 * I6: whatever was read in the present life of the ledger is there as it was, whichever server of NATS is asked, unless so many
 * later ones of its subject followed that it was dropped.
 */
export function auditKept({ ledger, stored }: Pick<CaseFile, 'ledger' | 'stored'>): Violation[] {
  const life = ledger.at(-1)?.life;
  const present = ledger.filter((fact) => fact.life === life);
  const mayBeGone = dropped(present);
  return stored.flatMap(({ upTo, facts }) => {
    const found = new Map(facts.map((one) => [one.sequence, one]));
    return present.flatMap((fact) => {
      const one = found.get(fact.sequence);
      if (fact.sequence > upTo || isSame(fact, one) || (!one && mayBeGone.has(fact.sequence))) return [];
      const { subject, sequence, atMs } = fact;
      const what = one ? 'is another message now' : 'is not there any more';
      return [{ invariant: 'I6', atMs, message: `${subject} at sequence ${sequence} ${what}` }];
    });
  });
}

function dropped(facts: readonly LedgerFact[]): Set<number> {
  const bySubject = Map.groupBy(facts, ({ subject }) => subject);
  return new Set(
    [...bySubject.values()].flatMap((own) => own.slice(0, -keptOfSubject).map(({ sequence }) => sequence)),
  );
}

function isSame(fact: LedgerFact, one: StoredFact | undefined): boolean {
  return one?.subject === fact.subject && one.atMs === fact.atMs && one.digest === fact.digest;
}
