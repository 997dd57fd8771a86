import { Metadata, connectivityState } from '@grpc/grpc-js';
import type { ChannelCredentials, ClientDuplexStream } from '@grpc/grpc-js';
import { createWake } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import {
  LinkServiceClient,
  applicationStatusToWire,
  fleetEventToWire,
  heartbeatToWire,
  helloToWire,
  plainText,
  snapshotToWire,
  wireLimits,
} from '@meridian/wire';
import type { AttachRequest, AttachResponse } from '@meridian/wire';
import type { AttachLinkConfig, LinkState } from './attach-link.ts';
import { fitSnapshot, fitStatus } from './fit-snapshot.ts';
import { hubOptions } from './hub-channel.ts';
import type { Outgoing } from './outbox.ts';

/** Why one stream ended. */
export interface AttachmentEnd {
  readonly reason: string;
  /** Whether the hub stored anything of it: then the hub was well, and the next try may come soon. */
  readonly wasStored: boolean;
  readonly wasAskedToLeave: boolean;
}

/** One try to attach. */
export interface AttachmentTry {
  readonly url: string;
  readonly credentials: ChannelCredentials;
  readonly session: string;
  /** How long it may take to reach the hub, and then how long until it says welcome. */
  readonly patienceMs: number;
  readonly state: LinkState;
  readonly signal: AbortSignal;
}

const defaultHeartbeatMs = 5_000;
/** Hubs answer each heartbeat; one that is silent this many heartbeats long is gone, whatever TCP says. */
const silentHeartbeats = 4;
/** Unacknowledged messages; with more, changes wait in the outbox, where they coalesce. */
const windowSize = 64n;

/** Attaches once, and reports until the stream ends, the hub falls silent, or the signal aborts. */
export async function attachOnce(config: AttachLinkConfig, attempt: AttachmentTry): Promise<AttachmentEnd> {
  const client = connect(attempt);
  try {
    const metadata = new Metadata();
    const traceparent = config.traceparent?.();
    if (traceparent) metadata.set('traceparent', traceparent);
    const attachment = new Attachment(config, attempt, client.attach(metadata));
    onceReady(client, () => attachment.reached());
    return await attachment.run();
  } finally {
    client.close();
  }
}

function connect({ url, credentials }: AttachmentTry): LinkServiceClient {
  return new LinkServiceClient(url, credentials, {
    ...hubOptions(url),
    'grpc.max_send_message_length': wireLimits.messageBytes,
    'grpc.keepalive_time_ms': 60_000,
    'grpc.keepalive_timeout_ms': 10_000,
  });
}

/** Calls back when the hub has been reached and TLS is there; never when it cannot be, which the stream itself then says. */
function onceReady(client: LinkServiceClient, then: () => void): void {
  const channel = client.getChannel();
  const look = () => {
    const state = channel.getConnectivityState(false);
    if (state === connectivityState.READY) return then();
    if (state === connectivityState.SHUTDOWN) return;
    channel.watchConnectivityState(state, Infinity, (error) => {
      if (!error) look();
    });
  };
  look();
}

class Attachment {
  private readonly config: AttachLinkConfig;
  private readonly attempt: AttachmentTry;
  private readonly stream: ClientDuplexStream<AttachRequest, AttachResponse>;
  private readonly clock: Clock;
  private readonly over = new AbortController();
  private readonly bell = createWake();
  private reason = 'the stream ended';
  private wasStored = false;
  private leaveAtMs: number | undefined;
  private isReached = false;
  private isOpen = false;
  private heartbeatMs = defaultHeartbeatMs;
  private isWelcome = false;
  private sequence = 0n;
  private acked = 0n;
  private heardMs: number;

  constructor(
    config: AttachLinkConfig,
    attempt: AttachmentTry,
    stream: ClientDuplexStream<AttachRequest, AttachResponse>,
  ) {
    this.config = config;
    this.attempt = attempt;
    this.stream = stream;
    this.clock = config.clock;
    this.heardMs = this.clock.monotonicMs();
    stream.on('data', (response: AttachResponse) => this.receive(response));
    stream.on('error', (error) => this.finish(plainText(error.message, 500)));
    stream.on('end', () => this.finish('the hub ended the stream'));
    stream.on('close', () => this.finish('the stream closed'));
    stream.on('drain', () => this.bell.ring());
    config.outbox.onChange(() => this.bell.ring());
    attempt.signal.addEventListener('abort', () => this.finish('stopped'), {
      once: true,
      signal: this.over.signal,
    });
  }

