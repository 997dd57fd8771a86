import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { certificateAuthority } from '@meridian/testkit';
import { gitEnvironment } from '../git-command.ts';

/** A git server at `https://127.0.0.1`, as git's own `http-backend` makes it. */
export interface GitHttps extends AsyncDisposable {
  readonly url: string;
  /** Each request with the credentials that came with it. */
  readonly asked: readonly { readonly path: string; readonly authorization: string | undefined }[];
}

/** What is wrong with a server: it sends clients elsewhere, stops in the middle of what it has to say, or says it slowly. */
export interface GitHttpsFlaws {
  readonly redirectTo?: string;
  readonly stallsAfterBytes?: number;
  /** How long it waits before each piece of an answer, of 64 KiB at most. */
  readonly pauseMs?: number;
}

const authority = certificateAuthority('git servers of tests');

/** The certificate that clients have to trust, PEM. */
export const trustedCertificate = authority.certificatePem;

/** Serves the repositories below a directory. */
export async function serveGit(directory: string, flaws: GitHttpsFlaws = {}): Promise<GitHttps> {
  const asked: { path: string; authorization: string | undefined }[] = [];
  const { certificatePem: cert, keyPem: key } = authority.issue({
    commonName: 'git',
    ipAddresses: ['127.0.0.1'],
    usages: ['server'],
  });
  const server = createServer({ cert, key }, (request, response) => {
    const { url: path = '', headers } = request;
    asked.push({ path, authorization: headers.authorization });
    if (flaws.redirectTo === undefined) return answer(directory, flaws, { request, response });
    response.writeHead(301, { location: `${flaws.redirectTo}${path}` }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

function answer(directory: string, flaws: GitHttpsFlaws, { request, response }: Exchange): void {
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const text = (name: string) => String(request.headers[name] ?? '');
  const backend = spawn('git', ['http-backend'], {
    env: {
      ...gitEnvironment({ path: undefined, home: undefined }),
      GIT_PROJECT_ROOT: directory,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: path,
      QUERY_STRING: query,
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: text('content-type'),
      HTTP_CONTENT_ENCODING: text('content-encoding'),
      GIT_PROTOCOL: text('git-protocol'),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  response.once('close', () => backend.kill());
  backend.stdin.on('error', () => undefined);
  request.pipe(backend.stdin);
  void relay(backend.stdout, flaws, { request, response });
}

async function relay(
  output: AsyncIterable<Buffer>,
  { stallsAfterBytes = Infinity, pauseMs }: GitHttpsFlaws,
  { response }: Exchange,
): Promise<void> {
  let head: Buffer | undefined = Buffer.alloc(0);
  let sent = 0;
  for await (const chunk of output) {
    let body = chunk;
    if (head) {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) continue;
      writeHead(head.toString('latin1', 0, end), response);
      body = head.subarray(end + 4);
      head = undefined;
    }
    if (pauseMs !== undefined) await setTimeout(pauseMs);
    response.write(body);
    sent += body.length;
    if (sent > stallsAfterBytes) return;
  }
  response.end();
}

/** The head of a CGI answer: fields, among them perhaps `Status`. */
function writeHead(head: string, response: ServerResponse): void {
  for (const line of head.split('\r\n')) {
    const [, name = '', value = ''] = /^([^:]+): *(.*)$/.exec(line) ?? [];
    if (name.toLowerCase() === 'status') response.statusCode = Number(value.slice(0, 3));
    else response.setHeader(name, value);
  }
}
