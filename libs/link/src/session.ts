import { status } from '@grpc/grpc-js';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { ApplicationStatus, FleetEvent } from '@meridian/fleet';
import { errorText } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import { plainText } from '@meridian/wire';
import type { AttachRequest, AttachResponse, Heartbeat, Hello, Refusal, Snapshot } from '@meridian/wire';
import type { LinkLog } from './attach-link.ts';
import { MessageBudget } from './message-budget.ts';
import type { PeerIdentity } from './peer-identity.ts';
import { readReport } from './read-report.ts';
import type { Report } from './read-report.ts';
import { ResponseBox } from './response-box.ts';

/** One agent's stream, from its Hello to its end. */
export interface AttachedSession {
  readonly cluster: string;
  readonly session: string;
  readonly hello: Hello;
  readonly identity: PeerIdentity;
  readonly peer: string;
  readonly attachedAtMs: number;
  /** Hub time of the last message. */
  readonly lastHeardAtMs: number;
  /** W3C trace context of the attach; empty when there was none. */
  readonly traceparent: string;
}

/** Where a report came from and in which order. */
export interface ReportOrigin {
  readonly sequence: number;
  readonly traceparent: string;
}

/**
 * Takes reports. A promise that resolves means stored, and lets the link acknowledge; a rejection ends the stream, and the
 * agent attaches again and sends everything anew. Calls come in the order of the stream, and the next does not wait for the last.
 */
export interface LinkReceiver {
  readonly onHello: (session: AttachedSession) => Promise<void>;
  readonly onSnapshot: (session: AttachedSession, snapshot: Snapshot, origin: ReportOrigin) => Promise<void>;
  readonly onApplication: (
    session: AttachedSession,
    application: ApplicationStatus,
    origin: ReportOrigin,
  ) => Promise<void>;
  readonly onEvent: (session: AttachedSession, event: FleetEvent, origin: ReportOrigin) => Promise<void>;
  readonly onHeartbeat: (
    session: AttachedSession,
    heartbeat: Heartbeat,
    origin: ReportOrigin,
  ) => Promise<void>;
  /** `replaced` when a newer session of the same cluster is why. */
  readonly onGone: (
    session: AttachedSession,
    end: { readonly reason: string; readonly replaced: boolean },
  ) => void;
}

/** What all sessions of a server share. */
export interface SessionContext {
  readonly hub: string;
  readonly heartbeatMs: number;
  readonly clock: Clock;
  readonly log: LinkLog;
  readonly receiver: LinkReceiver;
  readonly maxAgeMs: number;
  isRevoked(identity: PeerIdentity): boolean;
  /** Called with the session that said Hello, before anything else is told of it. */
  attached(session: Session): void;
  ended(session: Session): void;
}

type Stream = ServerDuplexStream<AttachRequest, AttachResponse>;

const helloWithinMs = 10_000;
const missedHeartbeats = 3;
const maxInFlight = 64;
const maxRefusals = 100;
const goawayWithinMs = 10_000;

/** The server's half of one stream. Ends by itself; whatever the peer does, it holds at most 64 unstored reports and one acknowledgement. */
export class Session {
  readonly identity: PeerIdentity;
  private readonly stream: Stream;
  private readonly context: SessionContext;
  private readonly log: LinkLog;
  private readonly over = new AbortController();
  private readonly box: ResponseBox;
  private readonly budget: MessageBudget;
  private readonly startedMs: number;
  private readonly traceparent: string;
  private heardMs: number;
  private heardAtMs: number;
  private about: Omit<AttachedSession, 'lastHeardAtMs'> | undefined;
  private sequence = 0n;
  private stored = 0n;
  private refusals = 0;
  private leaving = false;
  /** Sequences whose reports are being stored, oldest first; true once stored. */
  private readonly inFlight = new Map<bigint, boolean>();

