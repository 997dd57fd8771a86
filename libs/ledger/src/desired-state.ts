import { z } from 'zod';
import type { SignedEnvelope } from '@meridian/fleet';
import { FaultError } from '@meridian/runtime';
import { readBundle } from './bundles.ts';
import { coalesced } from './bus.ts';
import { natsOf } from './connection.ts';
import type { LedgerConnection } from './connection.ts';
import { directGet } from './direct-get.ts';
import { envelopeShape, unreadableEnvelope } from './envelope.ts';
import { ledgerStream, ledgerSubjects, safeToken } from './names.ts';
import { parseJson } from './parse-json.ts';

/** Whose desired state. */
export interface OpenDesiredStateOptions {
  readonly connection: LedgerConnection;
  readonly shard: string;
  readonly cluster: string;
}

/** An envelope as it is stored; nothing in it is verified. */
export interface StoredAssignment {
  readonly envelope: SignedEnvelope;
  readonly headers: { readonly [name: string]: string };
  readonly sequence: number;
}

/**
 * What one cluster may read of the ledger. Every read is one request for one exact subject, without consumers, so
 * there is nothing to leak or to fall behind; faults are FaultErrors and worth trying again.
 */
export interface DesiredState {
  /**
   * Applications that the hub lists for the cluster; undefined before the first list. Leaving one out deletes nothing.
   * A list that cannot be read throws FaultError 'invalid', retry 'later': keep what runs and say so.
   */
  readIndex(signal?: AbortSignal): Promise<readonly string[] | undefined>;
  /** The stored envelope, also when it is garbage: then it is one that `verifyEnvelope` refuses as malformed. */
  readAssignment(application: string, signal?: AbortSignal): Promise<StoredAssignment | undefined>;
  /** The bytes of a bundle, checked against the digest. Throws FaultError 'not_found' or 'invalid', both retry 'later'. */
  readBundle(digest: string, signal?: AbortSignal): Promise<Uint8Array>;
  /** Names of applications whose assignment may have changed; may be lost or repeated. Ends when the signal aborts. */
  hints(signal: AbortSignal): AsyncIterable<string>;
  /** Whether the server answers now. */
  connected(): boolean;
}

const indexShape = z.object({ applications: z.array(z.string()).max(10_000) });

/** Opens the desired state of a cluster, with no more than the permissions of that cluster's account. */
export function openDesiredState({ connection, shard, cluster }: OpenDesiredStateOptions): DesiredState {
  const nats = natsOf(connection);
  const stream = ledgerStream(shard);
  safeToken(cluster, 'cluster');
  return {
    async readIndex(signal) {
      const found = await directGet(nats, { stream, subject: ledgerSubjects.index(shard, cluster), signal });
      if (!found) return undefined;
      const index = indexShape.safeParse(parseJson(found.body));
      if (index.success) return index.data.applications;
      throw new FaultError(
        'invalid',
        `the application list of cluster ${cluster} at sequence ${found.sequence} cannot be read`,
        { retry: 'later' },
      );
    },
    async readAssignment(application, signal) {
      const subject = ledgerSubjects.assign(shard, cluster, safeToken(application, 'application'));
      const found = await directGet(nats, { stream, subject, signal });
      if (!found) return undefined;
      const envelope = envelopeShape.safeParse(parseJson(found.body));
      return {
        envelope: envelope.success ? envelope.data : unreadableEnvelope,
        headers: found.headers,
        sequence: found.sequence,
      };
    },
    readBundle: (digest, signal) => readBundle(nats, { cluster, digest, signal }),
    hints: (signal) =>
      coalesced(
        nats.subscribe(ledgerSubjects.assign(shard, cluster, '*')),
        (message) => message.subject.split('.').at(-1) ?? '',
        signal,
      ),
    connected: () => connection.connected(),
  };
}
