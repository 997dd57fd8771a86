import { systemClock } from '@meridian/runtime';
import type { NatsConnection } from '@nats-io/transport-node';
import type {
  Content,
  Gap,
  HeldFact,
  LedgerFact,
  Reading,
  RemovalFact,
  StatusFact,
  StoredFact,
} from '../audit/facts.ts';
import { difference } from '../audit/end.ts';
import { urlsOf } from '../rig/rig.ts';
import type { Rig } from '../rig/rig.ts';
import { decodeLedger, decodeStatus, storedFact } from './decode-ledger.ts';
import { connectAsHub, readStream, storedMessage, streamInfo } from './raw-stream.ts';
import type { RawStream, ReadMessage } from './raw-stream.ts';
import { watchCluster } from './watch-cluster.ts';
import type { ClusterWitness } from './watch-cluster.ts';

const ledgerStream = 'MERIDIAN_LEDGER';
const atOnce = 32;

/** Sees the raw streams and the clusters of a run, and keeps everything that it has seen. */
export class Witness implements AsyncDisposable {
  readonly ledger: LedgerFact[] = [];
  readonly statuses: StatusFact[] = [];
  readonly statusGaps: Gap[] = [];
  readonly held: HeldFact[] = [];
  readonly removals: RemovalFact[] = [];
  readonly #stopping = new AbortController();
  readonly #connection: NatsConnection;
  readonly #streams: readonly RawStream[];
  readonly #clusters: readonly ClusterWitness[];
  readonly #publicKey: string;
  #lastStatusMs = 0;

  constructor(rig: Rig, connection: NatsConnection) {
    this.#connection = connection;
    this.#publicKey = rig.keys.signingPublicKey;
    const { signal } = this.#stopping;
    const common = { connection, signal };
    this.#streams = [
      readStream({
        ...{ ...common, stream: ledgerStream, filter: 'ledger.main.>' },
        onMessage: (message) => void this.ledger.push(decodeLedger(message, message.life, this.#publicKey)),
      }),
      readStream({
        ...{ ...common, stream: 'MERIDIAN_STATUS', filter: 'status.>' },
        onMessage: (message) => this.#takeStatus(message),
      }),
    ];
    this.#clusters = [...rig.clusters].map(([name, access]) =>
      watchCluster({
        ...{ name, access, signal },
        onHeld: (fact) => void this.held.push(fact),
        onRemoval: (fact) => void this.removals.push(fact),
      }),
    );
  }

  static async start(rig: Rig): Promise<Witness> {
    return new Witness(rig, await connectAsHub(urlsOf(rig.nats.servers), rig.keys.hubSeed));
  }

  /** The streams are older ones from now on, or none. */
  rewind(): void {
    for (const stream of this.#streams) stream.rewind();
  }

  /** Returns when everything that is stored has been seen; throws after a minute. */
  async caughtUp(): Promise<void> {
    const signal = AbortSignal.timeout(60_000);
    for (const stream of this.#streams) {
      while (!(await stream.caughtUp().catch(() => false))) {
        signal.throwIfAborted();
        await systemClock.wait(50, signal);
      }
    }
  }

  /** Reads everything of the present life of the ledger again. */
  async stored(): Promise<Reading> {
    const life = this.ledger.at(-1)?.life;
    const sequences = this.ledger.filter((fact) => fact.life === life).map(({ sequence }) => sequence);
    const found: StoredFact[] = [];
    for (let at = 0; at < sequences.length; at += atOnce) {
      const some = sequences.slice(at, at + atOnce);
      const messages = await Promise.all(
        some.map((sequence) => storedMessage(this.#connection, ledgerStream, sequence)),
      );
      found.push(...messages.filter((message) => message !== undefined).map(storedFact));
    }
    // What has pushed out others meanwhile has to be known, too.
    await this.caughtUp();
    return { upTo: sequences.at(-1) ?? 0, facts: found };
  }

  /** Name of the hub that claimed last; undefined before the first claim. */
  leader(): string | undefined {
    return this.ledger.findLast(({ body }) => body.kind === 'claim')?.holder;
  }

  /** Name of the server of NATS that leads the ledger; throws while none does, or when there is only one server. */
  async ledgerServer(): Promise<string> {
    const { leader } = await streamInfo(this.#connection, ledgerStream);
    if (leader === undefined) throw new Error('no server leads the ledger');
    return leader;
  }

  /** What every cluster holds now, under `cluster/application`. */
  contents(): ReadonlyMap<string, Content> {
    return new Map(this.#clusters.flatMap((cluster) => [...cluster.contents()]));
  }

  /** How the clusters differ from what they should hold, each in a sentence. */
  differences(wanted: ReadonlyMap<string, Content>): string[] {
    const found = this.contents();
    return [...wanted].flatMap(([pair, content]) => {
      const why = difference(content, found.get(pair) ?? new Map());
      return why === undefined ? [] : [`${pair} ${why}`];
    });
  }

  /** A word may have been overwritten by the next one before it was read: its place is empty then. */
  #takeStatus(message: ReadMessage): void {
    if (message.sequence > message.after + 1)
      this.statusGaps.push({ fromMs: this.#lastStatusMs, toMs: message.atMs });
    this.#lastStatusMs = message.atMs;
    const fact = decodeStatus(message);
    if (fact) this.statuses.push(fact);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await Promise.all([...this.#streams, ...this.#clusters].map(({ ended }) => ended));
    await this.#connection.close();
  }
}
