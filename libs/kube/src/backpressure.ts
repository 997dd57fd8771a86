import type { Clock } from '@meridian/runtime';
import { isAboutOneObject } from './fault-of.ts';
import { createHeldObjects } from './held-objects.ts';
import type { HttpAnswer, HttpRequest, Transport } from './transport.ts';

/** The shortest wait after a refusal, also where the server tells none or less. */
const shortestMs = 1_000;

/** How long a request is held back at most; then it is refused here, so that whoever waits can say why. */
const heldForMs = 15_000;

type Facts = Pick<HttpAnswer, 'status' | 'retryAfterMs'> & Partial<Pick<HttpAnswer, 'body'>>;

/**
 * A transport that does as it is told by 429 Too Many Requests, for all requests together: nothing more is sent until the
 * server's Retry-After has passed (a second at least), and then one request at a time until one is not refused. So a server that is
 * overloaded hears from this client once in that time, however many requests wait. They wait for 15 s, or until they are aborted.
 * A 429 about one object, as a webhook may give it, holds back only the writes of that object, which are refused here at once.
 */
export function withBackpressure(
  transport: Transport,
  clock: Pick<Clock, 'monotonicMs' | 'wait'>,
): Transport {
  /** Until when nothing is sent; undefined while the server takes all. */
  let untilMs: number | undefined;
  /** Set while one request finds out whether the server takes requests again. */
  let probe: PromiseWithResolvers<void> | undefined;

  const wait = async (ms: number, signal: AbortSignal): Promise<void> => {
    const stop = new AbortController();
    const waiting = clock.wait(ms, AbortSignal.any([signal, stop.signal]));
    await (probe ? Promise.race([probe.promise, waiting]) : waiting);
    stop.abort();
    signal.throwIfAborted();
  };

  /** Whether the request may be sent, and whether it is the one that finds out; `late` when it has waited for too long. */
  const turnOf = async (signal: AbortSignal): Promise<'free' | 'probe' | 'late'> => {
    const limitMs = clock.monotonicMs() + heldForMs;
    while (untilMs !== undefined) {
      const nowMs = clock.monotonicMs();
      if (nowMs >= limitMs) return 'late';
      if (nowMs >= untilMs && !probe) {
        // Taken here and now: whoever wakes beside it must see that.
        probe = Promise.withResolvers();
        return 'probe';
      }
      await wait(Math.min(probe ? limitMs : untilMs, limitMs) - nowMs, signal);
    }
    return 'free';
  };

  const objects = createHeldObjects();

  const note = ({ status, retryAfterMs = 0, body = '' }: Facts, object: string, isProbe: boolean): void => {
    const thenMs = clock.monotonicMs() + Math.max(retryAfterMs, shortestMs);
    const isOne = isAboutOneObject({ status, body });
    if (isOne) objects.hold(object, thenMs);
    if (status === 429 && !isOne) untilMs = thenMs;
    // The answer to what was sent before the refusal says nothing about what comes after it.
    else if (isProbe) untilMs = undefined;
  };

  const send = async <T extends Facts>(
    request: HttpRequest,
    act: () => Promise<T>,
  ): Promise<T | undefined> => {
    const turn = await turnOf(request.signal);
    if (turn === 'late') return undefined;
    const isProbe = turn === 'probe';
    try {
      const answer = await act();
      note(answer, askedFor(request), isProbe);
      return answer;
    } finally {
      if (isProbe) {
        probe?.resolve();
        probe = undefined;
      }
    }
  };

  const refused = (message: string, retryAfterMs = shortestMs) => ({
    status: 429,
    contentType: 'application/json',
    retryAfterMs,
    body: JSON.stringify({ kind: 'Status', reason: 'TooManyRequests', message }),
  });
  const late = ({ subject: { text } }: HttpRequest) =>
    refused(`the API server has asked for fewer requests, so this one was not sent (${text})`);

  return {
    async send(request) {
      const heldMs = request.method === 'GET' ? 0 : objects.waitMs(askedFor(request), clock.monotonicMs());
      if (heldMs > 0) return refused(leftAlone(heldMs), heldMs);
      return (await send(request, () => transport.send(request))) ?? late(request);
    },
    async open(request) {
      const answer = await send(request, () => transport.open(request));
      if (answer) return answer;
      const { body, ...facts } = late(request);
      return { ...facts, chunks: nothing, collect: () => Promise.resolve(body) };
    },
    close: () => transport.close(),
  };
}

/** What a request asks for: kinds of two groups may have one name, and the path of what is to be made has no name. */
const askedFor = ({ path, subject }: HttpRequest): string => `${subject.text} ${path.split('?', 1)[0] ?? ''}`;

const leftAlone = (ms: number): string =>
  `its last refusal has asked to wait, so it is not sent for another ${Math.ceil(ms / 1_000)} s`;

async function* nothing(): AsyncGenerator<Buffer> {
  // A refusal has no stream.
}
