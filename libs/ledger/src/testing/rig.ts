import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@meridian/runtime';
import { freePort, startNats, tempDir } from '@meridian/testkit';
import type { NatsServer } from '@meridian/testkit';
import { connectNats, createNkey, natsServerConfig, openLedger } from '../index.ts';
import type { Ledger, LedgerConnection, Nkey } from '../index.ts';

/** A real nats-server with accounts as the generator writes them, for integration tests. */
export interface Rig extends AsyncDisposable {
  readonly nats: NatsServer;
  readonly hubKey: Nkey;
  readonly clusterKeys: ReadonlyMap<string, Nkey>;
  /** The generated config, for tests that change it. */
  readonly config: string;
  hub(options?: { port?: number; name?: string }): Promise<LedgerConnection>;
  agent(cluster: string, options?: { port?: number }): Promise<LedgerConnection>;
  ledger(holder: string, options?: { port?: number }): Promise<Ledger>;
}

/** Starts the rig with an account per cluster. Disposing closes every connection it gave, and the server. */
export async function startRig(clusters: readonly string[] = []): Promise<Rig> {
  const dir = await tempDir('ledger');
  const port = await freePort();
  const hubKey = createNkey();
  const clusterKeys = new Map(clusters.map((name) => [name, createNkey()]));
  const storeDir = join(dir.path, 'store');
  mkdirSync(storeDir);
  const config = natsServerConfig({
    hubPublicKey: hubKey.publicKey,
    clusters: [...clusterKeys].map(([name, { publicKey }]) => ({ name, publicKey })),
    port,
    storeDir,
  });
  const nats = await startNats({ dir: dir.path, config, port });
  const open: LedgerConnection[] = [];
  const connectAs = async (seed: string, options: { name: string; inboxPrefix?: string; port?: number }) => {
    const { port: through = port, ...rest } = options;
    const connection = await connectNats({
      url: `nats://127.0.0.1:${through}`,
      seed,
      signal: AbortSignal.timeout(10_000),
      ...rest,
    });
    open.push(connection);
    return connection;
  };
  const hub: Rig['hub'] = (options = {}) => connectAs(hubKey.seed, { name: 'hub', ...options });
  return {
    nats,
    hubKey,
    clusterKeys,
    config,
    hub,
    agent: (cluster, options = {}) =>
      connectAs(clusterKeys.get(cluster)?.seed ?? '', {
        name: cluster,
        inboxPrefix: `_INBOX_${cluster}`,
        ...options,
      }),
    ledger: async (holder, options = {}) =>
      openLedger({ connection: await hub(options), shard: 'main', holder, clock: systemClock }),
    async [Symbol.asyncDispose]() {
      await Promise.allSettled(open.map((connection) => closeSoon(connection)));
      await nats.stop();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** Draining a connection whose server is gone can take long; the test is over. */
async function closeSoon(connection: LedgerConnection): Promise<void> {
  await Promise.race([connection.close(), new Promise((resolve) => setTimeout(resolve, 1_000).unref())]);
}
