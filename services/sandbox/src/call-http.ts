import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

/** One request to a process of the fleet. */
export interface HttpCall {
  readonly url: string;
  readonly headers?: { readonly [name: string]: string };
  /** With a body the request is a POST. */
  readonly body?: string;
  readonly withinMs: number;
  readonly signal: AbortSignal;
}

/** What was answered. */
export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * Calls a process of the fleet over plain HTTP; rejects when it does not answer in time. Not with `fetch`: that takes 8 MB more,
 * and the supervisor needs no more than this.
 */
export async function callHttp({ url, headers, body, withinMs, signal }: HttpCall): Promise<HttpAnswer> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { ...headers },
      signal: AbortSignal.any([signal, AbortSignal.timeout(withinMs)]),
    });
    asked.once('error', reject);
    asked.once('response', resolve);
    asked.end(body);
  });
  return { status: answer.statusCode ?? 0, text: await text(answer) };
}
