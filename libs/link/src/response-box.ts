import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { Clock } from '@meridian/runtime';
import type { AttachRequest, AttachResponse } from '@meridian/wire';

/**
 * What the hub still has to say on one stream: at most one welcome, one goaway and the newest acknowledgement. A peer that never
 * reads costs these three and nothing more, because grpc would buffer writes without a bound.
 */
export class ResponseBox {
  private readonly stream: ServerDuplexStream<AttachRequest, AttachResponse>;
  private readonly clock: Clock;
  private welcomeText: AttachResponse | undefined;
  private goawayText: AttachResponse | undefined;
  private ackSequence: bigint | undefined;
  private blockedSinceMs: number | undefined;

  constructor(stream: ServerDuplexStream<AttachRequest, AttachResponse>, clock: Clock) {
    this.stream = stream;
    this.clock = clock;
    stream.on('drain', () => {
      this.blockedSinceMs = undefined;
      this.flush();
    });
  }

  /** How long the peer has not read; 0 when it does. */
  blockedForMs(): number {
    return this.blockedSinceMs === undefined ? 0 : this.clock.monotonicMs() - this.blockedSinceMs;
  }

  welcome(value: { readonly hub: string; readonly heartbeatMs: number; readonly nowMs: number }): void {
    this.welcomeText = {
      message: { $case: 'welcome', value: { ...value, nowMs: BigInt(Math.trunc(value.nowMs)) } },
    };
    this.flush();
  }

  ack(sequence: bigint): void {
    this.ackSequence = sequence;
    this.flush();
  }

  goaway(value: { readonly withinMs: number; readonly reason: string }): void {
    this.goawayText = { message: { $case: 'goaway', value: { ...value } } };
    this.flush();
  }

  private flush(): void {
    while (this.blockedSinceMs === undefined && this.stream.writable) {
      const next = this.take();
      if (!next) return;
      if (!this.stream.write(next)) this.blockedSinceMs = this.clock.monotonicMs();
    }
  }

  private take(): AttachResponse | undefined {
    const { welcomeText, goawayText, ackSequence } = this;
    if (welcomeText) {
      this.welcomeText = undefined;
      return welcomeText;
    }
    if (goawayText) {
      this.goawayText = undefined;
      return goawayText;
    }
    if (ackSequence === undefined) return undefined;
    this.ackSequence = undefined;
    return { message: { $case: 'ack', value: { sequence: ackSequence } } };
  }
}
