import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { callHttp } from './call-http.ts';

const { signal } = new AbortController();

async function serving(listener: RequestListener): Promise<AsyncDisposable & { readonly url: string }> {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}/path`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

test('a body is posted with its headers, and status and text come back', async () => {
  await using server = await serving((asked, answer) => {
    void text(asked).then((body) => {
      answer.writeHead(418);
      answer.end(`${asked.method} ${asked.url} ${String(asked.headers['x-mine'])} ${body}`);
    });
  });
  const call = { url: server.url, withinMs: 5_000, signal };
  expect(await callHttp({ ...call, headers: { 'x-mine': 'yes' }, body: '{"é":1}' })).toEqual({
    status: 418,
    text: 'POST /path yes {"é":1}',
  });
  expect((await callHttp(call)).text).toBe('GET /path undefined ');
});

test('who does not answer in time, or not to the end, or not at all, is an error', async () => {
  await using silent = await serving(() => undefined);
  await expect(callHttp({ url: silent.url, withinMs: 50, signal })).rejects.toThrow();
  await using half = await serving((_asked, answer) => void answer.write('half'));
  await expect(callHttp({ url: half.url, withinMs: 50, signal })).rejects.toThrow();
  await expect(callHttp({ url: 'http://127.0.0.1:1/', withinMs: 1_000, signal })).rejects.toThrow();
});
