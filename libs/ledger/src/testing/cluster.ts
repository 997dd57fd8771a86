import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, startNats, tempDir } from '@meridian/testkit';
import { connectNats, createNkey, natsServerConfig } from '../index.ts';
import type { LedgerConnection } from '../index.ts';

/** Three real nats-servers that are a cluster, none of which runs yet. */
export interface Cluster extends AsyncDisposable {
  /** Starts one of them, by its place. */
  start(at: number): Promise<void>;
  /** Connects as the hub to the first one. */
  hub(signal: AbortSignal): Promise<LedgerConnection>;
}

/** Makes the cluster. Disposing closes every connection it gave, and its servers. */
export async function makeCluster(): Promise<Cluster> {
  const stack = new AsyncDisposableStack();
  const dir = stack.use(await tempDir('ledger-cluster'));
  const { seed, publicKey } = createNkey();
  const places = await Promise.all(
    ['a', 'b', 'c'].map(async (name) => ({ name, port: await freePort(), route: await freePort() })),
  );
  const routes = places.map(({ route }) => `nats-route://127.0.0.1:${route}`).join(', ');
  return {
    async start(at) {
      const { name = '', port = 0, route = 0 } = places[at] ?? {};
      const own = join(dir.path, name);
      mkdirSync(own);
      const config = natsServerConfig({
        ...{ hubPublicKey: publicKey, clusters: [], port, storeDir: join(own, 'store'), serverName: name },
      });
      const cluster = `cluster { name: test, listen: "127.0.0.1:${route}", routes: [${routes}] }\n`;
      const server = await startNats({ dir: own, port, config: `${config}${cluster}` });
      stack.defer(() => server.stop());
    },
    async hub(signal) {
      const url = `nats://127.0.0.1:${places[0]?.port}`;
      const connection = await connectNats({ url, seed, name: 'hub', signal });
      stack.defer(() => connection.close());
      return connection;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
