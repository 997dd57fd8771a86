import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { ApiServerAccess } from '@meridian/testkit';

/** What to send beside method and path. A body that is not text is sent as JSON. */
export interface RequestOptions {
  readonly body?: unknown;
  /** Content type; `application/json` unless told. */
  readonly type?: string;
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A whole answer. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  /** The answer as it came, where it is no text. */
  readonly bytes?: Buffer;
}

/** Who reads a stream of lines. */
export interface LineReader {
  /** Called when the server has begun to answer. */
  readonly begins: () => void;
  readonly reads: (line: string) => void;
}

/** Sends requests to one API server over kept connections. */
export interface HttpClient {
  send(method: string, path: string, options?: RequestOptions): Promise<RawAnswer>;
  /** Opens a stream and hands over each line until the server ends it or `signal` aborts. */
  lines(
    from: { readonly path: string; readonly accept?: string },
    to: LineReader,
    signal: AbortSignal,
  ): Promise<RawAnswer>;
  close(): void;
}

/** How long a connection is kept for the next request: servers close theirs after 90 s, which a busy process hears of too late. */
const longestIdleMs = 30_000;

/** Connects to a server. Requests that get no answer within a minute reject. */
export function connectHttp(access: ApiServerAccess): HttpClient {
  const agent = new Agent({ keepAlive: true, ca: access.caPem, maxSockets: 16, timeout: longestIdleMs });
  const open = (method: string, path: string, options: RequestOptions, signal: AbortSignal) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const body = bodyText(options.body);
      const headers: Record<string, string> = {
        authorization: `Bearer ${access.token}`,
        accept: options.accept ?? 'application/json',
        'user-agent': 'contract/1.0',
        ...(body === undefined ? {} : bodyHeaders(body, options.type)),
        ...options.headers,
      };
      // As it is: a URL would take `.` and `..` out of it.
      const target = path.replace(/[^!-~]/gu, encodeURIComponent);
      const asked = request(new URL(access.url), { path: target, method, agent, headers, signal }, resolve);
      asked.once('error', reject);
      asked.end(body);
    });
  return {
    async send(method, path, options = {}) {
      const answer = await open(method, path, options, AbortSignal.timeout(60_000));
      const bytes = await wholeBody(answer);
      return { status: answer.statusCode ?? 0, headers: answer.headers, text: bytes.toString('utf8'), bytes };
    },
    async lines({ path, ...options }, { begins, reads }, signal) {
      const answer = await open('GET', path, options, signal);
      begins();
      const head = { status: answer.statusCode ?? 0, headers: answer.headers };
      if (head.status !== 200) return { ...head, text: (await wholeBody(answer)).toString('utf8') };
      let rest = '';
      answer.setEncoding('utf8');
      try {
        for await (const chunk of answer as AsyncIterable<string>) {
          const parts = (rest + chunk).split('\n');
          rest = parts.pop() ?? '';
          parts.forEach(reads);
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      }
      return { ...head, text: rest };
    },
    close: () => agent.destroy(),
  };
}

/** The length is said because Node frames the body of a DELETE in no other way, and a server would not see it. */
function bodyHeaders(body: string, type = 'application/json'): Record<string, string> {
  return { 'content-type': type, 'content-length': String(Buffer.byteLength(body)) };
}

function bodyText(body: unknown): string | undefined {
  if (body === undefined || typeof body === 'string') return body;
  return JSON.stringify(body);
}

async function wholeBody(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
