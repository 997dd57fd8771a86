import { request as plainRequest } from 'node:http';
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { FaultError } from '@meridian/runtime';
import type { ClusterAccess } from './cluster-access.ts';
import { connectionPools } from './connection-pools.ts';
import { faultOfConnection } from './fault-of.ts';
import type { RequestSubject } from './fault-of.ts';
import { retryAfterMs } from './retry-after.ts';

/** One request. `path` has its query; `repeatable` allows a second try when a kept connection turns out to be dead. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly accept?: string;
  readonly contentType?: string;
  readonly body?: string;
  readonly repeatable: boolean;
  /** Whom the API server takes the sender for, if the sender may ask for that. */
  readonly actAs?: string;
  readonly subject: RequestSubject;
  readonly signal: AbortSignal;
}

/** A whole answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfterMs: number | undefined;
  readonly body: string;
}

/** An answer whose body is still coming. */
export interface HttpStream {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfterMs: number | undefined;
  /** The body as it arrives. Throws SilentConnection when nothing arrives for `idleMs`; leaving the loop closes the connection. */
  chunks(idleMs: number): AsyncIterable<Buffer>;
  /** The rest of the body as text, for a refusal. */
  collect(): Promise<string>;
}

/** A stream on which nothing arrived for too long. It may be dead, or the server may just have nothing to say. */
export class SilentConnection extends FaultError {
  constructor(idleMs: number) {
    super('timeout', `no byte arrived for ${idleMs} ms`, { retry: 'later' });
    this.name = 'SilentConnection';
  }
}

/** HTTP to one API server over kept connections. Rejects with FaultError, or with the signal's reason when aborted. */
export interface Transport {
  send(request: HttpRequest): Promise<HttpAnswer>;
  open(request: HttpRequest): Promise<HttpStream>;
  close(): void;
}

/** Limits of a transport. */
export interface TransportLimits {
  /** From the first byte sent to the last byte received; for `open`, until the headers. */
  readonly timeoutMs: number;
  /** Longest body that is read. */
  readonly maxBytes: number;
}

const defaultLimits: TransportLimits = { timeoutMs: 30_000, maxBytes: 64 * 1024 * 1024 };

/**
 * Opens a transport on Node's own HTTP client: it costs 30 MB less memory than undici, which matters in an agent that
 * must stay small. Watches have their own sockets so that they never keep a request waiting.
 */
export function createTransport(
  access: ClusterAccess,
  userAgent: string,
  limits: TransportLimits = defaultLimits,
): Transport {
  const url = new URL(access.url);
  const secure = url.protocol === 'https:';
  const pools = connectionPools(access);
  const begin = async (request: HttpRequest, kind: 'requests' | 'watches'): Promise<Exchange> => {
    const credentials = await access.credentials(request.signal);
    const options: RequestOptions = {
      method: request.method,
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port || (secure ? 443 : 80),
      path: `${url.pathname.replace(/\/$/, '')}${request.path}`,
      agent: pools.pool(kind, credentials.tls),
      headers: headersOf(request, userAgent, credentials.authorization),
    };
    return exchange(secure ? tlsRequest(options) : plainRequest(options), request, {
      ...limits,
      url: access.url,
    });
  };
  const start = async (request: HttpRequest, kind: 'requests' | 'watches'): Promise<Exchange> => {
    const first = await beginAgain(() => begin(request, kind), request);
    if (first.answer.statusCode !== 401 || !access.forgetCredentials()) return first;
    // The token may have been rotated a moment ago: one more try with what is current.
    await first.collect();
    return begin(request, kind);
  };
  return {
    async send(request) {
      const { answer, collect } = await start(request, 'requests');
      return { ...factsOf(answer), body: await collect() };
    },
    async open(request) {
      const { answer, collect, chunks } = await start(request, 'watches');
      return { ...factsOf(answer), chunks, collect };
    },
    close: () => pools.close(),
  };
}

interface Exchange {
  readonly answer: IncomingMessage;
  readonly collect: () => Promise<string>;
  readonly chunks: (idleMs: number) => AsyncIterable<Buffer>;
}

interface ExchangeLimits extends TransportLimits {
  readonly url: string;
}

