import { connectNats, createNkey, natsServerConfig, openLedger } from '@meridian/ledger';
import type { Leadership, LedgerRecord } from '@meridian/ledger';
import { systemClock } from '@meridian/runtime';
import { ensureParts, freePort, startNats, tempDir } from '@meridian/testkit';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamClient } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench, BenchContext } from '../bench.ts';
import { figuresOf } from '../figure.ts';
import type { Figure } from '../figure.ts';

const bodyBytes = 500;
const serialWrites = 300;
const rounds = 30;
const recordsPerRound = 1_000;
const warmUpWrites = 200;
// As many writes in flight as an append has.
const bareWindow = 256;

/** Fenced appends on a real nats-server, one at a time and pipelined, against bare publishes of the same bytes. */
export const ledgerBench: Bench = {
  name: 'ledger',
  meaning: 'fenced appends of 500 bytes, serial and pipelined, against bare JetStream publishes as the limit',
  run,
};

async function run(context: BenchContext): Promise<readonly Figure[]> {
  await ensureParts(['nats-server'], { onProgress: context.progress, signal: context.signal });
  await using folder = await tempDir('bench-ledger');
  const port = await freePort();
  const { seed, publicKey } = createNkey();
  const storeDir = join(folder.path, 'store');
  await mkdir(storeDir);
  const config = natsServerConfig({ hubPublicKey: publicKey, clusters: [], port, storeDir });
  await using server = await startNats({ dir: folder.path, config, port });
  await using connection = await connectNats({
    url: server.url,
    seed,
    name: 'bench',
    signal: context.signal,
  });
  const ledger = await openLedger({ connection, shard: 'main', holder: 'bench', clock: systemClock });
  const claim = await ledger.claim({ signal: context.signal });
  if (!claim.ok) throw new Error(`the ledger refused a claim: ${claim.reason}`);

  // A server of its own for the limit, as durable as the ledger's: a file, written to the disk before each answer.
  const bareStore = join(folder.path, 'bare');
  await mkdir(bareStore);
  const bareConfig = `jetstream { store_dir: "${bareStore}", sync_interval: always }\n`;
  await using bareServer = await startNats({ dir: bareStore, config: bareConfig });
  const bare = await connect({ servers: bareServer.url });
  try {
    await (
      await jetstreamManager(bare)
    ).streams.add({ name: 'BARE', subjects: ['bare.>'], max_msgs_per_subject: 64 });
    const rig = { append: claim.leadership, bare: jetstream(bare), context };
    context.progress('warming up');
    await appendSerially(rig.append, warmUpWrites, context.signal);
    await publishSerially(rig.bare, warmUpWrites, context.signal);
    return [...(await measureSerial(rig)), ...(await measurePipelined(rig))];
  } finally {
    await bare.close();
  }
}

interface LedgerRig {
  readonly append: Leadership;
  readonly bare: JetStreamClient;
  readonly context: BenchContext;
}

/** One write after another; both in turn, so that a slow moment of the machine hits both. */
async function measureSerial({ append, bare, context }: LedgerRig): Promise<readonly Figure[]> {
  context.progress(`${serialWrites} writes one after another`);
  const samples: number[] = [];
  const limit: number[] = [];
  for (let index = 0; index < serialWrites; index += 1) {
    samples.push(...(await appendSerially(append, 1, context.signal)));
    limit.push(...(await publishSerially(bare, 1, context.signal)));
  }
  const against = { name: 'serial bare publish', samples: limit };
  return figuresOf('ledger', { figure: 'serial append', unit: 'ms', samples, against });
}

async function measurePipelined({ append, bare, context }: LedgerRig): Promise<readonly Figure[]> {
  context.progress(`${rounds} appends of ${recordsPerRound} records`);
  const samples: number[] = [];
  const limit: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    samples.push((await timed(() => appendAll(append, recordsPerRound, context.signal))) / recordsPerRound);
    limit.push((await timed(() => publishAll(bare, recordsPerRound, context.signal))) / recordsPerRound);
  }
  const against = { name: 'pipelined bare publish', samples: limit };
  return figuresOf('ledger', { figure: 'pipelined append per record', unit: 'ms', samples, against });
}

async function appendAll(leadership: Leadership, count: number, signal: AbortSignal): Promise<void> {
  const records = Array.from({ length: count }, (_, index) => record(index));
  const result = await leadership.append(records, signal);
  if (!result.ok) throw new Error(`an append was ${result.reason}`);
}

async function publishAll(client: JetStreamClient, count: number, signal: AbortSignal): Promise<void> {
  const inFlight: Promise<unknown>[] = [];
  for (let index = 0; index < count; index += 1) {
    await inFlight[index - bareWindow];
    signal.throwIfAborted();
    inFlight.push(client.publish(`bare.cluster-${index}`, body));
  }
  await Promise.all(inFlight);
}

async function appendSerially(leadership: Leadership, count: number, signal: AbortSignal): Promise<number[]> {
  const samples: number[] = [];
  for (let index = 0; index < count; index += 1)
    samples.push(await timed(() => appendAll(leadership, 1, signal)));
  return samples;
}

async function publishSerially(
  client: JetStreamClient,
  count: number,
  signal: AbortSignal,
): Promise<number[]> {
  const samples: number[] = [];
  for (let index = 0; index < count; index += 1)
    samples.push(await timed(() => publishAll(client, 1, signal)));
  return samples;
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

const body = 'x'.repeat(bodyBytes);

function record(index: number): LedgerRecord {
  return { subject: `ledger.main.assign.cluster-${index}.bench`, body };
}
