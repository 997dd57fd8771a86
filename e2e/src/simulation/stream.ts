import type { MsgHdrs } from '@nats-io/transport-node';
import { startMs } from './realm.ts';
import type { Schedule } from './schedule.ts';

/** A message of the ledger as the stream stores it. */
export interface Stored {
  readonly seq: number;
  readonly subject: string;
  readonly header: MsgHdrs;
  readonly data: Uint8Array;
  readonly messageId: string;
  /** True time of the world. */
  readonly storedAtMs: number;
  readonly time: Date;
}

/** What is to be stored. */
export interface Publication {
  readonly subject: string;
  readonly header: MsgHdrs;
  readonly data: Uint8Array;
}

const duplicateWindowMs = 120_000;
const wrongLastSequence = 10071;
const wrongLastMessageId = 10070;

/**
 * One JetStream stream in memory, as its documentation and the measurements of ADR 2 have it: repetitions are looked for
 * before expectations, and an expectation that does not hold stores nothing. It knows no leaders, terms or lives.
 */
export class Stream {
  readonly #schedule: Schedule;
  readonly #onStored: (message: Stored) => void;
  #messages: Stored[] = [];
  /** Whether it takes nothing just now, as a server that has no leader for its stream says. */
  isUnavailable = () => false;
  /** Counts how often the store was lost or put back. */
  life = 1;

  constructor(schedule: Schedule, onStored: (message: Stored) => void) {
    this.#schedule = schedule;
    this.#onStored = onStored;
  }

  get messages(): readonly Stored[] {
    return this.#messages;
  }

  get lastSeq(): number {
    return this.#messages.length;
  }

  /** Stores a message, or does not; gives the acknowledgement as the server writes it. */
  publish({ subject, header, data }: Publication): object {
    if (this.isUnavailable()) return { error: { code: 503, err_code: 10008, description: 'unavailable' } };
    const messageId = header.get('Nats-Msg-Id');
    const repeated = this.#repeated(messageId);
    if (repeated) return { stream: 'LEDGER', seq: repeated.seq, duplicate: true };
    const refused = this.#refusal(subject, header);
    if (refused) return refused;
    const { nowMs } = this.#schedule;
    const time = new Date(startMs + nowMs);
    const seq = this.lastSeq + 1;
    const message = { seq, subject, header, data, messageId, storedAtMs: nowMs, time };
    this.#messages.push(message);
    this.#onStored(message);
    return { stream: 'LEDGER', seq };
  }

  /**
   * The last message of a subject, of those that begin as one that ends in `*`, or of all when it ends in `>`, among the
   * first `upTo`.
   */
  last(subject: string, upTo = this.lastSeq): Stored | undefined {
    if (subject.endsWith('>')) return this.#messages[upTo - 1];
    const beginning = subject.endsWith('*') ? subject.slice(0, -1) : undefined;
    for (let at = upTo - 1; at >= 0; at -= 1) {
      const message = this.#messages[at];
      if (message?.subject === subject) return message;
      if (beginning !== undefined && message?.subject.startsWith(beginning) === true) return message;
    }
    return undefined;
  }

  /** The last message of every subject among the first `upTo`, in order. */
  lastOfEach(upTo = this.lastSeq): Stored[] {
    const last = new Map<string, Stored>();
    for (const message of this.#messages.slice(0, upTo)) last.set(message.subject, message);
    return [...last.values()].sort((left, right) => left.seq - right.seq);
  }

  /** Loses everything after the first `kept` messages: 0 is a lost store, more a backup that was restored. */
  lose(kept: number): void {
    this.#messages = this.#messages.slice(0, kept);
    this.life += 1;
  }

  /** Whether what a message expects of the stream does not hold. An expectation that is not there is an empty text. */
  #refusal(subject: string, header: MsgHdrs): object | undefined {
    const other = header.get('Nats-Expected-Last-Subject-Sequence-Subject');
    const place = this.last(other === '' ? subject : other)?.seq ?? 0;
    const last = this.#messages.at(-1)?.messageId ?? '';
    const isAs = (name: string, value: string) => ['', value].includes(header.get(name));
    if (!isAs('Nats-Expected-Last-Subject-Sequence', `${place}`))
      return refusal(wrongLastSequence, `wrong last sequence: ${place}`);
    if (!isAs('Nats-Expected-Last-Sequence', `${this.lastSeq}`))
      return refusal(wrongLastSequence, `wrong last sequence: ${this.lastSeq}`);
    return isAs('Nats-Expected-Last-Msg-Id', last)
      ? undefined
      : refusal(wrongLastMessageId, `wrong last msg ID: ${last}`);
  }

  #repeated(messageId: string): Stored | undefined {
    if (messageId === '') return undefined;
    const sinceMs = this.#schedule.nowMs - duplicateWindowMs;
    for (let at = this.#messages.length - 1; at >= 0; at -= 1) {
      const message = this.#messages[at];
      if (!message || message.storedAtMs < sinceMs) return undefined;
      if (message.messageId === messageId) return message;
    }
    return undefined;
  }
}

function refusal(code: number, description: string): object {
  return { error: { code: 400, err_code: code, description } };
}
