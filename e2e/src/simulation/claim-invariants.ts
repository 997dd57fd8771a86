import { headerNames } from '@meridian/ledger';
import type { Entry, History } from './history.ts';

/** I2, beyond the term: between two claims the ledger has records of one leadership only, also when another has the same term. */
export function writtenByClaimant({ message }: Entry, { leader, seal }: History): string | undefined {
  const [, , kind] = message.subject.split('.');
  // Whoever is about to claim breaks the seal of whoever led, and sets one.
  if (kind === 'claim' || kind === 'seal') return undefined;
  const holder = message.header.get(headerNames.holder);
  if (holder === leader && sealOf(message) === seal) return undefined;
  return `#${message.seq} ${message.subject} is written by ${holder}, and ${leader} has claimed the ledger last`;
}

/** What all messages of one leadership have in common: the end of their ids. */
export function sealOf({ messageId }: Entry['message']): string {
  return messageId.split('/').at(-1) ?? '';
}
