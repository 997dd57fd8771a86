import type { LedgerFact } from './facts.ts';

/**
 * The record with what the ledger itself has dropped by now: it keeps the last 64 messages of a subject, so that a store which was
 * put back is read with holes where it was read without them before. Up to the last message that both lives have alike, the later
 * one has the history of the earlier one.
 */
export function withPruned(ledger: readonly LedgerFact[]): LedgerFact[] {
  const lives = Map.groupBy(ledger, ({ life }) => life);
  let former: readonly LedgerFact[] = [];
  return [...lives.entries()].flatMap(([life, facts]) => {
    former = restored(life, facts, former);
    return former;
  });
}

function restored(
  life: number,
  facts: readonly LedgerFact[],
  former: readonly LedgerFact[],
): readonly LedgerFact[] {
  const found = new Map(facts.map((fact) => [fact.sequence, fact]));
  const last = former.findLast((fact) => isSame(fact, found.get(fact.sequence)));
  if (!last) return facts;
  const dropped = former
    .filter(({ sequence }) => sequence < last.sequence && !found.has(sequence))
    .map((fact) => ({ ...fact, life }));
  return [...facts, ...dropped].sort((left, right) => left.sequence - right.sequence);
}

function isSame(one: LedgerFact, other: LedgerFact | undefined): boolean {
  return other?.subject === one.subject && other.atMs === one.atMs;
}
