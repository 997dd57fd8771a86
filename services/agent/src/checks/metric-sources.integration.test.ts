import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { FaultError } from '@meridian/runtime';
import { certificateAuthority } from '@meridian/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openMetricSources } from './metric-sources.ts';
import type { MetricSource } from './source-config.ts';

const { signal } = new AbortController();
const good = JSON.stringify({ status: 'success', data: { resultType: 'scalar', result: [1, '1'] } });

let dir = '';
const servers: (Server & { closeAllConnections(): void })[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'metric-sources-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await rm(dir, { recursive: true, force: true });
});

async function serve(
  listener: RequestListener,
  keys?: { readonly certificatePem: string; readonly keyPem: string },
) {
  const server = keys
    ? createTlsServer({ cert: keys.certificatePem, key: keys.keyPem }, listener)
    : createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return `${keys ? 'https' : 'http'}://127.0.0.1:${port}`;
}

async function file(name: string, content: string): Promise<string> {
  await writeFile(join(dir, name), content);
  return join(dir, name);
}

const ask = (url: string, more: Partial<MetricSource> = {}, limits = { timeoutMs: 5_000, bytes: 1_000 }) =>
  openMetricSources([{ name: 'prometheus', url, ...more }], limits).ask('prometheus', 'up{a="ü&b"}', signal);

const refusalOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'no refusal',
    (error: unknown) => (error instanceof FaultError ? error.message : `a bug: ${String(error)}`),
  );

describe('a metrics source', () => {
  it('is asked an instant query below its path, with a time limit of its own', async () => {
    const asked: { url: string | undefined; method: string | undefined; form: URLSearchParams }[] = [];
    const url = await serve((request: IncomingMessage, response) => {
      void text(request).then((body) => {
        asked.push({ url: request.url, method: request.method, form: new URLSearchParams(body) });
        response.end(good);
      });
    });
    expect(await ask(`${url}/prefix/`)).toEqual({ status: 200, body: good });
    const [{ form, ...rest } = { form: new URLSearchParams() }] = asked;
    expect(rest).toEqual({ url: '/prefix/api/v1/query', method: 'POST' });
    expect([...form]).toEqual([
      ['query', 'up{a="ü&b"}'],
      ['timeout', '5000ms'],
    ]);
  });

  it('gets the token as it is at the time, and no message ever has it', async () => {
    const seen: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.socket?.destroy();
    });
    const tokenFile = await file('token', 'hunter2\n');
    const messages = [await refusalOf(ask(url, { tokenFile }))];
    await file('token', 'hunter3');
    messages.push(await refusalOf(ask(url, { tokenFile })));
    expect(seen).toEqual(['Bearer hunter2', 'Bearer hunter3']);
    await file('token', 'hunter4\r\nx: y');
    messages.push(await refusalOf(ask(url, { tokenFile })));
    messages.push(await refusalOf(ask(url, { tokenFile: join(dir, 'none') })));
    expect(messages.join()).not.toContain('hunter');
    expect(messages).toEqual([
      expect.stringContaining('cannot be reached (ECONNRESET)'),
      expect.stringContaining('cannot be reached (ECONNRESET)'),
      expect.stringContaining('holds no token'),
      expect.stringContaining('cannot be read: ENOENT'),
    ]);
    expect(seen).toHaveLength(2);
  });

  it('does not take the agent elsewhere', async () => {
    let elsewhere = 0;
    const other = await serve((_request, response) => {
      elsewhere += 1;
      response.end(good);
    });
    const url = await serve((_request, response) => {
      response.writeHead(302, { location: `${other}/api/v1/query` }).end();
    });
    expect(await ask(url)).toMatchObject({ status: 302 });
    expect(elsewhere).toBe(0);
  });

  it('is believed by the authority that is named, and by no other', async () => {
    const authority = certificateAuthority('metrics');
    const keys = authority.issue({
      commonName: 'prometheus',
      ipAddresses: ['127.0.0.1'],
      usages: ['server'],
    });
    const url = await serve((_request, response) => response.end(good), keys);
    const caFile = await file('ca.crt', authority.certificatePem);
    expect(await ask(url, { caFile })).toMatchObject({ status: 200 });
    const other = await file('other.crt', certificateAuthority('other').certificatePem);
    expect(await refusalOf(ask(url, { caFile: other }))).toContain('cannot be reached');
    expect(await refusalOf(ask(url))).toContain('cannot be reached');
    expect(await refusalOf(ask(url, { caFile: await file('odd.crt', 'hunter2') }))).not.toContain('hunter2');
  });

  it('has a bound for its answer and a time for it, also when it trickles', async () => {
    const large = await serve((_request, response) => response.end('x'.repeat(1_001)));
    expect(await refusalOf(ask(large))).toContain('larger than 1000 bytes');
    const limits = { timeoutMs: 200, bytes: 1_000 };
    const silentUrl = await serve(() => undefined);
    expect(await refusalOf(ask(silentUrl, {}, limits))).toContain('did not answer within 0.2 s');
    const trickle = await serve((_request, response) => {
      response.write('{');
    });
    expect(await refusalOf(ask(trickle, {}, limits))).toContain('did not answer within 0.2 s');
  });

  it('is not asked any more when the agent stops', async () => {
    const stopping = new AbortController();
    const url = await serve(() => stopping.abort(new Error('stopping')));
    const sources = openMetricSources([{ name: 'prometheus', url }]);
    await expect(sources.ask('prometheus', 'up', stopping.signal)).rejects.toThrow();
  });

  it('is one that the administrator has named, or none', async () => {
    const sources = openMetricSources([{ name: 'near', url: 'http://127.0.0.1:1' }]);
    expect(await refusalOf(sources.ask('http://169.254.169.254', 'up', signal))).toBe(
      'this cluster has no metrics source "http://169.254.169.254": it has near. Its administrator can add one to ' +
        "metrics.sources of the agent's chart (MERIDIAN_METRICS_SOURCES)",
    );
    expect(await refusalOf(sources.ask('near', 'up', signal))).toContain('cannot be reached (ECONNREFUSED)');
  });
});
