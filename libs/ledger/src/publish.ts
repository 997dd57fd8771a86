import { headers as newHeaders } from '@nats-io/transport-node';
import { z } from 'zod';
import { FaultError } from '@meridian/runtime';
import { ask } from './ask.ts';
import { apiVerdict, faultOf } from './fault-of.ts';
import { headerNames, ledgerStream } from './names.ts';
import { parseJson } from './parse-json.ts';
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
