import { randomUUID } from 'node:crypto';
import { errorText } from '@meridian/runtime';
import type { Clock, Slices } from '@meridian/runtime';
import type { Heartbeat, Hello, Snapshot } from '@meridian/wire';
import { attachOnce } from './attachment.ts';
import type { AttachmentEnd } from './attachment.ts';
import { lifeOf, lifeProblem } from './certificate-life.ts';
import { rememberedHubCredentials } from './hub-channel.ts';
import type { OpenOutbox } from './outbox.ts';
import { chooseCredentials } from './renewing/choose-credentials.ts';
import type { AgentFiles, ChosenCredentials } from './renewing/choose-credentials.ts';

/** The part of a logger that the link uses. */
export interface LinkLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** How an agent attaches. */
export interface AttachLinkConfig extends AgentFiles {
  /** `host:port` of every hub replica; tried in turn. */
  readonly urls: readonly string[];
  readonly cluster: string;
  /** What the agent says of itself; asked at each attach. */
  readonly hello: () => Omit<Hello, 'cluster' | 'session'>;
  /** Everything the agent knows; asked at each attach. */
  readonly snapshot: () => Snapshot;
  readonly heartbeat: () => Heartbeat;
  /** Made by `createOutbox`; outlives streams. */
  readonly outbox: OpenOutbox;
  readonly clock: Clock;
  /** Shared with other long work of the process; without them everything that waits is sent at once. */
  readonly slices?: Slices;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: LinkLog;
  readonly signal: AbortSignal;
  /** Trace context for the attach itself. */
  readonly traceparent?: () => string | undefined;
}

/** A link that keeps itself attached until its signal aborts or it is stopped. */
export interface Link {
  /** Whether a hub has welcomed this agent and its stream lives. */
  connected(): boolean;
  /** Agent's clock when a hub last said that it stored something; undefined before. */
  lastAckedAtMs(): number | undefined;
  stop(): Promise<void>;
}

const firstWaitMs = 200;
const longestWaitMs = 10_000;
/** A hub that is overrun answers late: who gives up and comes back each time after as long never gets through. */
const firstPatienceMs = 5_000;
const longestPatienceMs = 20_000;

/**
 * Attaches to one hub after another until one welcomes the agent, and again whenever the stream ends: at once in a
 * random part of 0.2 s, then of exponentially more, up to 10 s. Each stream begins with everything the agent knows.
 */
export function attachLink(config: AttachLinkConfig): Link {
  const stopping = new AbortController();
  const signal = AbortSignal.any([config.signal, stopping.signal]);
  const state: LinkState = { connected: false, lastAckedAtMs: undefined };
  const running = keepAttached(config, state, signal);
  return {
    connected: () => state.connected,
    lastAckedAtMs: () => state.lastAckedAtMs,
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

/** What the link knows of its stream. */
export interface LinkState {
  connected: boolean;
  lastAckedAtMs: number | undefined;
}

async function keepAttached(config: AttachLinkConfig, state: LinkState, signal: AbortSignal): Promise<void> {
  const { urls, random, clock, log } = config;
  const credentialsOf = rememberedHubCredentials();
  let turn = Math.floor(random() * urls.length);
  let failures = 0;
  let said = '';
  while (!signal.aborted) {
    const url = urls[turn % urls.length] ?? '';
    turn += 1;
    const end = await tryAttach(config, { url, credentialsOf, failures, state, signal });
    if (signal.aborted) break;
    failures = end.wasStored ? 0 : failures + 1;
    // The same trouble is said once, not with every try.
    if (end.wasStored || end.reason !== said) log.warn({ url, reason: end.reason }, 'not attached to a hub');
    said = end.wasStored ? '' : end.reason;
    // After a goaway the wait has been had before leaving.
    if (!end.wasAskedToLeave) await clock.wait(fullJitterMs(Math.max(0, failures - 1), random()), signal);
  }
  state.connected = false;
}

/** A random part of an exponentially growing wait (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/). */
export function fullJitterMs(attempt: number, random: number): number {
  return random * Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(attempt, 30));
}

/** TLS says little about a certificate that is not taken; the hub's clock decides, so it is tried whatever ours says. */
function withLife(reason: string, { clock }: AttachLinkConfig, { cert, file }: ChosenCredentials): string {
  const problem = lifeProblem(lifeOf(cert), clock.nowMs());
  return problem === undefined ? reason : `${reason}; about the certificate in ${file}: ${problem}`;
}

interface Try {
  readonly url: string;
  readonly credentialsOf: ReturnType<typeof rememberedHubCredentials>;
  /** Tries before this one since a hub stored something. */
  readonly failures: number;
  readonly state: LinkState;
  readonly signal: AbortSignal;
}

async function tryAttach(
  config: AttachLinkConfig,
  { url, credentialsOf, failures, state, signal }: Try,
): Promise<AttachmentEnd> {
  try {
    // Read anew each time, so that renewed certificates are used without a restart.
    const chosen = chooseCredentials(config, config.clock.nowMs());
    const credentials = credentialsOf(url, chosen);
    // One that is away must not keep from the others: patience grows with each round of all.
    const rounds = Math.floor(failures / config.urls.length);
    const patienceMs = Math.min(longestPatienceMs, firstPatienceMs * 2 ** Math.min(rounds, 10));
    const session = randomUUID();
    const end = await attachOnce(config, { url, credentials, session, patienceMs, state, signal });
    return end.wasStored ? end : { ...end, reason: withLife(end.reason, config, chosen) };
  } catch (error) {
    return { reason: errorText(error), wasStored: false, wasAskedToLeave: false };
  } finally {
    state.connected = false;
  }
}
