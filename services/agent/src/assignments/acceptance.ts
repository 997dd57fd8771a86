import type { Assignment, HighWaterMark } from '@meridian/fleet';

/** Whether an assignment is the next one. `same` is the one that is already known; there is nothing to do. */
export type Acceptance =
  | { readonly decision: 'accept' }
  | { readonly decision: 'same' }
  | { readonly decision: 'refuse'; readonly reason: string };

/** What is known of an application: the highest assignment ever accepted. */
export interface Known {
  readonly mark: HighWaterMark;
  /** What was accepted; undefined when only the mark is left of it (a lost disk, a bundle too large for the cluster copy). */
  readonly content: { readonly release: string; readonly bundle: string | undefined } | undefined;
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
    : otherLedger(known.mark, offered);
}

function sameLedger(known: Known, offered: Assignment): Acceptance {
  const { mark } = known;
  if (offered.term < mark.term) return refuse(`its term ${offered.term} is below ${mark.term}`);
  if (offered.generation < mark.generation) {
    return refuse(`its generation ${offered.generation} is below ${mark.generation}`);
  }
  if (offered.generation > mark.generation || !known.content) return { decision: 'accept' };
  const equal = offered.release === known.content.release && offered.bundle === known.content.bundle;
  return equal
    ? { decision: 'same' }
    : refuse(`generation ${offered.generation} was used for another release before`);
}

function otherLedger(mark: HighWaterMark, offered: Assignment): Acceptance {
  if (offered.term <= mark.term) {
    return refuse(
      `it is of another ledger (${offered.incarnation}) and its term ${offered.term} is not above ${mark.term}`,
    );
  }
  if (offered.generation < mark.generation) {
    return refuse(
      `it is of another ledger (${offered.incarnation}) and its generation ${offered.generation} is below ${mark.generation}`,
    );
  }
  return { decision: 'accept' };
}

const refuse = (reason: string): Acceptance => ({ decision: 'refuse', reason });

/** Whether `left` stands after `right`: by generation and term in one ledger, by term first across ledgers. */
export function isHigher(left: HighWaterMark, right: HighWaterMark): boolean {
  if (left.incarnation !== right.incarnation && left.term !== right.term) return left.term > right.term;
  if (left.generation !== right.generation) return left.generation > right.generation;
  return left.term > right.term;
}
