import type { Health } from '@meridian/fleet';

/** What one object or one application is judged to be, with one readable sentence. */
export interface Verdict {
  readonly health: Health;
  readonly reason: string;
}

/** Verdict words from worst to best. The worst of many wins: what was not seen or is gone outweighs what is known to be bad. */
export const healthOrder: readonly Health[] = [
  'Unknown',
  'Missing',
  'Degraded',
  'Progressing',
  'Suspended',
  'Healthy',
];

export const healthy = (reason: string): Verdict => ({ health: 'Healthy', reason });
export const progressing = (reason: string): Verdict => ({ health: 'Progressing', reason });
export const degraded = (reason: string): Verdict => ({ health: 'Degraded', reason });
export const suspended = (reason: string): Verdict => ({ health: 'Suspended', reason });

/**
 * Many verdicts as one: the worst health wins, with the reason of the first that has it. No verdicts are Healthy: an
 * application without objects has nothing that could be wrong.
 */
export function aggregate(verdicts: Iterable<Verdict>): Verdict {
  let worst: Verdict = healthy('there is nothing to judge');
  let rank = healthOrder.length;
  for (const verdict of verdicts) {
    const next = healthOrder.indexOf(verdict.health);
    if (next >= rank) continue;
    worst = verdict;
    rank = next;
  }
  return worst;
}
