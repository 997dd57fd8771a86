import { setTimeout as wait } from 'node:timers/promises';
import type { Exchange } from '../api/exchange.ts';
import { ApiError, expiredError } from '../errors/api-error.ts';
import { expiredPage } from '../store/list.ts';
import type { Store } from '../store/store.ts';
import type { Fault, FaultOf } from './fault-rule.ts';
import type { Faults, MetFault } from './faults.ts';
import type { FaultRequest } from './match-rule.ts';
import { slowed, swallowAnswer, tapResponse, truncated } from './response-tap.ts';
import { breakWatch, isWatchFault } from './watch-faults.ts';

/** What faults of one request need. */
export interface Faulty {
  readonly faults: Faults;
  readonly store: Store;
  readonly nowMs: () => number;
  readonly request: FaultRequest;
}

/** Answers a request while it meets the faults that the cluster was asked for. Rejects with what the answer rejects with. */
export async function underFaults(
  faulty: Faulty,
  exchange: Exchange,
  answer: () => Promise<void>,
): Promise<void> {
  const { faults, request, nowMs } = faulty;
  if (faults.skewMs !== 0) showWrongTime(exchange, nowMs());
  const met = faults.meet(request, (kind) => kind !== 'expire' || asksForThePast(request, exchange));
  for (const one of met) {
    if (!(await meet(one, faulty, exchange))) return;
  }
  if (request.verb === 'watch') keepOpen(faulty, exchange);
  await answer();
}

/** A watch that is open meets faults that come later. */
function keepOpen({ faults, request }: Faulty, { response }: Exchange): void {
  const closed = faults.watchOpened({
    request,
    isOpen: () => !response.writableEnded && !response.destroyed,
    meet: (later) => {
      if (isWatchFault(later.fault)) breakWatch(response, later, later.fault);
    },
  });
  response.once('close', closed);
}

function showWrongTime({ response }: Exchange, nowMs: number): void {
  response.sendDate = false;
  response.setHeader('date', new Date(nowMs).toUTCString());
}

/** Makes a request meet one fault. @returns whether the request goes on. */
async function meet(met: MetFault, faulty: Faulty, exchange: Exchange): Promise<boolean> {
  const { fault } = met;
  if (isWatchFault(fault)) {
    breakWatch(exchange.response, met, fault);
    return true;
  }
  switch (fault.kind) {
    case 'delay':
      return delayed(fault, faulty.faults, exchange);
    case 'refuse':
      refuse(fault, exchange);
      return false;
    case 'drop':
      return dropped(fault, exchange);
    case 'compact':
      faulty.store.compact(faulty.store.revision);
      return true;
    case 'expire':
      return expired(faulty, exchange);
    default:
      return disturbed(fault, exchange);
  }
}

function disturbed(fault: Fault, { response, request }: Exchange): boolean {
  if (fault.kind === 'truncate') {
    // What is before the cut has to reach the client: the connection is ended, not thrown away.
    tapResponse(response, (below) => truncated(below, fault.afterBytes, () => request.socket.destroySoon()));
  }
  if (fault.kind === 'slow') {
    const closing = new AbortController();
    response.once('close', () => closing.abort());
    const pace = { signal: closing.signal, onTooMuch: () => void request.socket.destroy() };
    tapResponse(response, (below) => slowed(below, fault.bytesPerSecond, pace));
  }
  return true;
}

async function delayed(
  { delayMs, jitterMs = 0 }: FaultOf<'delay'>,
  faults: Faults,
  { response }: Exchange,
): Promise<boolean> {
  const leaving = new AbortController();
  const leave = () => leaving.abort();
  response.once('close', leave);
  try {
    await wait(delayMs + faults.drawUpTo(jitterMs), undefined, { signal: leaving.signal });
  } catch {
    return false;
  } finally {
    response.off('close', leave);
  }
  return true;
}

function dropped({ when }: FaultOf<'drop'>, { request, response }: Exchange): boolean {
  if (when === 'after') {
    swallowAnswer(response, () => request.socket.destroy());
    return true;
  }
  request.socket.destroy();
  return false;
}

const reasons: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

const messages: Readonly<Record<number, string>> = {
  500: 'etcdserver: request timed out',
  503: 'the server is currently unable to handle the request',
  504: 'etcdserver: leader changed',
};

function refuse({ code, retryAfterSeconds, reason, message }: FaultOf<'refuse'>, exchange: Exchange): void {
  if (code === 429 && reason === undefined) {
    if (retryAfterSeconds !== undefined) {
      exchange.response.setHeader('retry-after', String(retryAfterSeconds));
    }
    const text = `${message ?? 'Too many requests, please try again later.'}\n`;
    exchange.answerText(429, text, 'text/plain; charset=utf-8');
    return;
  }
  const known = reason ?? reasons[code];
  exchange.refuse(
    new ApiError(message ?? messages[code] ?? 'a fault was asked for', {
      code,
      ...(known === undefined ? {} : { reason: known }),
      ...(retryAfterSeconds === undefined ? {} : { details: { retryAfterSeconds } }),
    }),
  );
}

/** Whether a request needs what a compaction takes: a watch or a list from a revision, or a page that goes on. */
function asksForThePast({ verb }: FaultRequest, { query }: Exchange): boolean {
  const revision = query.get('resourceVersion') ?? '';
  const fromRevision = revision !== '' && revision !== '0';
  if (verb === 'watch') return fromRevision;
  if (verb !== 'list') return false;
  if ((query.get('continue') ?? '') !== '') return true;
  return fromRevision && (query.get('resourceVersionMatch') === 'Exact' || query.has('limit'));
}

function expired({ store, request }: Faulty, exchange: Exchange): boolean {
  const revision = exchange.query.get('resourceVersion') ?? '';
  const token = exchange.query.get('continue') ?? '';
  if (request.verb === 'watch') {
    const why = expiredError(`too old resource version: ${revision} (${String(store.revision)})`);
    exchange.answerText(
      200,
      `${JSON.stringify({ type: 'ERROR', object: why.status })}\n`,
      'application/json',
    );
    return false;
  }
  const refusal =
    token === ''
      ? expiredError('The resourceVersion for the provided list is too old.')
      : expiredPage(token, store.revision);
  if (refusal === undefined) return true;
  exchange.refuse(refusal);
  return false;
}
