import { DiscardPolicy, JetStreamApiError, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import type { JetStreamManager, StreamConfig } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { FaultError } from '@meridian/runtime';
import { faultOf } from './fault-of.ts';
import { bundleStream, eventStream, ledgerStream, ledgerSubjects, statusStream } from './names.ts';

type WantedConfig = Partial<StreamConfig> & { readonly name: string; readonly subjects: string[] };

const streamNotFound = 10059;

/** Largest message of the ledger, headers included. */
export const maxLedgerMessageBytes = 1024 * 1024;

/** The four streams of a shard as they must be. Only fields that nats-server 2.9 knows are used. */
export function wantedStreams(shard: string, replicas: number): WantedConfig[] {
  const common = {
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    num_replicas: replicas,
    max_age: 0,
    max_bytes: -1,
    max_msgs: -1,
    duplicate_window: nanos(120_000),
    allow_rollup_hdrs: false,
    allow_direct: true,
  };
  return [
    {
      ...common,
      name: ledgerStream(shard),
      subjects: [ledgerSubjects.all(shard)],
      // The last 64 of each subject are history; the last one is state and is never dropped.
      max_msgs_per_subject: 64,
      max_msg_size: maxLedgerMessageBytes,
      discard: DiscardPolicy.New,
      deny_delete: true,
      deny_purge: true,
    },
    {
      ...common,
      name: bundleStream,
      subjects: ['bundle.*.*.*'],
      max_msgs_per_subject: 1,
      discard: DiscardPolicy.New,
    },
    {
      ...common,
      name: statusStream,
      subjects: ['status.>'],
      max_msgs_per_subject: 1,
      discard: DiscardPolicy.Old,
    },
    {
      ...common,
      name: eventStream,
      subjects: ['event.*'],
      max_msgs_per_subject: -1,
      max_msgs: 20_000,
      max_bytes: 64 * 1024 * 1024,
      discard: DiscardPolicy.Old,
    },
  ];
}

/** Makes the streams that are missing and checks all of them: what the server has must be what was asked for. */
export async function ensureStreams(
  manager: JetStreamManager,
  wanted: readonly WantedConfig[],
): Promise<void> {
  for (const config of wanted) {
    const found = await readOrMake(manager, config);
    const differences = configDifferences(config, found);
    if (differences.length === 0) continue;
    throw new FaultError(
      'conflict',
      `stream ${config.name} is not configured as Meridian needs it: ${differences.join('; ')}. ` +
        `Set these fields with \`nats stream edit ${config.name}\`, or move the stream away and start again`,
      { retry: 'never' },
    );
  }
}

async function readOrMake(manager: JetStreamManager, config: WantedConfig): Promise<StreamConfig> {
  try {
    return (await manager.streams.info(config.name)).config;
  } catch (error) {
    if (!(error instanceof JetStreamApiError && error.code === streamNotFound))
      throw faultOf(error, `reading stream ${config.name}`);
  }
  try {
    return (await manager.streams.add(config)).config;
  } catch (error) {
    throw faultOf(error, `making stream ${config.name}`);
  }
}

/** Each wanted field that the found config has otherwise, as `field is X, must be Y`. Absent booleans count as false. */
export function configDifferences(wanted: object, found: object): string[] {
  const have = new Map<string, unknown>(Object.entries(found));
  return Object.entries(wanted).flatMap(([field, value]) => {
    const present: unknown = have.get(field) ?? (value === false ? false : value === 0 ? 0 : undefined);
    const same = JSON.stringify(present) === JSON.stringify(value);
    return same
      ? []
      : [`${field} is ${JSON.stringify(present) ?? 'unset'}, must be ${JSON.stringify(value)}`];
  });
}
