import type { ServerResponse } from 'node:http';

/** Where the bytes of an answer go. */
export interface Sink {
  write(chunk: Buffer): void;
  end(): void;
}

/**
 * Puts a sink between an answer and its connection, at any time of it. `wrap` is given the sink below, which is the connection
 * or the tap before.
 */
export function tapResponse(response: ServerResponse, wrap: (below: Sink) => Sink): void {
  const write = response.write.bind(response);
  const end = response.end.bind(response);
  const sink = wrap({
    write: (chunk) => {
      if (!response.destroyed) write(chunk);
    },
    end: () => {
      if (!response.destroyed) end();
    },
  });
  response.write = (chunk: unknown) => {
    sink.write(bytesOf(chunk));
    return true;
  };
  response.end = (chunk?: unknown) => {
    if (chunk !== undefined) sink.write(bytesOf(chunk));
    sink.end();
    return response;
  };
}

function bytesOf(chunk: unknown): Buffer {
  return typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.isBuffer(chunk) ? chunk : Buffer.alloc(0);
}

/** Lets nothing of an answer out: calls back instead, at the moment at which the answer would begin. */
export function swallowAnswer(response: ServerResponse, onAnswer: () => void): void {
  response.writeHead = () => {
    onAnswer();
    return response;
  };
  response.flushHeaders = () => undefined;
  response.write = () => true;
  response.end = () => response;
}

/** Passes on so many bytes, then calls back once instead of going on. */
export function truncated(below: Sink, mostBytes: number, onEnd: () => void): Sink {
  let left = mostBytes;
  let over = false;
  const cut = () => {
    if (!over) onEnd();
    over = true;
  };
  return {
    write(chunk) {
      if (over) return;
      if (left > 0) below.write(chunk.subarray(0, left));
      left -= chunk.length;
      if (left <= 0) cut();
    },
    end() {
      if (!over) below.end();
    },
  };
}

/** What may wait to be sent: a watch that is slow or silent for long is cut rather than kept in memory for ever. */
const mostKeptBytes = 16 * 1024 * 1024;

const slowestStepMs = 100;

/** Passes bytes on at a pace. Stops without a word when `signal` aborts; calls `onTooMuch` when too many wait. */
export function slowed(
  below: Sink,
  bytesPerSecond: number,
  { signal, onTooMuch }: { readonly signal: AbortSignal; readonly onTooMuch: () => void },
): Sink {
  const stepBytes = Math.max(1, Math.floor((bytesPerSecond * slowestStepMs) / 1_000));
  const stepMs = (stepBytes / bytesPerSecond) * 1_000;
  const waiting: Buffer[] = [];
  let waitingBytes = 0;
  let ended = false;
  let timer: NodeJS.Timeout | undefined;
  const step = () => {
    timer = undefined;
    if (signal.aborted) return;
    for (const part of taken(waiting, stepBytes)) {
      waitingBytes -= part.length;
      below.write(part);
    }
    if (waitingBytes > 0) timer = setTimeout(step, stepMs);
    else if (ended) below.end();
  };
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  return {
    write(chunk) {
      waiting.push(chunk);
      waitingBytes += chunk.length;
      if (waitingBytes > mostKeptBytes) onTooMuch();
      timer ??= setTimeout(step, stepMs);
    },
    end() {
      ended = true;
      if (timer === undefined) below.end();
    },
  };
}

/** Takes so many bytes from the front of what waits, without a copy; the rest of a chunk stays. */
function taken(waiting: Buffer[], bytes: number): Buffer[] {
  const parts: Buffer[] = [];
  let left = bytes;
  while (left > 0) {
    const chunk = waiting.shift();
    if (chunk === undefined) break;
    parts.push(chunk.subarray(0, left));
    if (chunk.length > left) waiting.unshift(chunk.subarray(left));
    left -= chunk.length;
  }
  return parts;
}

/** A sink that can be shut: then it keeps what comes until it is opened again. */
export class Gate implements Sink {
  readonly #below: Sink;
  readonly #onTooMuch: () => void;
  #kept: Buffer[] | undefined;
  #keptBytes = 0;
  #ended = false;

  /** `onTooMuch` is called when more is kept than may be. */
  constructor(below: Sink, onTooMuch: () => void) {
    this.#below = below;
    this.#onTooMuch = onTooMuch;
  }

  /** Keeps what comes from now on. */
  shut(): void {
    this.#kept ??= [];
  }

  /** Passes on what was kept, and what comes. */
  open(): void {
    const kept = this.#kept ?? [];
    this.#kept = undefined;
    this.#keptBytes = 0;
    kept.forEach((chunk) => this.#below.write(chunk));
    if (this.#ended) this.#below.end();
  }

  write(chunk: Buffer): void {
    if (this.#kept === undefined) {
      this.#below.write(chunk);
      return;
    }
    this.#kept.push(chunk);
    this.#keptBytes += chunk.length;
    if (this.#keptBytes <= mostKeptBytes) return;
    this.#kept = [];
    this.#onTooMuch();
  }

  end(): void {
    this.#ended = true;
    if (this.#kept === undefined) this.#below.end();
  }
}
