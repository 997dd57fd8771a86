import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@meridian/runtime';
import { freePort, startNats, tempDir } from '@meridian/testkit';
import { expect, test, vi } from 'vitest';
import { connectNats, createNkey, natsServerConfig, openLedgerWhenThere } from './index.ts';

test('a hub that starts before the servers of NATS have agreed who leads waits for them', async () => {
  await using stack = new AsyncDisposableStack();
  const dir = stack.use(await tempDir('ledger-cluster'));
  const { seed, publicKey } = createNkey();
  const places = await Promise.all(
    ['a', 'b', 'c'].map(async (name) => ({ name, port: await freePort(), route: await freePort() })),
  );
  const routes = places.map(({ route }) => `nats-route://127.0.0.1:${route}`).join(', ');
  const start = async (at: number) => {
    const { name = '', port = 0, route = 0 } = places[at] ?? {};
    const own = join(dir.path, name);
    mkdirSync(own);
    const config = natsServerConfig({
      ...{ hubPublicKey: publicKey, clusters: [], port, storeDir: join(own, 'store'), serverName: name },
    });
    const cluster = `cluster { name: test, listen: "127.0.0.1:${route}", routes: [${routes}] }\n`;
    const server = await startNats({ dir: own, port, config: `${config}${cluster}` });
    stack.defer(() => server.stop());
  };
  await start(0);
  const stopping = new AbortController();
  const { signal } = stopping;
  const connection = await connectNats({
    url: `nats://127.0.0.1:${places[0]?.port}`,
    seed,
    name: 'hub',
    signal,
  });
  stack.defer(() => connection.close());
  const said: string[] = [];
  const log = { info: () => undefined, warn: (_: object, message: string) => void said.push(message) };
  const opening = openLedgerWhenThere(
    { connection, shard: 'main', holder: 'hub', clock: systemClock, log },
    signal,
  );
  await vi.waitFor(() => expect(said).toContain('jetstream does not answer yet'), { timeout: 30_000 });
  await start(1);
  await start(2);
  const ledger = await opening;
  expect(await ledger.tail()).toMatchObject({ sequence: 0 });
}, 120_000);
