import { createHash } from 'node:crypto';
import { headers as newHeaders } from '@nats-io/transport-node';
import { z } from 'zod';
import type { FleetEvent } from '@meridian/fleet';
import { FaultError } from '@meridian/runtime';
import { ask } from './ask.ts';
import { faultOf } from './fault-of.ts';
import { followStream } from './feed.ts';
import type { FeedContext } from './feed.ts';
import { eventStream, headerNames, safeToken } from './names.ts';
import { parseJson } from './parse-json.ts';
import { readAnswer } from './publish.ts';

/** What happened in the fleet, for people: the newest 20,000 or 64 MB. */
export interface Events {
  /** Stores an event; returns when it is stored. An equal one within two minutes, from any replica, is stored once. */
  publish(event: FleetEvent): Promise<void>;
  /** The newest events, newest first, at most `limit` (1,000 at most). */
  recent(limit: number): Promise<FleetEvent[]>;
  /** Events from now on, also those that come while the connection is away. Ends when the signal aborts. */
  follow(signal: AbortSignal): AsyncIterable<FleetEvent>;
}

const maxRecent = 1_000;
const parallelReads = 64;
const noMessageFound = 404;

const eventShape = z.object({
  atMs: z.number(),
  level: z.enum(['info', 'warning', 'error']),
  type: z.string(),
  application: z.string().exactOptional(),
  cluster: z.string().exactOptional(),
  revision: z.string().exactOptional(),
  message: z.string(),
});

/** The events of an open ledger. */
export function openEvents(context: FeedContext): Events {
  return {
    async publish(event) {
      const scope = event.cluster === undefined ? 'fleet' : safeToken(event.cluster, 'cluster');
      const headers = newHeaders();
      headers.set(headerNames.expectedStream, eventStream);
      headers.set(headerNames.messageId, messageIdOf(event));
      const answer = await ask(context.nats, {
        subject: `event.${scope}`,
        body: JSON.stringify(event),
        headers,
        timeoutMs: 5_000,
      });
      const outcome = readAnswer(answer.data);
      if (outcome.kind === 'failed') throw outcome.fault;
      if (outcome.kind !== 'stored')
        throw new FaultError('unavailable', 'an event was not acknowledged', { retry: 'later' });
    },
    async recent(limit) {
      try {
        return await readRecent(context, Math.min(limit, maxRecent));
      } catch (error) {
        throw faultOf(error, 'reading recent events');
      }
    },
    async *follow(signal) {
      for await (const message of followStream(context, {
        stream: eventStream,
        filter: 'event.*',
        from: 'new',
        signal,
      })) {
        yield* toEvent(message.data);
      }
    },
  };
}

/** Equal for equal events, in whatever order their fields come: an agent repeats what it got no answer for elsewhere. */
function messageIdOf(event: FleetEvent): string {
  const fields = Object.entries(event).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex');
}

async function readRecent(context: FeedContext, limit: number): Promise<FleetEvent[]> {
  const { state } = await context.manager.streams.info(eventStream);
  const found: FleetEvent[] = [];
  for (
    let top = state.last_seq;
    top >= Math.max(1, state.first_seq) && found.length < limit;
    top -= parallelReads
  ) {
    const count = Math.min(parallelReads, top - Math.max(1, state.first_seq) + 1, limit - found.length);
    const group = await Promise.all(
      Array.from({ length: count }, (_, index) => readEvent(context, top - index)),
    );
    found.push(...group.flat());
  }
  return found;
}

async function readEvent(context: FeedContext, sequence: number): Promise<FleetEvent[]> {
  try {
    const message = await context.manager.streams.getMessage(eventStream, { seq: sequence });
    return message ? toEvent(message.data) : [];
  } catch (error) {
    // The oldest events go while we read.
    if (error instanceof Error && 'status' in error && error.status === noMessageFound) return [];
    throw error;
  }
}

function toEvent(data: Uint8Array): FleetEvent[] {
  const event = eventShape.safeParse(parseJson(data));
  return event.success ? [event.data] : [];
}
