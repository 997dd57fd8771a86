import { isDeepStrictEqual } from 'node:util';
import { startControlPlane, tempDir } from '@meridian/testkit';
import type { ControlPlane } from '@meridian/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contractCases } from './cases/index.ts';
import { connectHttp } from './http-client.ts';
import type { HttpClient } from './http-client.ts';
import { record } from './session.ts';
import { normalise } from './transcript.ts';

// Two real API servers hold each case to being a contract: what differs between them is chance, not behaviour.
const servers: ControlPlane[] = [];
const clients: HttpClient[] = [];
const resources = new AsyncDisposableStack();

beforeAll(async () => {
  for (const name of ['first', 'second']) {
    const dir = resources.use(await tempDir(`contract-${name}`));
    const server = resources.use(
      await startControlPlane({ name, dir: dir.path, durable: false, minimal: true }),
    );
    servers.push(server);
    clients.push(connectHttp(server));
  }
});

afterAll(async () => {
  clients.forEach((client) => client.close());
  await resources.disposeAsync();
});

let count = 0;

describe.each(Object.entries(contractCases))('%s', (_, cases) => {
  it.each(cases)('$title', async (contract) => {
    count += 1;
    const namespace = `case-${String(count)}`;
    const [first = [], second = []] = await Promise.all(
      clients.map(async (client) => normalise(await record(client, contract, namespace))),
    );
    expect(first.length).toBeGreaterThan(0);
    const differs = first.findIndex((exchange, index) => !isDeepStrictEqual(exchange, second[index]));
    expect(second[differs]).toEqual(first[differs]);
    expect(second.length).toBe(first.length);
  });
});
