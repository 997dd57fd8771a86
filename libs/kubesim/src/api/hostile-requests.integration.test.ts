import { connect } from 'node:tls';
import { askApiServer } from '@meridian/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimHost } from '../cluster/sim-host.ts';
import type { HostedCluster, SimHost } from '../cluster/sim-host.ts';

let host: SimHost;
let server: HostedCluster;
beforeAll(async () => {
  host = await startSimHost();
  server = await host.add({ name: 'eu', port: 0 });
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
});

const namespace = '/api/v1/namespaces/default';

/** Sends what no well-meant client would send. @returns the answer as it comes, until the server closes or has answered. */
function send(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect({
      port: Number(new URL(server.url).port),
      ca: server.caPem,
      servername: 'eu.localhost',
    });
    socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
    socket.once('error', (error: Error) => (answer === '' ? reject(error) : resolve(answer)));
    socket.once('close', () => resolve(answer));
    socket.write(text);
  });
}

function get(target: string, ...more: readonly string[]): Promise<string> {
  const head = ['Host: x', `Authorization: Bearer ${server.token}`, 'Connection: close', ...more];
  return send(`GET ${target} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n`);
}

describe('a server that is asked for nonsense', () => {
  it.each(['//', '///api/v1/namespaces', '*', '/\\'])('knows no %s', async (target) => {
    expect(await get(target)).toMatch(/^HTTP\/1\.1 404 [^]*404 page not found\n$/);
  });

  it.each(['/api/v1/namespaces/%zz', 'http://%'])('refuses %s, which cannot be decoded', async (target) => {
    expect(await get(target)).toMatch(/^HTTP\/1\.1 400 [^]*400 Bad Request$/);
  });

  it('reads selectors that are long', async () => {
    const selector = encodeURIComponent(`a in (${'b,'.repeat(20_000)}c)`);
    const listed = await get(`${namespace}/configmaps?labelSelector=${selector}`);
    expect(listed).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('reads no more of a body than it may', async () => {
    const chunk = `100000\r\n${'a'.repeat(0x10_00_00)}\r\n`;
    const head = [
      `POST ${namespace}/configmaps HTTP/1.1`,
      'Host: x',
      `Authorization: Bearer ${server.token}`,
    ];
    const answer = await send(
      `${head.join('\r\n')}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(4)}0\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('refuses to write what is called as something of JavaScript', async () => {
    expect(await get(namespace, 'Accept: constructor')).toMatch(/^HTTP\/1\.1 406 /);
  });
});

describe('a watch of much', () => {
  it('is told all that is there, however much more that is than a slow client may leave unread', async () => {
    const data = { text: 'x'.repeat(500_000) };
    const home = '/api/v1/namespaces/kube-public/configmaps';
    for (let index = 0; index < 40; index += 1) {
      const metadata = { name: `map-${String(index)}` };
      const { status } = await askApiServer(server, 'POST', home, { metadata, data });
      expect(status).toBe(201);
    }
    const told = await get(`${home}?watch=1&timeoutSeconds=1`);
    expect(told.match(/"type":"ADDED"/g)).toHaveLength(40);
  });
});

describe('names that mean something in JavaScript', () => {
  const names = '{"__proto__":"a","constructor":"b","toString":"c"}';

  it('are names like others in a config map', async () => {
    const made = `{"metadata":{"name":"names"},"data":${names}}`;
    const { status, text } = await askApiServer(
      server,
      'POST',
      `${namespace}/configmaps`,
      JSON.parse(made) as object,
    );
    expect(status).toBe(201);
    expect(text).toContain(`"data":${names}`);
  });

  it('are types like others of a secret', async () => {
    const secret = { metadata: { name: 'types' }, type: 'constructor' };
    expect((await askApiServer(server, 'POST', `${namespace}/secrets`, secret)).status).toBe(201);
  });
});
