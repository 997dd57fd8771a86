import type { CaseFile, LedgerFact, Violation } from './facts.ts';
import { violation } from './terms.ts';

/** Somebody's word that skips the present soak of a release. */
export interface Promotion {
  readonly application: string;
  readonly release: string;
  readonly atMs: number;
  readonly fact: LedgerFact;
}

/** Every promotion of a ledger, in its order. */
export function promotionsIn(ledger: readonly LedgerFact[]): Promotion[] {
  return ledger.flatMap((fact) => {
    if (fact.body.kind !== 'word' || fact.body.promotes === undefined) return [];
    const application = fact.subject.split('.')[3] ?? '';
    return [{ application, release: fact.body.promotes, atMs: fact.atMs, fact }];
  });
}

/** One soak is skipped once: of several people who promote it at once, one is heard, and the others do not skip the next one. */
export function auditPromotions({ ledger }: Pick<CaseFile, 'ledger'>): Violation[] {
  const promoted = new Set<string>();
  return promotionsIn(ledger).flatMap(({ application, release, fact }) => {
    const soak = soakBefore(ledger, fact, { application, release });
    if (soak === undefined) return [violation('promoted', fact, 'promotes what does not soak')];
    const key = [fact.life, application, release, soak].join(' ');
    if (promoted.has(key)) return [violation('promoted', fact, 'promotes a soak that was promoted before')];
    promoted.add(key);
    return [];
  });
}

function soakBefore(
  ledger: readonly LedgerFact[],
  { life, sequence }: LedgerFact,
  { application, release }: Pick<Promotion, 'application' | 'release'>,
): string | undefined {
  const state = ledger.findLast(
    (one) =>
      one.life === life &&
      one.sequence < sequence &&
      one.body.kind === 'rollout' &&
      one.body.application === application &&
      one.body.release === release,
  );
  return state?.body.kind === 'rollout' ? state.body.soak : undefined;
}
