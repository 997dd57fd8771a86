import { setTimeout as wait } from 'node:timers/promises';
import type { HttpClient, RawAnswer, RequestOptions } from './http-client.ts';
import type { Exchange, Value } from './transcript.ts';

/** A JSON object as cases read it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- cases read deep into answers whose shape is what is tested
export type Body = any;

/** An answer that a case may use for its next request. */
export interface Answer {
  readonly status: number;
  readonly body: Body;
}

/** An open watch. */
export interface Watching {
  /** Waits until that many events came (or the stream ended, or ten seconds passed) and records them. */
  expect(count: number): Promise<Body[]>;
  /** Waits until the server ends the stream, and records what came. */
  end(): Promise<Body[]>;
}

/** One case's conversation with one server: everything it asks and hears is written down. */
export interface Session {
  /** The namespace of this case, the same on every server. */
  readonly namespace: string;
  readonly exchanges: Exchange[];
  /** `{ns}` in a path stands for the namespace of the case. */
  ask(method: string, path: string, body?: unknown, options?: RequestOptions): Promise<Answer>;
  /** Sends without writing anything down, for preparations. */
  prepare(method: string, path: string, body?: unknown, options?: RequestOptions): Promise<Answer>;
  watch(path: string): Promise<Watching>;
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
  return {
    namespace,
    exchanges,
    async ask(method, path, body, options) {
      const answer = await send(method, path, body, options);
      const parsed = parse(answer);
      exchanges.push({ asked: `${method} ${path}`, ...headOf(answer), body: parsed });
      return { status: answer.status, body: structuredClone(parsed) };
    },
    async prepare(method, path, body, options) {
      const answer = await send(method, path, body, options);
      return { status: answer.status, body: parse(answer) };
    },
    watch: async (path) => openWatch(client, path.replaceAll('{ns}', namespace), { signal, exchanges }),
  };
}

async function openWatch(
  client: HttpClient,
  path: string,
  { signal, exchanges }: { readonly signal: AbortSignal; readonly exchanges: Exchange[] },
): Promise<Watching> {
  const events: Value[] = [];
  const closing = new AbortController();
  let ended = false;
  let head: RawAnswer | undefined;
  const stream = client
    .lines(
      path,
      (line) => void events.push(JSON.parse(line) as Value),
      AbortSignal.any([signal, closing.signal]),
    )
    .then((answer) => void (head = answer))
    .catch(() => undefined)
    .finally(() => (ended = true));
  // A watch without a resourceVersion misses nothing, but one from "now" must be open before the case goes on.
  await wait(100);
  const write = () => {
    const body = head !== undefined && head.status !== 200 ? parse(head) : events.slice();
    exchanges.push({ asked: `WATCH ${path}`, status: head?.status ?? 200, headers: {}, body });
    return structuredClone(events) as Body[];
  };
  return {
    async expect(count) {
      const giveUpAt = performance.now() + 10_000;
      while (events.length < count && !ended && performance.now() < giveUpAt) await wait(5);
      closing.abort();
      await stream;
      return write();
    },
    async end() {
      await stream;
      return write();
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

function parse(answer: RawAnswer): Value {
  if (!(answer.headers['content-type'] ?? '').includes('json')) return answer.text;
  try {
    return JSON.parse(answer.text) as Value;
  } catch {
    return answer.text;
  }
}
