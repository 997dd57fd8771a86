import type { MsgHdrs } from '@nats-io/transport-node';
import { faultOf } from './fault-of.ts';

/** A request: where, what, how long to wait. */
export interface Question {
  readonly subject: string;
  readonly body?: Uint8Array | string;
  readonly headers?: MsgHdrs;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** What is answered. */
export interface Answer {
  readonly data: Uint8Array;
  readonly headers?: MsgHdrs;
}

/** Whoever can be asked; a NatsConnection is one. */
export interface Asker {
  request(
    subject: string,
    body?: Uint8Array | string,
    options?: { timeout: number; headers?: MsgHdrs },
  ): Promise<Answer>;
}

/** Asks one question and gives the answer; throws FaultError. */
export async function ask(nats: Asker, question: Question): Promise<Answer> {
  const { subject, body, headers, timeoutMs, signal } = question;
  signal?.throwIfAborted();
  try {
    const answer = nats.request(subject, body, { timeout: timeoutMs, ...(headers ? { headers } : {}) });
    return await (signal ? unlessAborted(answer, signal) : answer);
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw faultOf(error, `asking ${subject}`);
  }
}

/** `promise`, or the signal's reason when it aborts first; the promise is left to end by its own deadline. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  promise.catch(() => undefined);
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
