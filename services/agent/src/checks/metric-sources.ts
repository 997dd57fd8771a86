import { readFile } from 'node:fs/promises';
import { request as plainRequest } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { FaultError } from '@meridian/runtime';
import type { MetricAnswer } from './metric-answer.ts';
import type { MetricSource } from './source-config.ts';

/** The metrics sources of this cluster, by the names that its administrator gave them. */
export interface MetricSources {
  readonly names: readonly string[];
  /** Asks one source an instant query. Throws FaultError, whose message has neither token nor query, when there is no answer. */
  ask(source: string, query: string, signal: AbortSignal): Promise<MetricAnswer>;
}

/** How long an answer may take and how large it may be. */
export interface AskLimits {
  readonly timeoutMs: number;
  readonly bytes: number;
}

const usualLimits: AskLimits = { timeoutMs: 10_000, bytes: 1_048_576 };

/** Opens the sources that the configuration names. Token and authority are read for each question, as they are renewed. */
export function openMetricSources(
  sources: readonly MetricSource[],
  limits: AskLimits = usualLimits,
): MetricSources {
  const byName = new Map(sources.map((source) => [source.name, source]));
  return {
    names: [...byName.keys()],
    async ask(name, query, signal) {
      const source = byName.get(name);
      if (!source)
        throw new FaultError('not_found', unknownText(name, [...byName.keys()]), { retry: 'later' });
      const timeout = AbortSignal.timeout(limits.timeoutMs);
      try {
        return await askOne(source, query, { ...limits, signal: AbortSignal.any([signal, timeout]) });
      } catch (error) {
        if (error instanceof FaultError || signal.aborted) throw error;
        throw faultOf(error, source, timeout.aborted ? limits.timeoutMs : undefined);
      }
    },
  };
}

function unknownText(name: string, known: readonly string[]): string {
  const has = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`;
  return (
    `this cluster has no metrics source ${JSON.stringify(name)}: ${has}. Its administrator can add one to ` +
    "metrics.sources of the agent's chart (MERIDIAN_METRICS_SOURCES)"
  );
}

type Asking = AskLimits & { readonly signal: AbortSignal };

async function askOne(source: MetricSource, query: string, asking: Asking): Promise<MetricAnswer> {
  const url = new URL(`${source.url.replace(/\/+$/, '')}/api/v1/query`);
  const body = new URLSearchParams({ query, timeout: `${asking.timeoutMs}ms` }).toString();
  const options: RequestOptions & { ca?: string } = {
    method: 'POST',
    headers: { ...(await headersOf(source)), 'content-length': Buffer.byteLength(body) },
    signal: asking.signal,
    ...(source.caFile === undefined ? {} : { ca: await contentOf(source, 'caFile', source.caFile) }),
  };
  const answer = await sent(url, options, body);
  return { status: answer.statusCode ?? 0, body: await bodyOf(answer, source, asking.bytes) };
}

async function headersOf(source: MetricSource): Promise<{ readonly [name: string]: string }> {
  const headers = {
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
    'user-agent': 'meridian-agent',
  };
  if (source.tokenFile === undefined) return headers;
  const token = (await contentOf(source, 'tokenFile', source.tokenFile)).trim();
  // Node's own refusal of a bad header would show it.
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new FaultError('invalid', `the tokenFile of metrics source ${source.name} holds no token`, {
      retry: 'later',
    });
  return { ...headers, authorization: `Bearer ${token}` };
}

async function contentOf(source: MetricSource, field: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const why = codeOf(error) ?? 'it is no readable file';
    throw new FaultError(
      'invalid',
      `the ${field} of metrics source ${source.name}, ${file}, cannot be read: ${why}`,
      { retry: 'later' },
    );
  }
}

function sent(url: URL, options: RequestOptions, body: string): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? tlsRequest : plainRequest;
  return new Promise((resolve, reject) => {
    request(url, options, resolve).on('error', reject).end(body);
  });
}

async function bodyOf(answer: IncomingMessage, { name }: MetricSource, mostBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop closes the connection.
  for await (const part of chunksOf(answer)) {
    bytes += part.length;
    if (bytes > mostBytes)
      throw new FaultError(
        'exhausted',
        `the answer of metrics source ${name} is larger than ${mostBytes} bytes; ask for one number`,
        { retry: 'later' },
      );
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Without an encoding a stream of Node gives buffers. */
const chunksOf = (answer: AsyncIterable<Buffer>): AsyncIterable<Buffer> => answer;

/** Of what Node says only the code is kept: its messages may quote what was sent. */
function faultOf(error: unknown, { name }: MetricSource, timedOutMs: number | undefined): FaultError {
  if (timedOutMs !== undefined)
    return new FaultError(
      'timeout',
      `metrics source ${name} did not answer within ${timedOutMs / 1_000} s; make the query cheaper or look at the source`,
      { retry: 'later' },
    );
  const why = codeOf(error) ?? 'the connection failed';
  return new FaultError(
    'unavailable',
    `metrics source ${name} cannot be reached (${why}); look at its url, its network policies and its certificate`,
    { retry: 'later' },
  );
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z_0-9]{1,60}$/.test(code) ? code : undefined;
}
