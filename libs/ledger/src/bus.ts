import { z } from 'zod';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { FaultError, errorText } from '@meridian/runtime';
import type { FaultCode } from '@meridian/runtime';
import { ask } from './ask.ts';
import type { Answer } from './ask.ts';
import type { LedgerLog } from './connection.ts';
import { faultOf } from './fault-of.ts';
import { parseJson } from './parse-json.ts';

/** Words between hub replicas. Nothing here is stored: a hint may be lost, a command is answered or fails. */
export interface Bus {
  /** Asks the leader to look at the source now. */
  hintRefresh(): void;
  /** One value per burst of hints. Ends when the signal aborts. */
  onRefresh(signal: AbortSignal): AsyncIterable<void>;
  /** What every hub of the shard that answers in time says of itself, this one too. */
  callRoll(withinMs: number): Promise<readonly unknown[]>;
  /** Answers roll calls with JSON until the signal aborts. */
  answerRoll(own: () => unknown, signal: AbortSignal): Promise<void>;
  /** Gives JSON to the leader and its answer back. Throws FaultError: 'unavailable' when nobody leads, or the leader's own. */
  command(json: unknown, timeoutMs: number): Promise<unknown>;
  /** Answers commands until the signal aborts; only a leader does. A FaultError the handler throws reaches the asker. */
  serveCommands(handler: (json: unknown) => Promise<unknown>, signal: AbortSignal): Promise<void>;
}

const maxCommandsAtOnce = 64;
const mostHubs = 64;
const faultCodes = [
  'unavailable',
  'timeout',
  'refused',
  'not_found',
  'conflict',
  'invalid',
  'denied',
  'exhausted',
  'unsupported',
] as const satisfies readonly FaultCode[];

const answerShape = z.union([
  z.object({
    fault: z.object({ code: z.enum(faultCodes), retry: z.enum(['later', 'never']), message: z.string() }),
  }),
  z.object({ value: z.unknown() }),
]);

/** The bus of a shard. */
export function openBus(
  nats: NatsConnection,
  { shard, log }: { shard: string; log: LedgerLog | undefined },
): Bus {
  const refreshSubject = `hub.${shard}.refresh`;
  const commandSubject = `hub.${shard}.command`;
  const rollSubject = `hub.${shard}.roll`;
  return {
    hintRefresh: () => nats.publish(refreshSubject),
    async *onRefresh(signal) {
      for await (const _burst of coalesced(nats.subscribe(refreshSubject), () => 'refresh', signal)) yield;
    },
    async callRoll(withinMs) {
      const answers: unknown[] = [];
      const asked = { strategy: 'timer' as const, maxWait: withinMs, maxMessages: mostHubs };
      try {
        for await (const answer of await nats.requestMany(rollSubject, undefined, asked))
          answers.push(parseJson(answer.data));
      } catch (error) {
        throw faultOf(error, `asking ${rollSubject}`);
      }
      return answers;
    },
    async answerRoll(own, signal) {
      const subscription = nats.subscribe(rollSubject);
      endWith(subscription, signal);
      for await (const message of subscription) message.respond(JSON.stringify(own()));
    },
    async command(json, timeoutMs) {
      const answer = await askLeader(nats, {
        subject: commandSubject,
        body: JSON.stringify(json),
        timeoutMs,
      });
      const parsed = answerShape.safeParse(parseJson(answer.data));
      if (!parsed.success)
        throw new FaultError('unavailable', 'the leader gave an answer that cannot be read', {
          retry: 'later',
        });
      if (!('fault' in parsed.data)) return parsed.data.value;
      const { code, retry, message } = parsed.data.fault;
      throw new FaultError(code, message, { retry });
    },
    async serveCommands(handler, signal) {
      const subscription = nats.subscribe(commandSubject);
      endWith(subscription, signal);
      const running = new Set<Promise<void>>();
      for await (const message of subscription) {
        const answer = answerCommand(message, handler, log).finally(() => running.delete(answer));
        running.add(answer);
        if (running.size >= maxCommandsAtOnce) await Promise.race(running);
      }
      await Promise.all(running);
    },
  };
}

async function askLeader(
  nats: NatsConnection,
  question: { subject: string; body: string; timeoutMs: number },
): Promise<Answer> {
  try {
    return await ask(nats, question);
  } catch (error) {
    if (!(error instanceof FaultError) || error.code !== 'unavailable') throw error;
    throw new FaultError('unavailable', 'no hub leads now; a new leader is usually there within 5 s', {
      retry: 'later',
      cause: error,
    });
  }
}

async function answerCommand(
  message: Msg,
  handler: (json: unknown) => Promise<unknown>,
  log: LedgerLog | undefined,
): Promise<void> {
  try {
    const value = await handler(parseJson(message.data));
    message.respond(JSON.stringify({ value: value ?? null }));
  } catch (error) {
    const { code, retry } = error instanceof FaultError ? error : { code: 'unavailable', retry: 'later' };
    if (!(error instanceof FaultError))
      log?.warn({ error: errorText(error) }, 'a command failed unexpectedly');
    message.respond(JSON.stringify({ fault: { code, retry, message: errorText(error) } }));
  }
}

/** Unsubscribes when the signal aborts, which ends the subscription's loop. */
export function endWith(subscription: Subscription, signal: AbortSignal): void {
  const end = () => subscription.unsubscribe();
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
}

/**
 * The keys of a subscription's messages, each waiting at most once: what comes while the reader is busy is merged.
 * At most 10,000 keys wait; more are dropped, which hints may be. Ends when the signal aborts.
 */
export async function* coalesced(
  subscription: Subscription,
  keyOf: (message: Msg) => string,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  const waiting = new Set<string>();
  let wake = () => {};
  let ended = false;
  const read = async () => {
    for await (const message of subscription) {
      if (waiting.size < 10_000) waiting.add(keyOf(message));
      wake();
    }
    ended = true;
    wake();
  };
  endWith(subscription, signal);
  void read();
  try {
    while (!signal.aborted) {
      const [key] = waiting;
      if (key !== undefined) {
        waiting.delete(key);
        yield key;
        continue;
      }
      if (ended) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (waiting.size > 0 || ended) resolve();
      });
    }
  } finally {
    subscription.unsubscribe();
  }
}
