import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How a path is answered: a JSON value, or a function that answers itself (or never does). */
export type Answer = object | ((request: IncomingMessage, response: ServerResponse) => void);

/** A real HTTP server that answers like a hub. */
export interface FakeHub extends AsyncDisposable {
  readonly url: string;
  /** What was asked, as `GET /v1/fleet`. */
  readonly asked: readonly string[];
  /** Body of the last POST. */
  posted(): unknown;
  set(path: string, answer: Answer): void;
}

/** The token it knows. */
export const knownToken = 'secret-token';

/** Starts one on a free port; paths without an answer are 404, other tokens 401. */
export async function startFakeHub(answers: { readonly [path: string]: Answer }): Promise<FakeHub> {
  const known = new Map(Object.entries(answers));
  const asked: string[] = [];
  let posted: unknown;
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://hub').pathname;
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    if (request.headers.authorization !== `Bearer ${knownToken}`)
      return reply(response, 401, apiError('unauthenticated', 'this token is not known'));
    const answer = known.get(path);
    if (answer === undefined) return reply(response, 404, apiError('not_found', `there is no ${path}`));
    if (request.method === 'POST') {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => (posted = JSON.parse(body) as unknown));
    }
    if (typeof answer === 'function') return void answer(request, response);
    return reply(response, 200, answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    posted: () => posted,
    set: (path, answer) => void known.set(path, answer),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Body of an error answer. */
export function apiError(code: string, message: string): object {
  return { error: { code, message } };
}

/** Ends an answer with JSON. */
export function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
