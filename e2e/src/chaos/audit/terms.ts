import type { CaseFile, LedgerFact, Violation } from './facts.ts';

interface Reign {
  readonly term: number;
  readonly holder: string;
  readonly incarnation: string;
}

/** A life of the ledger so far. Without a claim only the highest term is known: older claims are dropped with time. */
interface Life {
  readonly number: number;
  readonly highest: number;
  readonly reign: Reign | undefined;
}

/**
 * I1: terms strictly grow from claim to claim, and claims keep the incarnation. I2: every other message is by the holder and in
 * the term of the last claim, so that a term has one writer. I8: no message is without a term. The seals of candidates are
 * neither.
 */
export function auditTerms({ ledger }: Pick<CaseFile, 'ledger'>): Violation[] {
  let life: Life = { number: 0, highest: 0, reign: undefined };
  return ledger.flatMap((fact) => {
    if (fact.life !== life.number) life = { number: fact.life, highest: 0, reign: undefined };
    if (fact.body.kind === 'damaged') return [violation('readable', fact, fact.body.why)];
    if (fact.body.kind === 'seal') return [];
    if (fact.term === 0) return [violation('I8', fact, 'has no term')];
    const found = fact.body.kind === 'claim' ? auditClaim(fact, fact.body, life) : auditEntry(fact, life);
    life = after(fact, life);
    return found;
  });
}

function after(fact: LedgerFact, life: Life): Life {
  const highest = Math.max(life.highest, fact.term);
  return fact.body.kind === 'claim' ? { ...life, highest, reign: fact.body } : { ...life, highest };
}

function auditClaim(fact: LedgerFact, claim: Reign, { highest, reign }: Life): Violation[] {
  const { term, holder, incarnation } = claim;
  if (term !== fact.term || holder !== fact.holder)
    return [violation('I1', fact, 'claims another term or holder than its headers say')];
  if (term <= highest) return [violation('I1', fact, `claims term ${term} after term ${highest}`)];
  if (reign && reign.incarnation !== incarnation)
    return [violation('I1', fact, `begins another incarnation within one life of the ledger`)];
  return [];
}

function auditEntry(fact: LedgerFact, { highest, reign }: Life): Violation[] {
  const { term, holder } = fact;
  if (!reign) return term < highest ? [violation('I2', fact, `has term ${term} after term ${highest}`)] : [];
  if (term !== reign.term)
    return [violation('I2', fact, `has term ${term} in the term ${reign.term} of ${reign.holder}`)];
  if (holder !== reign.holder)
    return [violation('I2', fact, `is by ${holder} in term ${term}, which is of ${reign.holder}`)];
  return [];
}

/** A violation by one message of the ledger. */
export function violation(invariant: string, fact: LedgerFact, text: string): Violation {
  const { subject, sequence, atMs } = fact;
  return { invariant, atMs, message: `${subject} at sequence ${sequence} ${text}` };
}