  constructor(stream: Stream, identity: PeerIdentity, context: SessionContext) {
    this.stream = stream;
    this.identity = identity;
    this.context = context;
    this.log = context.log;
    this.box = new ResponseBox(stream, context.clock);
    this.startedMs = context.clock.monotonicMs();
    this.budget = new MessageBudget(this.startedMs);
    this.heardMs = this.startedMs;
    this.heardAtMs = context.clock.nowMs();
    this.traceparent = String(stream.metadata.get('traceparent')[0] ?? '').slice(0, 64);
    stream.on('data', (message: AttachRequest) => this.receive(message));
    stream.on('end', () => this.end(status.OK, 'the agent ended the stream'));
    stream.on('error', (error) => this.closed(errorText(error)));
    stream.on('cancelled', () => this.closed('the connection broke'));
    stream.on('close', () => this.closed('the stream closed'));
  }

  /** The session for those who ask; undefined before Hello. */
  describe(): AttachedSession | undefined {
    return this.about && { ...this.about, lastHeardAtMs: this.heardAtMs };
  }

  /** Watches deadlines until the stream is over. */
  async watch(): Promise<void> {
    const { clock, heartbeatMs } = this.context;
    while (!this.over.signal.aborted) {
      await clock.wait(Math.min(heartbeatMs, helloWithinMs), this.over.signal);
      if (!this.over.signal.aborted) this.check(clock.monotonicMs());
    }
  }

  /** Asks the agent to attach elsewhere within a random part of `withinMs`. */
  goaway(withinMs: number, reason: string): void {
    if (this.leaving) return;
    this.leaving = true;
    this.box.goaway({ withinMs, reason });
  }

  /** Ends the stream with a gRPC status. */
  end(code: status, reason: string, replaced = false): void {
    if (this.over.signal.aborted) return;
    this.stream.pause();
    // First, because the error event that ends the stream comes back to our own listener.
    this.closed(reason, replaced);
    if (code === status.OK) this.stream.end();
    else this.stream.emit('error', Object.assign(new Error(reason), { code, details: reason }));
  }

  private closed(reason: string, replaced = false): void {
    if (this.over.signal.aborted) return;
    this.over.abort();
    this.inFlight.clear();
    this.context.ended(this);
    const session = this.describe();
    if (session) this.context.receiver.onGone(session, { reason, replaced });
  }

  private check(nowMs: number): void {
    const allowedMs = missedHeartbeats * this.context.heartbeatMs;
    // While reports wait to be stored the stream is not read, so silence says nothing of the agent.
    const isReading = this.inFlight.size < maxInFlight;
    if (!this.about && nowMs - this.startedMs > helloWithinMs)
      return this.end(status.DEADLINE_EXCEEDED, 'no hello came');
    if (isReading && nowMs - this.heardMs > allowedMs)
      return this.end(status.DEADLINE_EXCEEDED, `no heartbeat for ${allowedMs} ms`);
    if (this.box.blockedForMs() > allowedMs)
      return this.end(status.RESOURCE_EXHAUSTED, 'the agent does not read');
    if (!this.isAllowed()) return;
    const ageMs = nowMs - this.startedMs;
    if (ageMs > this.context.maxAgeMs)
      this.goaway(goawayWithinMs, 'the stream is old; certificates are checked anew');
    if (ageMs > this.context.maxAgeMs + 2 * goawayWithinMs)
      this.end(status.UNAVAILABLE, 'the stream is too old');
  }

  /** Ends the stream of a certificate that has expired or was revoked since it attached. */
  private isAllowed(): boolean {
    const { clock } = this.context;
    if (this.identity.expiresAtMs <= clock.nowMs()) {
      this.end(status.UNAUTHENTICATED, 'the certificate has expired');
      return false;
    }
    if (!this.context.isRevoked(this.identity)) return true;
    this.alarm({ fingerprint: this.identity.fingerprint }, 'a revoked certificate was used');
    this.end(status.UNAUTHENTICATED, 'the certificate is revoked');
    return false;
  }

  private receive(message: AttachRequest): void {
    if (this.over.signal.aborted) return;
    this.heardMs = this.context.clock.monotonicMs();
    this.heardAtMs = this.context.clock.nowMs();
    if (!this.budget.spend(this.heardMs)) {
      this.alarm({}, 'an agent floods the link');
      return this.end(status.RESOURCE_EXHAUSTED, 'too many messages');
    }
    if (message.sequence !== this.sequence + 1n)
      return this.end(status.INVALID_ARGUMENT, 'sequence numbers must grow by one');
    this.sequence = message.sequence;
    const report = readReport(message, this.identity.cluster);
    if (!report.ok) return this.refuse(report.refusal);
    this.take(report.value, message.traceparent);
  }

