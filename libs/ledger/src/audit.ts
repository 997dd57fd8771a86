import { z } from 'zod';
import type { LedgerMessage } from './ledger-message.ts';
import { parseJson } from './parse-json.ts';

/** One broken invariant. */
export interface Violation {
  readonly invariant: 'I1' | 'I2' | 'I3' | 'I8';
  readonly sequence: number;
  readonly message: string;
}

interface AuditState {
  readonly claim:
    { readonly term: number; readonly holder: string; readonly incarnation: string } | undefined;
  /** Highest term of messages before the oldest claim that is still there; older claims are dropped with time. */
  readonly termBefore: number;
  readonly generations: Map<string, number>;
}

const claimShape = z.object({ term: z.number(), holder: z.string(), incarnation: z.string() });
const envelopeShape = z.object({ payload: z.string() });
const payloadShape = z.object({ generation: z.number() });

/**
 * Checks raw ledger messages, in any order and with gaps: terms strictly increase from claim to claim (I1), every
 * message carries the term and holder of the latest claim before it (I2), no assignment's generation decreases per
 * subject (I3), and none is without a term (I8). Gives every violation.
 */
export function auditLedger(messages: readonly LedgerMessage[]): Violation[] {
  const ordered = [...messages].sort((a, b) => a.sequence - b.sequence);
  const state: { value: AuditState } = { value: { claim: undefined, termBefore: 0, generations: new Map() } };
  return ordered.flatMap((message) => {
    // A candidate's, who has no term yet.
    if (message.subject.split('.')[2] === 'seal') return [];
    if (message.term === 0)
      return [
        { invariant: 'I8' as const, sequence: message.sequence, message: `${message.subject} has no term` },
      ];
    const isClaim = message.subject.split('.')[2] === 'claim';
    return isClaim
      ? auditClaim(message, state)
      : [...auditTerm(message, state), ...auditGeneration(message, state.value)];
  });
}

function auditClaim(message: LedgerMessage, state: { value: AuditState }): Violation[] {
  const violation = (text: string): Violation => ({
    invariant: 'I1',
    sequence: message.sequence,
    message: text,
  });
  const claim = claimShape.safeParse(parseJson(message.body));
  if (!claim.success || claim.data.term !== message.term)
    return [violation('a claim whose body and header disagree')];
  const { claim: before, termBefore } = state.value;
  const floor = before?.term ?? termBefore;
  state.value = { ...state.value, claim: claim.data };
  if (claim.data.term <= floor) return [violation(`term ${claim.data.term} claimed after term ${floor}`)];
  if (before && before.incarnation !== claim.data.incarnation)
    return [violation('the incarnation changed within one life of the ledger')];
  return [];
}

function auditTerm(message: LedgerMessage, state: { value: AuditState }): Violation[] {
  const { claim, termBefore } = state.value;
  const violation = (text: string): Violation[] => [
    { invariant: 'I2', sequence: message.sequence, message: `${message.subject} ${text}` },
  ];
  if (!claim) {
    if (message.term < termBefore) return violation(`has term ${message.term} after term ${termBefore}`);
    state.value = { ...state.value, termBefore: message.term };
    return [];
  }
  if (message.term !== claim.term) return violation(`has term ${message.term} in term ${claim.term}`);
  const holder = message.headers['Meridian-Holder'];
  return holder === claim.holder
    ? []
    : violation(`was written by ${holder ?? 'nobody'} in the term of ${claim.holder}`);
}

function auditGeneration(message: LedgerMessage, { generations }: AuditState): Violation[] {
  if (message.subject.split('.')[2] !== 'assign') return [];
  const generation = generationOf(message.body);
  const before = generations.get(message.subject) ?? 0;
  if (generation === undefined)
    return [
      {
        invariant: 'I3',
        sequence: message.sequence,
        message: `${message.subject} has no readable generation`,
      },
    ];
  generations.set(message.subject, Math.max(before, generation));
  if (generation >= before) return [];
  return [
    {
      invariant: 'I3',
      sequence: message.sequence,
      message: `${message.subject} went from generation ${before} to ${generation}`,
    },
  ];
}

function generationOf(body: Uint8Array): number | undefined {
  const envelope = envelopeShape.safeParse(parseJson(body));
  if (!envelope.success) return undefined;
  const payload = payloadShape.safeParse(parseJson(Buffer.from(envelope.data.payload, 'base64')));
  return payload.success ? payload.data.generation : undefined;
}
