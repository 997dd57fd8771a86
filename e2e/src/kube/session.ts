import { setTimeout as wait } from 'node:timers/promises';
import type { Body } from './body.ts';
import type { HttpClient, RawAnswer, RequestOptions } from './http-client.ts';
import type { Exchange, Value } from './transcript.ts';
import { readFrames, readWire } from './wire.ts';

/** An answer that a case may use for its next request. */
export interface Answer {
  readonly status: number;
  readonly body: Body;
}

/** An open watch. */
export interface Watching {
  /** Waits until that many events came, and records them. Throws when the stream ends or ten seconds pass before. */
  expect(count: number): Promise<void>;
  /** Waits until the server ends the stream, and records what came. */
  end(): Promise<void>;
}

/** One case's conversation with one server: everything it asks and hears is written down. */
export interface Session {
  /** The namespace of this case, the same on every server. */
  readonly namespace: string;
  readonly exchanges: Exchange[];
  /** `{ns}` in a path stands for the namespace of the case. */
  ask(method: string, path: string, body?: unknown, options?: RequestOptions): Promise<Answer>;
  /** Sends without writing anything down, whatever the answer. */
  attempt(method: string, path: string, body?: unknown, options?: RequestOptions): Promise<Answer>;
  /** Sends what a case stands on. Throws when it is refused: a case on nothing would compare one refusal with another. */
  prepare(method: string, path: string, body?: unknown, options?: RequestOptions): Promise<Answer>;
  watch(path: string, accept?: string): Promise<Watching>;
}

/** A case: a script of requests that must be answered alike by every server. */
export interface ContractCase {
  readonly title: string;
  run(session: Session): Promise<void>;
}

const contractHeaders = ['content-type', 'warning', 'retry-after', 'allow'];

/** Runs a case against a server in a namespace of its own. @returns what was asked and answered, as it came. */
export async function record(
  client: HttpClient,
  contract: ContractCase,
  namespace: string,
): Promise<Exchange[]> {
  const stopping = new AbortController();
  const session = openSession(client, namespace, stopping.signal);
  await session.prepare('POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  });
  try {
    await contract.run(session);
  } finally {
    stopping.abort();
  }
  return session.exchanges;
}

function openSession(client: HttpClient, namespace: string, signal: AbortSignal): Session {
  const exchanges: Exchange[] = [];
  const send = (method: string, path: string, body: unknown, options: RequestOptions = {}) =>
    client.send(
      method,
      path.replaceAll('{ns}', namespace),
      body === undefined ? options : { ...options, body },
    );
  const attempt: Session['attempt'] = async (method, path, body, options) => {
    const answer = await send(method, path, body, options);
    return { status: answer.status, body: bodyOf(parse(answer)) };
  };
  return {
    namespace,
    exchanges,
    attempt,
    async ask(method, path, body, options) {
      const answer = await send(method, path, body, options);
      const parsed = parse(answer);
      exchanges.push({ asked: `${method} ${path}`, ...headOf(answer), body: parsed });
      return { status: answer.status, body: bodyOf(structuredClone(parsed)) };
    },
    async prepare(method, path, body, options) {
      const answer = await attempt(method, path, body, options);
      if (answer.status < 400) return answer;
      throw new Error(`${method} ${path} was refused: ${JSON.stringify(answer.body)}`);
    },
    watch: (path, accept) =>
      openWatch(client, { path: path.replaceAll('{ns}', namespace), accept }, { signal, exchanges }),
  };
}

async function openWatch(
  client: HttpClient,
  { path, accept }: { readonly path: string; readonly accept: string | undefined },
  { signal, exchanges }: { readonly signal: AbortSignal; readonly exchanges: Exchange[] },
): Promise<Watching> {
  const events: Value[] = [];
  const closing = new AbortController();
  let ended = false;
  let head: RawAnswer | undefined;
  const opened = Promise.withResolvers<undefined>();
  const begins = () => opened.resolve(undefined);
  const stream = client
    .lines(
      { path, ...(accept === undefined ? {} : { accept }) },
      { begins, reads: (line) => void events.push(JSON.parse(line) as Value) },
      AbortSignal.any([signal, closing.signal]),
    )
    .then((answer) => void (head = answer))
    .catch(() => undefined)
    .finally(() => {
      ended = true;
      begins();
    });
  // A server begins to answer when the watch is open. One that opens later tells what came before it as part of what is there.
  await opened.promise;
  const write = () => {
    const body = head !== undefined && head.status !== 200 ? parse(head) : events.slice();
    exchanges.push({ asked: `WATCH ${path}`, status: head?.status ?? 200, headers: {}, body });
  };
  return {
    async expect(count) {
      const giveUpAt = performance.now() + 10_000;
      while (events.length < count && !ended && performance.now() < giveUpAt) await wait(5);
      closing.abort();
      await stream;
      write();
      if (events.length < count) {
        throw new Error(`${path} sent ${String(events.length)} events where ${String(count)} were due`);
      }
    },
    async end() {
      await stream;
      write();
    },
  };
}

function headOf(answer: RawAnswer): Pick<Exchange, 'status' | 'headers'> {
  const headers: Record<string, string> = {};
  for (const name of contractHeaders) {
    const value = answer.headers[name];
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return { status: answer.status, headers };
}

function bodyOf(value: Value): Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

function parse(answer: RawAnswer): Value {
  const type = answer.headers['content-type'] ?? '';
  if (type.startsWith('application/vnd.kubernetes.protobuf') && answer.bytes !== undefined) {
    return type.includes('stream=watch') ? readFrames(answer.bytes) : readWire(answer.bytes);
  }
  if (!type.includes('json')) return answer.text;
  try {
    return JSON.parse(answer.text) as Value;
  } catch {
    return answer.text;
  }
}
