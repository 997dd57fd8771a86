import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startNats, tempDir } from '@meridian/testkit';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

/** A stream on a server of its own, as durable as the ledger's: a file, written to the disk before each answer. */
export interface BareStream extends AsyncDisposable {
  /** Publishes messages of these sizes, 256 in flight, until all are acknowledged; gives the milliseconds. */
  publishAll(sizes: readonly number[], signal: AbortSignal): Promise<number>;
}

// As many writes in flight as an append has.
const bareWindow = 256;

/** Starts a nats-server for it. */
export async function startBareStream(): Promise<BareStream> {
  await using started = new AsyncDisposableStack();
  const folder = started.use(await tempDir('bench-bare'));
  const store = join(folder.path, 'bare');
  await mkdir(store);
  const config = `jetstream { store_dir: "${store}", sync_interval: always }\n`;
  const server = started.use(await startNats({ dir: folder.path, config }));
  const bare = await connect({ servers: server.url });
  started.defer(() => bare.close());
  const manager = await jetstreamManager(bare);
  await manager.streams.add({ name: 'BARE', subjects: ['bare.>'], max_msgs_per_subject: 64 });
  const client = jetstream(bare);
  const all = started.move();
  return {
    async publishAll(sizes, signal) {
      const bodies = sizes.map((bytes) => 'x'.repeat(bytes));
      const startedAtMs = performance.now();
      const inFlight: Promise<unknown>[] = [];
      for (const [index, body] of bodies.entries()) {
        await inFlight[index - bareWindow];
        signal.throwIfAborted();
        inFlight.push(client.publish(`bare.c-${index}`, body));
      }
      await Promise.all(inFlight);
      return performance.now() - startedAtMs;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
