import type { NatsConnection } from '@nats-io/transport-node';
import { FaultError } from '@meridian/runtime';
import { ask } from './ask.ts';
import type { Answer } from './ask.ts';
import { headersOf } from './ledger-message.ts';

/** A stored message as DIRECT.GET gives it. */
export interface StoredBody {
  readonly sequence: number;
  readonly atMs: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: Uint8Array;
}

/** Which message to read. */
export interface DirectGet {
  readonly stream: string;
  readonly subject: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The last message of a subject, by the one API verb that an agent may use; undefined when there is none. Any replica
 * may answer, so it can be a little old. The answer "none" is a status header, not an error body.
 */
export async function directGet(
  nats: NatsConnection,
  { stream, subject, signal }: DirectGet,
): Promise<StoredBody | undefined> {
  const answer = await ask(nats, {
    subject: `$JS.API.DIRECT.GET.${stream}.${subject}`,
    timeoutMs: 5_000,
    signal,
  });
  const status = answer.headers?.code ?? 0;
  if (status === 404) return undefined;
  if (status === 0) return toStored(answer, subject);
  throw new FaultError(
    'unavailable',
    `reading ${subject} was answered with status ${status} ${answer.headers?.description ?? ''}`,
    {
      retry: 'later',
    },
  );
}

function toStored(answer: Answer, subject: string): StoredBody {
  const headers = headersOf(answer.headers);
  const sequence = Number(headers['Nats-Sequence']);
  if (Number.isSafeInteger(sequence) && headers['Nats-Subject'] === subject) {
    return { sequence, atMs: Date.parse(headers['Nats-Time-Stamp'] ?? '') || 0, headers, body: answer.data };
  }
  throw new FaultError('unavailable', `the answer for ${subject} is not a stored message of that subject`, {
    retry: 'later',
  });
}
