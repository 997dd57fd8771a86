import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { backoffMs } from '@meridian/retry';
import { FaultError } from '@meridian/runtime';
import { faultOf } from './fault-of.ts';
import { Leadership } from './leadership.ts';
import { headerNames, ledgerStream, ledgerSubjects } from './names.ts';
import { ackTimeoutMs, writeSurely } from './publish.ts';
import { setSeal } from './seal.ts';
import type { Seal } from './seal.ts';
import { settledTail } from './tail.ts';
import type { FenceContext } from './tail.ts';

/** What a candidate knows of terms besides the ledger. */
export interface ClaimOptions {
  /** The number Redis gave with the lock. Only a hint: ignored when it is absurd, since the ledger's own rule is enough. */
  readonly leaseTerm?: number;
  /** Highest term anybody has seen, such as agents' high-water marks after the ledger was lost; the claim goes above it, unless it is absurd. */
  readonly atLeastTerm?: number;
  readonly signal: AbortSignal;
}

/** The body of a claim. */
export interface Claim {
  readonly term: number;
  readonly holder: string;
  /** Names one life of the ledger: made with its first claim and carried on. */
  readonly incarnation: string;
  readonly startedAtMs: number;
}

/** When a claim was stored, by the clock of the ledger and by that of the claimant. */
export interface ClaimTime {
  /** Server time. */
  readonly atMs: number;
  /** Monotonic time of this process when it knew: at most two seconds later. */
  readonly heardAtMs: number;
}

/** The end of a claim: leadership, or why not. */
export type ClaimResult =
  { readonly ok: true; readonly leadership: Leadership } | { readonly ok: false; readonly reason: string };

const claimShape = z.object({
  term: z.number().int().positive(),
  holder: z.string(),
  incarnation: z.string().min(1),
  startedAtMs: z.number(),
});

/**
 * How far above the last claim a term from elsewhere may be. One that is further away was never counted up to: it is a
 * mistake or a lie, and going above it would burn terms, with 2^53 - 1 all of them.
 */
export const largestTermLead = 1_000_000;
const claimBackoff = { firstMs: 5, factor: 2, capMs: 250 };

/** The term of the next claim, or undefined when no whole number above the known ones is left (2^53 - 1 is the last). */
export function nextTerm(known: {
  lastClaim: number;
  leaseTerm?: number;
  atLeastTerm?: number;
}): number | undefined {
  const seen = isSaneTerm(known.atLeastTerm, known.lastClaim) ? known.atLeastTerm : 0;
  const floor = Math.max(known.lastClaim, seen) + 1;
  if (!Number.isSafeInteger(floor)) return undefined;
  return isSaneTerm(known.leaseTerm, floor) ? Math.max(known.leaseTerm, floor) : floor;
}

function isSaneTerm(term: number | undefined, known: number): term is number {
  return term !== undefined && Number.isSafeInteger(term) && term - known <= largestTermLead;
}

/**
 * Claims the ledger: once its seal is set, nobody else's write is accepted. Tries again while others write, until the
 * signal aborts.
 */
export async function claimLedger(context: FenceContext, options: ClaimOptions): Promise<ClaimResult> {
  for (let attempt = 0; !options.signal.aborted; attempt++) {
    const tail = await settledTail(context, options.signal);
    const last = await readLastClaim(context);
    const claim = makeClaim(context, options, last);
    if (!claim)
      return {
        ok: false,
        reason: 'no term above the last claim is left',
      };
    // Two candidates may try for the same term. Were their message ids equal too, the server would take the second for a
    // repetition of the first and acknowledge it with the first one's sequence: both would believe they lead.
    const seal = await setSeal(context, { tail, id: randomUUID() }, options.signal);
    // What was read before the seal was set may be of a stream that is not there any more.
    if (seal && isSameClaim(await readLastClaim(context), last)) {
      const sentAtMs = context.clock.monotonicMs();
      const sequence = await writeClaim(context, { claim, seal }, options.signal);
      const heardAtMs = context.clock.monotonicMs();
      // Knowing late that it is stored says too little of when it was; another claim will.
      if (sequence !== undefined && heardAtMs - sentAtMs <= ackTimeoutMs) {
        const { atMs } = await settledTail(context, options.signal);
        const claimed: ClaimTime = { atMs, heardAtMs };
        return { ok: true, leadership: new Leadership(context, { claim, claimed, seal, sequence }) };
      }
    }
    await context.clock.wait(backoffMs(claimBackoff, attempt, Math.random()), options.signal);
  }
  return { ok: false, reason: 'stopped before a claim was accepted; others kept writing to the ledger' };
}

function makeClaim(context: FenceContext, options: ClaimOptions, last: Claim | undefined): Claim | undefined {
  const lastClaim = last?.term ?? 0;
  const { atLeastTerm } = options;
  if (atLeastTerm !== undefined && !isSaneTerm(atLeastTerm, lastClaim))
    context.log?.warn({ atLeastTerm, lastClaim }, 'a term that agents report is absurd and is left out');
  const term = nextTerm({ ...options, lastClaim });
  if (term === undefined) return undefined;
  return {
    term,
    holder: context.holder,
    incarnation: last?.incarnation ?? randomUUID(),
    startedAtMs: context.clock.nowMs(),
  };
}

function isSameClaim(claim: Claim | undefined, other: Claim | undefined): boolean {
  return claim?.term === other?.term && claim?.incarnation === other?.incarnation;
}

function writeClaim(
  context: FenceContext,
  { claim, seal }: { claim: Claim; seal: Seal },
  signal: AbortSignal,
): Promise<number | undefined> {
  const record = {
    subject: ledgerSubjects.claim(context.shard),
    data: new TextEncoder().encode(JSON.stringify(claim)),
    headers: { [headerNames.term]: `${claim.term}`, [headerNames.holder]: claim.holder },
    messageId: `${context.shard}/${claim.term}/claim/${seal.id}`,
    seal: seal.place,
  };
  return writeSurely(context, { record, expected: seal.sequence }, signal);
}

async function readLastClaim(context: FenceContext): Promise<Claim | undefined> {
  try {
    const last = await context.manager.streams.getMessage(ledgerStream(context.shard), {
      last_by_subj: ledgerSubjects.claim(context.shard),
    });
    return last ? parseClaim(last.data) : undefined;
  } catch (error) {
    throw faultOf(error, 'reading the last claim');
  }
}

/** Reads the body of a claim. Throws FaultError 'invalid' when it is not one: then no term is safe to take. */
export function parseClaim(body: Uint8Array): Claim {
  try {
    return claimShape.parse(JSON.parse(new TextDecoder().decode(body)));
  } catch (error) {
    throw new FaultError(
      'invalid',
      'the last claim of the ledger cannot be read; something else writes to its subjects',
      {
        retry: 'never',
        cause: error,
      },
    );
  }
}
