import type { CaseFile, Violation } from './facts.ts';

/**
 * I6: what a hub has acknowledged is in the ledger, and what a person said once is there once at most in one life of it. A word
 * that was acknowledged before the ledger was taken away may be gone.
 */
export function auditWords({
  ledger,
  acknowledged,
  losses,
}: Pick<CaseFile, 'ledger' | 'acknowledged' | 'losses'>): Violation[] {
  const written = new Map<string, number>();
  const found: Violation[] = [];
  for (const { body, atMs, subject, life } of ledger) {
    if (body.kind !== 'word' || body.isEnd) continue;
    const key = `${life} ${subject} ${body.reason}`;
    written.set(key, (written.get(key) ?? 0) + 1);
    if (written.get(key) === 2)
      found.push({ invariant: 'I6', atMs, message: `${subject} has "${body.reason}" twice` });
  }
  const known = new Set(ledger.flatMap(({ body }) => (body.kind === 'word' ? [body.reason] : [])));
  for (const { reason, atMs } of acknowledged) {
    if (known.has(reason) || losses.some((lostMs) => lostMs >= atMs)) continue;
    found.push({ invariant: 'I6', atMs, message: `"${reason}" was acknowledged and is not in the ledger` });
  }
  return found;
}

/** The ledger never begins another life but when the run took the old one away. */
export function auditLives({ ledger, losses }: Pick<CaseFile, 'ledger' | 'losses'>): Violation[] {
  const lives = new Set(ledger.map(({ life }) => life));
  const extra = lives.size - 1 - losses.length;
  if (extra <= 0) return [];
  const atMs = ledger.at(-1)?.atMs ?? 0;
  return [{ invariant: 'I6', atMs, message: `the ledger lost what it had ${extra} times by itself` }];
}
