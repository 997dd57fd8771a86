import type { Assignment, HighWaterMark } from '@meridian/fleet';

/**
 * Whether an assignment is the next one. `renew` is what is known already, signed anew for another life or by a later
 * leader; `same` is nothing new at all.
 */
export type Acceptance =
  | { readonly decision: 'accept' | 'renew' | 'same' }
  | { readonly decision: 'refuse'; readonly reason: string };

/** What is known of an application: the highest assignment ever accepted. */
export interface Known {
  readonly mark: HighWaterMark;
  /** What was accepted; undefined when only the mark is left of it (a lost disk, a bundle too large for the cluster copy). */
  readonly content: Pick<Assignment, 'release' | 'bundle' | 'expiresAtMs'> | undefined;
}

/**
 * Decides on an assignment whose signature is already proven. Term and generation never go back. Another incarnation (a
 * ledger that was lost and rebuilt) is accepted only with a higher term and a generation that is not lower: the rebuilt hub
 * takes its floors from agents, so anything lower is an old ledger that came back from a backup.
 */
export function decideAcceptance(own: string, known: Known | undefined, offered: Assignment): Acceptance {
  if (offered.cluster !== own) {
    return refuse(`it is for cluster ${offered.cluster}, this is ${own}`);
  }
  if (!known) return { decision: 'accept' };
  return known.mark.incarnation === offered.incarnation
    ? sameLedger(known, offered)
    : otherLedger(known, offered);
}

function sameLedger(known: Known, offered: Assignment): Acceptance {
  const { mark } = known;
  if (offered.term < mark.term) return refuse(`its term ${offered.term} is below ${mark.term}`);
  if (offered.generation < mark.generation) {
    return refuse(`its generation ${offered.generation} is below ${mark.generation}`);
  }
  if (offered.generation > mark.generation || !known.content) return { decision: 'accept' };
  if (!hasSameContent(known.content, offered)) {
    return refuse(`generation ${offered.generation} was used for another release before`);
  }
  const isNewer = offered.term > mark.term || offered.expiresAtMs > known.content.expiresAtMs;
  return { decision: isNewer ? 'renew' : 'same' };
}

function otherLedger({ mark, content }: Known, offered: Assignment): Acceptance {
  const ledger = `it is of another ledger (${offered.incarnation})`;
  if (offered.term <= mark.term)
    return refuse(`${ledger} and its term ${offered.term} is not above ${mark.term}`);
  if (offered.generation < mark.generation) {
    return refuse(`${ledger} and its generation ${offered.generation} is below ${mark.generation}`);
  }
  const isKnown = offered.generation === mark.generation && content && hasSameContent(content, offered);
  return { decision: isKnown ? 'renew' : 'accept' };
}

function hasSameContent(known: NonNullable<Known['content']>, offered: Assignment): boolean {
  return offered.release === known.release && offered.bundle === known.bundle;
}

const refuse = (reason: string): Acceptance => ({ decision: 'refuse', reason });

/** Whether `left` stands after `right`: by generation and term in one ledger, by term first across ledgers. */
export function isHigher(left: HighWaterMark, right: HighWaterMark): boolean {
  if (left.incarnation !== right.incarnation && left.term !== right.term) return left.term > right.term;
  if (left.generation !== right.generation) return left.generation > right.generation;
  return left.term > right.term;
}