  async run(): Promise<AttachmentEnd> {
    if (this.attempt.signal.aborted) this.finish('stopped');
    let heartbeatDueMs = this.clock.monotonicMs() + this.heartbeatMs;
    while (!this.over.signal.aborted) {
      if (this.isReached && !this.isOpen) this.open();
      await this.sendWaiting();
      const nowMs = this.clock.monotonicMs();
      if (!this.isOpen) heartbeatDueMs = nowMs + this.heartbeatMs;
      else if (this.config.outbox.takeHeartbeat() || nowMs >= heartbeatDueMs) {
        this.send({ $case: 'heartbeat', value: heartbeatToWire(this.config.heartbeat()) }, '');
        heartbeatDueMs = nowMs + this.heartbeatMs;
      }
      this.checkDeadlines(nowMs);
      heartbeatDueMs = Math.min(heartbeatDueMs, nowMs + this.heartbeatMs);
      const silentAtMs = this.heardMs + this.allowedMs;
      await this.pause(Math.min(heartbeatDueMs, silentAtMs, this.leaveAtMs ?? Infinity) - nowMs);
    }
    this.config.outbox.onChange(() => undefined);
    this.stream.cancel();
    return { reason: this.reason, wasStored: this.wasStored, wasAskedToLeave: this.leaveAtMs !== undefined };
  }

  /**
   * Hello and the snapshot go out together: the hub needs no answer in between. They are made when the hub has been reached: a hub
   * that is away or overrun is tried again and again, and to write down all that an agent knows takes longer than a try.
   */
  private open(): void {
    this.isOpen = true;
    this.heardMs = this.clock.monotonicMs();
    const { config, attempt } = this;
    const { snapshot, following } = fitSnapshot(config.snapshot());
    config.outbox.restart(snapshot.applications);
    const hello = { ...config.hello(), cluster: config.cluster, session: attempt.session };
    this.send({ $case: 'hello', value: helloToWire(hello) }, '');
    this.send({ $case: 'snapshot', value: snapshotToWire(snapshot) }, '');
    for (const status of following) config.outbox.application(status);
  }

  /** Says that TLS is there. What is to be said is not said from here, for what cannot be written down ends the try. */
  reached(): void {
    this.isReached = true;
    this.bell.ring();
  }

  private async sendWaiting(): Promise<void> {
    while (
      this.isOpen &&
      !this.over.signal.aborted &&
      this.sequence - this.acked < windowSize &&
      !this.stream.writableNeedDrain
    ) {
      const next = this.config.outbox.take(this.sequence + 1n);
      if (!next) return;
      this.send(messageOf(next), next.traceparent);
      await this.config.slices?.between();
    }
  }

  private send(message: AttachRequest['message'], traceparent: string): void {
    if (this.over.signal.aborted) return;
    this.sequence += 1n;
    this.stream.write({ sequence: this.sequence, traceparent, message });
  }

  private async pause(ms: number): Promise<void> {
    if (this.over.signal.aborted) return;
    await this.bell.next(Math.max(1, Math.min(ms, this.heartbeatMs)), this.over.signal);
  }

  /** How long the hub may be silent. */
  private get allowedMs(): number {
    return this.isWelcome ? silentHeartbeats * this.heartbeatMs : this.attempt.patienceMs;
  }

  private checkDeadlines(nowMs: number): void {
    if (this.leaveAtMs !== undefined && nowMs >= this.leaveAtMs)
      return this.finish('the hub asked to attach elsewhere');
    if (nowMs - this.heardMs >= this.allowedMs)
      this.finish(`the hub is silent for ${Math.round(nowMs - this.heardMs)} ms`);
  }

  private receive({ message }: AttachResponse): void {
    this.heardMs = this.clock.monotonicMs();
    switch (message?.$case) {
      case undefined:
        return;
      case 'welcome':
        return this.welcomed(message.value);
      case 'ack':
        return this.storedUpTo(message.value.sequence);
      case 'goaway': {
        this.leaveAtMs ??= this.heardMs + this.config.random() * Math.min(message.value.withinMs, 120_000);
        this.bell.ring();
      }
    }
  }

  private welcomed(welcome: { readonly hub: string; readonly heartbeatMs: number }): void {
    this.heartbeatMs = Math.min(Math.max(welcome.heartbeatMs, 20), 60_000);
    this.isWelcome = true;
    this.attempt.state.connected = true;
    this.config.log.info(
      { url: this.attempt.url, hub: plainText(welcome.hub, 100), session: this.attempt.session },
      'attached to a hub',
    );
    this.bell.ring();
  }

  private storedUpTo(sequence: bigint): void {
    // A hub that acknowledges what was never sent would make us forget what it does not have.
    if (sequence > this.sequence) return this.finish('the hub acknowledged what was not sent');
    if (sequence <= this.acked) return;
    this.acked = sequence;
    // Hello alone proves nothing: a hub that cannot store still greets.
    if (sequence >= 2n) this.wasStored = true;
    this.attempt.state.lastAckedAtMs = this.clock.nowMs();
    this.config.outbox.acked(sequence);
    this.bell.ring();
  }

  private finish(reason: string): void {
    if (this.over.signal.aborted) return;
    this.reason = reason;
    this.attempt.state.connected = false;
    this.over.abort();
    this.bell.ring();
  }
}

function messageOf(outgoing: Outgoing): AttachRequest['message'] {
  if (outgoing.kind === 'event') return { $case: 'event', value: fleetEventToWire(outgoing.event) };
  return { $case: 'application', value: applicationStatusToWire(fitStatus(outgoing.status)) };
}
