import type { ApiError } from '@meridian/fleet';
import { CliError, exitCodes } from './cli-error.ts';
import type { Connection } from './connection.ts';

/** Speaks to the fleet API: any hub answers, the next one is asked when one does not. */
export interface FleetClient {
  /** GET; `shape` says what the answer must look like. Throws CliError. */
  get<T>(path: string, shape: Shape<T>): Promise<T>;
  post<T>(path: string, body: unknown, shape: Shape<T>): Promise<T>;
  /** Server-sent events of the first hub that answers; ends when the stream ends or `signal` aborts. */
  events(path: string, signal: AbortSignal): AsyncGenerator<ServerEvent>;
  /** One try per hub, for `doctor`: undefined is well, text is what is wrong. */
  probe(path: string): Promise<readonly { readonly url: string; readonly problem: string | undefined }[]>;
}

/** Checks that an answer is what this CLI understands. */
export type Shape<T> = (value: unknown) => value is T;

/** One server-sent event. */
export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

/** Limits of a client. */
export interface FleetClientOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** An answer of this size is no fleet; it is refused instead of filling memory. */
const largestAnswerBytes = 64 * 1024 * 1024;

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** A client for one run of a command. */
export function createFleetClient(connection: Connection, options: FleetClientOptions): FleetClient {
  const headers = (more: object) => ({
    accept: 'application/json',
    ...(connection.token === undefined ? {} : { authorization: `Bearer ${connection.token}` }),
    ...more,
  });

  const ask = async (url: string, init: RequestInit): Promise<Answer> => {
    const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]);
    const response = await fetch(url, { ...init, signal, redirect: 'error' });
    return { status: response.status, text: await readCapped(response) };
  };

  const request = async <T>(path: string, init: RequestInit, shape: Shape<T>): Promise<T> => {
    const problems: string[] = [];
    for (const url of connection.urls) {
      try {
        const value = readAnswer(await ask(`${url}${path}`, init), url);
        if (shape(value)) return value;
        problems.push(`${url}: answers, but not as this version of the fleet API (is it another program?)`);
      } catch (error) {
        if (error instanceof CliError && error.exitCode !== exitCodes.unreachable) throw error;
        options.signal.throwIfAborted();
        problems.push(
          error instanceof CliError ? error.message : `${url}: ${networkReason(error, options.timeoutMs)}`,
        );
      }
    }
    throw unreachable(problems, connection);
  };

  return {
    get: (path, shape) => request(path, { headers: headers({}) }, shape),
    post: (path, body, shape) =>
      request(
        path,
        {
          method: 'POST',
          body: JSON.stringify(body),
          headers: headers({ 'content-type': 'application/json' }),
        },
        shape,
      ),
    async *events(path, signal) {
      const joined = AbortSignal.any([signal, options.signal]);
      const response = await openStream(connection, path, {
        headers: headers({ accept: 'text/event-stream' }),
        signal: joined,
      });
      if (response) yield* readEvents(response);
    },
    probe: (path) =>
      Promise.all(
        connection.urls.map(async (url) => {
          try {
            readAnswer(await ask(`${url}${path}`, { headers: headers({}) }), url);
            return { url, problem: undefined };
          } catch (error) {
            return {
              url,
              problem: error instanceof CliError ? error.message : networkReason(error, options.timeoutMs),
            };
          }
        }),
      ),
  };
}

/** The parsed body of a good answer; a CliError that says what a bad one means. */
function readAnswer(answer: Answer, url: string): unknown {
  const body = parseJson(answer.text);
  if (answer.status < 200 || answer.status >= 300) throw refusal(answer.status, body, url);
  if (body !== undefined) return body;
  throw new CliError(exitCodes.unreachable, `${url}: answers with something that is not JSON`);
}

function refusal(status: number, body: unknown, url: string): CliError {
  const error = isApiError(body) ? body.error : undefined;
  const said = error?.message ?? `HTTP status ${status}`;
  if (status === 401 || status === 403) {
    const fix = error?.fix ?? 'check the token file (--token-file, MERIDIAN_TOKEN_FILE or cli.json)';
    return new CliError(exitCodes.denied, `not authorised at ${url}: ${said}`, fix);
  }
  // A hub that cannot answer now, or another program: the next hub may do better.
  if (status >= 500 || error === undefined) return new CliError(exitCodes.unreachable, `${url}: ${said}`);
  return new CliError(exitCodes.failed, said, error.fix);
}

async function readCapped(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let size = 0;
  let text = '';
  for await (const chunk of chunksOf(response)) {
    size += chunk.byteLength;
    if (size > largestAnswerBytes) throw new Error('the answer is larger than 64 MiB');
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

async function* chunksOf(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const next = await reader.read();
      if (next.done) return;
      const chunk: unknown = next.value;
      if (chunk instanceof Uint8Array) yield chunk;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function openStream(
  connection: Connection,
  path: string,
  init: RequestInit,
): Promise<Response | undefined> {
  for (const url of connection.urls) {
    const response = await fetch(`${url}${path}`, init).catch(() => undefined);
    if (response?.ok && response.headers.get('content-type')?.startsWith('text/event-stream'))
      return response;
    await response?.body?.cancel();
  }
  return undefined;
}

/** Reads server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). Ends quietly with the connection. */
async function* readEvents(response: Response): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let pending = '';
  try {
    for await (const chunk of chunksOf(response)) {
      pending += decoder.decode(chunk, { stream: true }).replaceAll('\r', '');
      const blocks = pending.split('\n\n');
      pending = (blocks.pop() ?? '').slice(-largestAnswerBytes);
      for (const block of blocks) yield parseEvent(block);
    }
  } catch {
    // The caller polls too and opens a new stream; a broken one only costs latency.
  }
}

function parseEvent(block: string): ServerEvent {
  const fields = block.split('\n').map((line) => /^([a-z]+): ?(.*)$/.exec(line));
  const values = (name: string) => fields.flatMap((field) => (field?.[1] === name ? [field[2] ?? ''] : []));
  return { event: values('event').at(-1) ?? 'message', data: values('data').join('\n') };
}

function unreachable(problems: readonly string[], connection: Connection): CliError {
  const from = connection.from === '' ? '' : ` (named by ${connection.from})`;
  return new CliError(
    exitCodes.unreachable,
    `no hub answers${from}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    'is the fleet running? start it with "npm start", or check --api and the network',
  );
}

const causes: { readonly [code: string]: string } = {
  ECONNREFUSED: 'refuses the connection',
  ENOTFOUND: 'the host name is not known',
  ECONNRESET: 'broke the connection',
  UND_ERR_SOCKET: 'broke the connection',
};

function networkReason(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `does not answer within ${timeoutMs} ms`;
  const cause: unknown = error.cause;
  if (!(cause instanceof Error)) return error.message;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return causes[code] ?? cause.message;
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

function isApiError(value: unknown): value is ApiError {
  if (typeof value !== 'object' || value === null || !('error' in value)) return false;
  const { error } = value;
  return (
    typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string'
  );
}
