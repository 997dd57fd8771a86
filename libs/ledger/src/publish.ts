import { headers as newHeaders } from '@nats-io/transport-node';
import { z } from 'zod';
import { FaultError } from '@meridian/runtime';
import { ask } from './ask.ts';
import { apiVerdict, faultOf } from './fault-of.ts';
import { headerNames, ledgerStream } from './names.ts';
import { parseJson } from './parse-json.ts';
import { settledTail } from './tail.ts';
import type { FenceContext } from './tail.ts';

/** A record as it goes to the server. */
export interface PreparedRecord {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers: { readonly [name: string]: string };
  readonly messageId: string;
  /**
   * Id of the record that must be the last one, for a record sent before the one in front of it is acknowledged. The
   * sequence alone is not enough there: another leader's claim may have taken the very place of a refused record.
   */
  readonly after?: string | undefined;
  /**
   * What the stream must hold besides. The server looks for it, so a stream that was lost and made anew, or put back to an
   * older copy, refuses a record that was meant for another, even where its sequence is the expected one.
   */
  readonly seal?: SealPlace | undefined;
}

/** Where a seal is: the last message of its subject. */
export interface SealPlace {
  readonly subject: string;
  readonly sequence: number;
}

/**
 * What became of one fenced write. `refused`: another message has the expected place. `unknown`: no answer can be
 * trusted, only the tail tells. `failed`: the server said why it will not store it.
 */
export type WriteOutcome =
  | { readonly kind: 'stored' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'failed'; readonly fault: FaultError };

/** How long an acknowledgement is waited for. */
export const ackTimeoutMs = 2_000;

const answerShape = z.union([
  z.object({
    error: z.object({
      code: z.number(),
      err_code: z.number().default(0),
      description: z.string().default(''),
    }),
  }),
  z.object({ stream: z.string(), seq: z.number().int() }),
]);

/** Writes one record if the ledger's last sequence is `expected`. Never throws for the outside world's faults. */
export async function writeExpecting(
  context: FenceContext,
  record: PreparedRecord,
  expected: number,
): Promise<WriteOutcome> {
  const headers = newHeaders();
  for (const [name, value] of Object.entries(record.headers)) headers.set(name, value);
  headers.set(headerNames.messageId, record.messageId);
  headers.set(headerNames.expectedStream, ledgerStream(context.shard));
  headers.set(headerNames.expectedSequence, `${expected}`);
  if (record.after !== undefined) headers.set(headerNames.expectedMessageId, record.after);
  if (record.seal !== undefined) {
    headers.set(headerNames.expectedSubjectSequence, `${record.seal.sequence}`);
    headers.set(headerNames.expectedSubject, record.seal.subject);
  }
  try {
    const answer = await ask(context.nats, {
      subject: record.subject,
      body: record.data,
      headers,
      timeoutMs: ackTimeoutMs,
    });
    return readAnswer(answer.data, expected);
  } catch (error) {
    const fault = faultOf(error, `writing ${record.subject}`);
    return fault.retry === 'never' ? { kind: 'failed', fault } : { kind: 'unknown' };
  }
}

/**
 * Writes one record and finds out whether it is stored: its sequence, or undefined when another message has its place.
 * Throws FaultError when the server will never store it, or when the signal aborts before that is known.
 */
export async function writeSurely(
  context: FenceContext,
  { record, expected }: { readonly record: PreparedRecord; readonly expected: number },
  signal: AbortSignal,
): Promise<number | undefined> {
  const outcome = await writeExpecting(context, record, expected);
  if (outcome.kind === 'stored') return expected + 1;
  if (outcome.kind === 'failed') throw outcome.fault;
  // Also after a refusal: a record whose answer was lost may have been sent twice by the transport.
  const now = await settledTail(context, signal);
  return now.messageId === record.messageId ? now.sequence : undefined;
}

/**
 * The meaning of a publish acknowledgement. `duplicate: true` is no proof of anything, because the server looks for
 * duplicates before it compares sequences: only the sequence that was asked for counts. Without `expected`, any does.
 */
export function readAnswer(data: Uint8Array, expected?: number): WriteOutcome {
  const answer = answerShape.safeParse(parseJson(data));
  if (!answer.success) return { kind: 'unknown' };
  if (!('error' in answer.data)) {
    const isInPlace = expected === undefined || answer.data.seq === expected + 1;
    return isInPlace ? { kind: 'stored' } : { kind: 'unknown' };
  }
  const { code: status, err_code: errorCode, description } = answer.data.error;
  const [code, retry] = apiVerdict(errorCode, status);
  if (code === 'conflict') return { kind: 'refused' };
  if (code === 'unavailable') return { kind: 'unknown' };
  return {
    kind: 'failed',
    fault: new FaultError(code, `the server did not store a message: ${description} (${errorCode})`, {
      retry,
    }),
  };
}
