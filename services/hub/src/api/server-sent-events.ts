import type { ServerResponse } from 'node:http';
import type { Clock } from '@meridian/runtime';
import { FaultError } from '@meridian/runtime';

/** One event for a client. */
export interface SentEvent {
  readonly event: string;
  readonly data: unknown;
}

/** A client that is listening. */
export interface Listener {
  send(sent: SentEvent): void;
  /** Aborts when the client has left or was dropped. */
  readonly signal: AbortSignal;
}

/** The open streams of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export interface EventStreams {
  /**
   * Takes over a response and keeps it open. Throws FaultError 'exhausted' when too many listen. `isAllowed` is asked
   * with every keep-alive, so that a revoked token ends its streams.
   */
  open(response: ServerResponse, isAllowed: () => boolean): Listener;
  /** Ends all streams; none can be opened after. */
  close(): void;
  count(): number;
}

const maxStreams = 64;
const keepAliveMs = 5_000;
/** A client that does not read is dropped with this much unread; it opens a new stream and begins with a snapshot. */
const maxUnreadBytes = 4 * 1024 * 1024;

/** No streams yet. */
export function eventStreams(clock: Clock): EventStreams {
  const open = new Map<ServerResponse, AbortController>();
  let isClosed = false;

  const drop = (response: ServerResponse) => {
    open.get(response)?.abort();
    open.delete(response);
    response.destroy();
  };
  const keepAlive = async (response: ServerResponse, isAllowed: () => boolean, signal: AbortSignal) => {
    for (;;) {
      await clock.wait(keepAliveMs, signal);
      if (signal.aborted) return;
      if (!isAllowed() || response.writableLength > maxUnreadBytes) return drop(response);
      response.write(': here\n\n');
    }
  };

  return {
    count: () => open.size,
    open(response, isAllowed) {
      if (isClosed) throw new FaultError('unavailable', 'this hub stops', { retry: 'later' });
      if (open.size >= maxStreams) {
        throw new FaultError('exhausted', `${maxStreams} streams are open at this hub`, { retry: 'later' });
      }
      const over = new AbortController();
      open.set(response, over);
      response.on('close', () => drop(response));
      response.on('error', () => drop(response));
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-accel-buffering': 'no',
      });
      response.write('retry: 1000\n\n');
      void keepAlive(response, isAllowed, over.signal);
      return {
        signal: over.signal,
        send({ event, data }) {
          if (over.signal.aborted) return;
          if (response.writableLength > maxUnreadBytes) return drop(response);
          response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
        },
      };
    },
    close() {
      isClosed = true;
      for (const [response, over] of open) {
        over.abort();
        response.end();
      }
      open.clear();
    },
  };
}