  private take(report: Report, traceparent: string): void {
    if ((report.kind === 'hello') === (this.about !== undefined)) {
      return this.end(status.INVALID_ARGUMENT, 'the first message, and no other, is hello');
    }
    if (report.kind === 'hello') {
      if (!this.isAllowed()) return;
      this.greet(report.hello);
    }
    const session = this.describe();
    if (!session) return;
    if (report.kind === 'heartbeat') {
      if (!this.isAllowed()) return;
      // Says that the hub lives even when nothing new was stored.
      this.box.ack(this.stored);
    }
    this.store(this.deliver(session, report, plainText(traceparent, 64)));
  }

  private greet(hello: Hello): void {
    const { clock, hub, heartbeatMs } = this.context;
    this.about = {
      cluster: this.identity.cluster,
      session: hello.session,
      hello,
      identity: this.identity,
      peer: this.stream.getPeer(),
      attachedAtMs: clock.nowMs(),
      traceparent: this.traceparent,
    };
    this.context.attached(this);
    this.box.welcome({ hub, heartbeatMs, nowMs: clock.nowMs() });
  }

  private deliver(session: AttachedSession, report: Report, traceparent: string): Promise<void> {
    const { receiver } = this.context;
    const origin = { sequence: Number(this.sequence), traceparent };
    switch (report.kind) {
      case 'hello':
        return receiver.onHello(session);
      case 'snapshot':
        return receiver.onSnapshot(session, report.snapshot, origin);
      case 'application':
        return receiver.onApplication(session, report.application, origin);
      case 'event':
        return receiver.onEvent(session, report.event, origin);
      case 'heartbeat':
        return receiver.onHeartbeat(session, report.heartbeat, origin);
    }
  }

  /** Acknowledges once this report and all before it are stored. */
  private store(work: Promise<void>): void {
    const { sequence } = this;
    this.inFlight.set(sequence, false);
    if (this.inFlight.size >= maxInFlight) this.stream.pause();
    work.then(
      () => this.settle(sequence),
      (error: unknown) => {
        if (this.over.signal.aborted) return;
        this.log.warn(
          { cluster: this.identity.cluster, error: errorText(error) },
          'a report could not be stored',
        );
        this.end(status.UNAVAILABLE, 'the hub cannot store reports now');
      },
    );
  }

  private settle(sequence: bigint): void {
    if (this.over.signal.aborted) return;
    this.inFlight.set(sequence, true);
    for (const [waiting, isStored] of this.inFlight) {
      if (!isStored) break;
      this.inFlight.delete(waiting);
      this.stored = waiting;
    }
    this.box.ack(this.stored);
    if (this.inFlight.size < maxInFlight && this.stream.isPaused()) this.stream.resume();
  }

  /** A foreign name is an attack; any other bad report may be a newer agent's, and costs that report only. */
  private refuse(refusal: Refusal): void {
    this.refusals += 1;
    const fields = { field: refusal.field, reason: plainText(refusal.message, 300) };
    if (refusal.code === 'foreign_cluster') {
      this.alarm(fields, 'an agent spoke for another cluster');
      return this.end(status.PERMISSION_DENIED, refusal.message);
    }
    if (this.refusals <= 10)
      this.log.warn({ cluster: this.identity.cluster, ...fields }, 'a report was refused');
    if (!this.about) return this.end(status.INVALID_ARGUMENT, refusal.message);
    if (this.refusals > maxRefusals) return this.end(status.INVALID_ARGUMENT, 'too many refused reports');
    this.store(Promise.resolve());
  }

  private alarm(fields: object, message: string): void {
    this.log.error(
      { cluster: this.identity.cluster, peer: this.stream.getPeer(), alarm: true, ...fields },
      message,
    );
  }
}
