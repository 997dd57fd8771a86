import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { expect, test } from 'vitest';
import type { ClusterAccess } from './cluster-access.ts';
import { createTransport, SilentConnection } from './transport.ts';
import type { HttpRequest, TransportLimits } from './transport.ts';

const limits: TransportLimits = { timeoutMs: 1_000, maxBytes: 10_000 };

/** An HTTP server that answers as told, and a transport to it. */
async function rig(listener: RequestListener, access: Partial<ClusterAccess> = {}) {
  const sockets = new Set<Socket>();
  const server = createServer(listener);
  server.keepAliveTimeout = 60_000;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const transport = createTransport(
    {
      url,
      credentials: () => Promise.resolve({ authorization: undefined, tls: {} }),
      forgetCredentials: () => false,
      ...access,
    },
    'test/1',
    limits,
  );
  return {
    transport,
    sockets,
    async [Symbol.asyncDispose]() {
      transport.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const ask = (more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  path: '/x',
  repeatable: true,
  subject: { text: 'get Thing x', secret: false },
  signal: new AbortController().signal,
  ...more,
});

const ok = (_request: IncomingMessage, response: ServerResponse) => void response.end('{}');

test('keeps its connection between requests', async () => {
  await using it = await rig(ok);
  for (let count = 0; count < 20; count += 1) await it.transport.send(ask());
  expect(it.sockets.size).toBe(1);
});

test('sends who it is, its credentials and its body', async () => {
  await using it = await rig(
    (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => response.end(JSON.stringify({ ...request.headers, body, url: request.url })));
    },
    { credentials: () => Promise.resolve({ authorization: 'Bearer t', tls: {} }) },
  );
  const { body } = await it.transport.send(
    ask({ method: 'PATCH', body: '{"ü":1}', contentType: 'application/apply-patch+yaml', path: '/a?b=c' }),
  );
  expect(JSON.parse(body)).toMatchObject({
    'user-agent': 'test/1',
    authorization: 'Bearer t',
    'content-type': 'application/apply-patch+yaml',
    body: '{"ü":1}',
    url: '/a?b=c',
  });
});

test('asks again on a new connection when a kept one was closed by the server meanwhile', async () => {
  let requests = 0;
  await using it = await rig((request, response) => {
    requests += 1;
    if (requests === 2) request.socket.resetAndDestroy();
    else response.end('{}');
  });
  await it.transport.send(ask());
  expect((await it.transport.send(ask())).status).toBe(200);
  expect(requests).toBe(3);
});

test('does not repeat a request that must not be sent twice', async () => {
  let requests = 0;
  await using it = await rig((request, response) => {
    requests += 1;
    if (requests === 2) request.socket.resetAndDestroy();
    else response.end('{}');
  });
  await it.transport.send(ask());
  await expect(
    it.transport.send(ask({ method: 'POST', repeatable: false, body: '{}' })),
  ).rejects.toMatchObject({ code: 'unavailable', retry: 'later' });
  expect(requests).toBe(2);
});

test('a server that says nothing is a timeout that names request and server', async () => {
  await using it = await rig(() => undefined);
  await expect(it.transport.send(ask())).rejects.toMatchObject({
    code: 'timeout',
    message: expect.stringMatching(/get Thing x .*127\.0\.0\.1/) as unknown,
  });
});

test('a body that stops half-way is a timeout', async () => {
  await using it = await rig(
    (_request, response) => void response.writeHead(200, { 'content-length': 100 }).write('half'),
  );
  await expect(it.transport.send(ask())).rejects.toMatchObject({ code: 'timeout' });
});

test('a connection that breaks half-way is unavailable', async () => {
  await using it = await rig((request, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('half', () => setTimeout(() => request.socket.destroy(), 20));
  });
  await expect(it.transport.send(ask())).rejects.toMatchObject({ code: 'unavailable' });
});

test('an answer over the limit is refused and its connection closed', async () => {
  await using it = await rig((_request, response) => void response.end('x'.repeat(50_000)));
  await expect(it.transport.send(ask())).rejects.toMatchObject({ code: 'exhausted', retry: 'never' });
});

test('nobody listening is unavailable', async () => {
  const gone = await rig(ok);
  await gone[Symbol.asyncDispose]();
  await expect(gone.transport.send(ask())).rejects.toMatchObject({ code: 'unavailable' });
});

test('an aborted signal ends a request with its reason, before and while it runs', async () => {
  const asked = Promise.withResolvers<void>();
  await using it = await rig(() => asked.resolve());
  const reason = new Error('stopped');
  await expect(it.transport.send(ask({ signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
  const stopping = new AbortController();
  const running = it.transport.send(ask({ signal: stopping.signal }));
  await Promise.all([asked.promise.then(() => stopping.abort(reason)), expect(running).rejects.toBe(reason)]);
});

test('after a 401 it asks once more with fresh credentials', async () => {
  let token = 'old';
  await using it = await rig(
    (request, response) =>
      void response.writeHead(request.headers.authorization === 'Bearer new' ? 200 : 401).end('{}'),
    {
      credentials: () => Promise.resolve({ authorization: `Bearer ${token}`, tls: {} }),
      forgetCredentials: () => {
        token = 'new';
        return true;
      },
    },
  );
  expect((await it.transport.send(ask())).status).toBe(200);
});

test('a new client certificate opens new connections and leaves a running watch alone', async () => {
  let cert = 'one';
  await using it = await rig(
    (request, response) => (request.url === '/watch' ? void response.write('{}') : void response.end('{}')),
    { credentials: () => Promise.resolve({ authorization: undefined, tls: { cert } }) },
  );
  const stream = await it.transport.open(ask({ path: '/watch' }));
  cert = 'two';
  await it.transport.send(ask());
  const read = async () => {
    for await (const _chunk of stream.chunks(300));
  };
  await expect(read()).rejects.toBeInstanceOf(SilentConnection);
});

test('hands on the status and the wished wait of a refusal', async () => {
  await using it = await rig(
    (_request, response) =>
      void response.writeHead(429, { 'retry-after': '7', 'content-type': 'text/plain' }).end('slow down'),
  );
  expect(await it.transport.send(ask())).toEqual({
    status: 429,
    contentType: 'text/plain',
    retryAfterMs: 7_000,
    body: 'slow down',
  });
});

test('a stream gives chunks as they come and closes its connection when it is left', async () => {
  const wantsMore = Promise.withResolvers<void>();
  await using it = await rig((_request, response) => {
    response.write('one');
    void wantsMore.promise.then(() => response.write('two'));
  });
  const stream = await it.transport.open(ask());
  const got: string[] = [];
  for await (const chunk of stream.chunks(500)) {
    got.push(chunk.toString());
    wantsMore.resolve();
    if (got.length === 2) break;
  }
  expect(got).toEqual(['one', 'two']);
  await expect.poll(() => it.sockets.size).toBe(0);
});

test('a silent stream ends with SilentConnection, and a slow reader is not taken for silence', async () => {
  await using it = await rig((_request, response) => void response.write('one'));
  const stream = await it.transport.open(ask());
  const read = async () => {
    for await (const _chunk of stream.chunks(200)) await new Promise((resolve) => setTimeout(resolve, 400));
  };
  const startedMs = performance.now();
  await expect(read()).rejects.toBeInstanceOf(SilentConnection);
  expect(performance.now() - startedMs).toBeGreaterThan(590);
});

test('an aborted signal ends a stream with its reason', async () => {
  await using it = await rig((_request, response) => void response.write('one'));
  const stopping = new AbortController();
  const stream = await it.transport.open(ask({ signal: stopping.signal }));
  const read = async () => {
    for await (const _chunk of stream.chunks(5_000)) stopping.abort(new Error('stopped'));
  };
  await expect(read()).rejects.toThrow('stopped');
});

test('many streams do not keep a request waiting', async () => {
  await using it = await rig((request, response) =>
    request.url === '/watch' ? void response.write('{}') : void response.end('{}'),
  );
  const stopping = new AbortController();
  const streams = await Promise.all(
    Array.from({ length: 40 }, () => it.transport.open(ask({ path: '/watch', signal: stopping.signal }))),
  );
  expect((await it.transport.send(ask())).status).toBe(200);
  expect(streams.length).toBe(40);
  stopping.abort();
});