/** A peer that acknowledges nothing is noticed about ten seconds after this much silence, by the kernel's probes. */
const deadPeerProbeMs = 15_000;

/** A kept connection may be closed by the server at the moment it is used again (nodejs/node#47130). */
class StaleConnection extends Error {}

async function beginAgain(begin: () => Promise<Exchange>, request: HttpRequest): Promise<Exchange> {
  try {
    return await begin();
  } catch (error) {
    if (!(error instanceof FaultError && error.cause instanceof StaleConnection)) throw error;
    if (!request.repeatable) throw error;
    return begin();
  }
}

function exchange(sent: ClientRequest, request: HttpRequest, limits: ExchangeLimits): Promise<Exchange> {
  const { signal, subject } = request;
  return new Promise((resolve, reject) => {
    let stopped: unknown;
    const stop = (reason: unknown) => {
      stopped ??= reason;
      sent.destroy();
      reject(asError(stopped));
    };
    const onAbort = () => stop(signal.reason);
    const timer = setTimeout(
      () =>
        stop(
          new FaultError(
            'timeout',
            `${subject.text} got no answer from ${limits.url} within ${limits.timeoutMs} ms`,
            { retry: 'later' },
          ),
        ),
      limits.timeoutMs,
    );
    const fault = (error: unknown): Error => {
      if (stopped !== undefined) return asError(stopped);
      const stale = sent.reusedSocket && isReset(error);
      return faultOfConnection(
        stale ? new StaleConnection('the kept connection was closed', { cause: error }) : error,
        limits.url,
        subject,
      );
    };
    const release = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    sent.once('socket', (socket) => void socket.setKeepAlive(true, deadPeerProbeMs));
    sent.on('error', (error) => {
      release();
      reject(fault(error));
    });
    sent.once('response', (answer) => {
      resolve({
        answer,
        collect: () =>
          collect(answer, limits.maxBytes, subject)
            .catch((error: unknown) => Promise.reject(fault(error)))
            .finally(release),
        chunks: (idleMs) => {
          clearTimeout(timer);
          return chunksOf(answer, { idleMs, release, fault });
        },
      });
    });
    if (signal.aborted) return void onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    sent.end(request.body);
  });
}

async function collect(answer: IncomingMessage, maxBytes: number, subject: RequestSubject): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > maxBytes) {
      throw new FaultError('exhausted', `${subject.text}: the answer is longer than ${maxBytes} bytes`, {
        retry: 'never',
      });
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

interface ChunkHooks {
  readonly idleMs: number;
  readonly release: () => void;
  readonly fault: (error: unknown) => Error;
}

/** The timer runs only while waiting for bytes, so a slow reader is never taken for a silent server. */
async function* chunksOf(answer: IncomingMessage, hooks: ChunkHooks): AsyncGenerator<Buffer> {
  const iterator = answer[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
  const silence = () => answer.destroy(new SilentConnection(hooks.idleMs));
  let timer: NodeJS.Timeout | undefined;
  try {
    for (;;) {
      timer = setTimeout(silence, hooks.idleMs);
      const next = await iterator.next();
      clearTimeout(timer);
      if (next.done) return;
      yield next.value;
    }
  } catch (error) {
    throw hooks.fault(error);
  } finally {
    clearTimeout(timer);
    hooks.release();
    answer.destroy();
  }
}

function headersOf(
  request: HttpRequest,
  userAgent: string,
  authorization: string | undefined,
): { [name: string]: string | number } {
  return {
    'user-agent': userAgent,
    accept: request.accept ?? 'application/json',
    ...(authorization === undefined ? {} : { authorization }),
    ...(request.actAs === undefined ? {} : { 'impersonate-user': request.actAs }),
    ...(request.body === undefined
      ? {}
      : {
          'content-type': request.contentType ?? 'application/json',
          'content-length': Buffer.byteLength(request.body),
        }),
  };
}

function factsOf(answer: IncomingMessage): {
  status: number;
  contentType: string;
  retryAfterMs: number | undefined;
} {
  return {
    status: answer.statusCode ?? 0,
    contentType: answer.headers['content-type'] ?? '',
    retryAfterMs: retryAfterMs(Number(answer.headers['retry-after'])),
  };
}

function isReset(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
