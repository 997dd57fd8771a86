/** A connection that has been accepted and costs nothing yet but its file descriptor. */
export interface WaitingConnection {
  readonly destroyed: boolean;
  destroy(): unknown;
}

/** How busy the process was since the last turn. */
export interface Turn {
  readonly nowMs: number;
  /** Share of the time that the event loop worked, in [0, 1]. */
  readonly utilization: number;
}

/** A small fleet comes back without a wait. */
const burst = 32;
/** Below this the process has time, and connections are let in as fast as they come, for all that a person can see. */
const idleBelow = 0.5;
const msPerConnectionIdle = 2;
/** A busy process shall have most of its time for other things. A handshake with the first snapshot takes milliseconds; how many was not measured. */
const msPerConnectionBusy = 30;
/** An agent waits no longer than this; see `longestPatienceMs` in attach-link.ts. */
const longestWaitMs = 20_000;
/** Connections that wait at most; when more come, those that have waited longest go. */
const mostWaiting = 5_000;

/**
 * Connections before their TLS handshake. When a thousand agents come back at once, the work for all of them takes longer than any of
 * them waits: taken up at once, nobody gets through, and the process has no time for anything else. So they are let in one by
 * one, as the process can take them. The newest comes first: whoever has waited long is about to give up, or has, which
 * cannot be seen of a connection that is not read, and what was done for it would be lost (the same is known as adaptive LIFO, https://queue.acm.org/detail.cfm?id=2839461).
 */
export class ConnectionQueue<Connection extends WaitingConnection> {
  readonly #letIn: (connection: Connection) => void;
  readonly #waiting: { readonly connection: Connection; readonly sinceMs: number }[] = [];
  #allowed = burst;
  #turnAtMs: number;

  constructor(letIn: (connection: Connection) => void, nowMs: number) {
    this.#letIn = letIn;
    this.#turnAtMs = nowMs;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.length;
  }

  /** Takes a connection; lets it in at once when nobody waits and few came lately. */
  arrive(connection: Connection, nowMs: number): void {
    this.#waiting.push({ connection, sinceMs: nowMs });
    if (this.#waiting.length > mostWaiting) this.#waiting.shift()?.connection.destroy();
    this.#letInAllowed();
  }

  /** Lets in as many as the time since the last turn allows, and ends those that nobody waits for any more. */
  turn({ nowMs, utilization }: Turn): void {
    const msPerConnection = utilization < idleBelow ? msPerConnectionIdle : msPerConnectionBusy;
    this.#allowed = Math.min(burst, this.#allowed + (nowMs - this.#turnAtMs) / msPerConnection);
    this.#turnAtMs = nowMs;
    const young = this.#waiting.findIndex(({ sinceMs }) => nowMs - sinceMs < longestWaitMs);
    for (const { connection } of this.#waiting.splice(0, young < 0 ? this.#waiting.length : young))
      connection.destroy();
    this.#letInAllowed();
  }

  /** Ends all that wait. */
  clear(): void {
    for (const { connection } of this.#waiting.splice(0)) connection.destroy();
  }

  #letInAllowed(): void {
    while (this.#allowed >= 1) {
      const next = this.#waiting.pop();
      if (!next) return;
      if (next.connection.destroyed) continue;
      this.#allowed -= 1;
      this.#letIn(next.connection);
    }
  }
}
