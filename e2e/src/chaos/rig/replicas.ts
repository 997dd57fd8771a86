import { systemClock } from '@meridian/runtime';
import type { Violation } from '../audit/facts.ts';
import type { NatsServer } from './nats-servers.ts';

const withinMs = 30_000;
const lookEveryMs = 500;

/** What one server of NATS has of each stream, as its monitoring pages say (https://docs.nats.io/running-a-nats-service/nats_admin/monitoring). */
interface Monitored {
  readonly account_details?: readonly {
    readonly stream_detail?: readonly { readonly name: string; readonly state: StreamState }[];
  }[];
}

interface StreamState {
  readonly messages: number;
  readonly first_seq: number;
  readonly last_seq: number;
}

/** The servers of NATS come to have the same of every stream; gives what still differs after a while. */
export async function replicaDifferences(
  servers: readonly NatsServer[],
  signal: AbortSignal,
): Promise<Violation[]> {
  const endMs = performance.now() + withinMs;
  for (;;) {
    const [first = '', ...others] = await Promise.all(servers.map((server) => streamsOf(server)));
    const other = others.find((text) => text !== first);
    if (other === undefined) return [];
    if (performance.now() > endMs || signal.aborted)
      return [
        { invariant: 'replicas', atMs: Date.now(), message: `servers of NATS differ: ${first} and ${other}` },
      ];
    await systemClock.wait(lookEveryMs, signal);
  }
}

async function streamsOf({ monitorPort }: NatsServer): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${monitorPort}/jsz?accounts=true&streams=true`);
  const { account_details: accounts = [] } = (await answer.json()) as Monitored;
  return accounts
    .flatMap(({ stream_detail: streams = [] }) => streams)
    .map(({ name, state }) => `${name} ${state.messages} from ${state.first_seq} to ${state.last_seq}`)
    .sort()
    .join('; ');
}
