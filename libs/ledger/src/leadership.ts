import { backoffMs } from '@meridian/retry';
import { FaultError } from '@meridian/runtime';
import { unlessAborted } from './ask.ts';
import type { Claim, ClaimTime } from './claim.ts';
import { encodeBody } from './ledger-message.ts';
import { headerNames, ledgerSubjects } from './names.ts';
import { writeExpecting } from './publish.ts';
import type { PreparedRecord, WriteOutcome } from './publish.ts';
import type { Seal } from './seal.ts';
import { maxLedgerMessageBytes } from './streams.ts';
import { settledTail } from './tail.ts';
import type { FenceContext, Tail } from './tail.ts';

/** Something to write: a subject below `ledger.<shard>.`, a body of at most 16 MB, and headers such as `traceparent`. */
export interface LedgerRecord {
  readonly subject: string;
  readonly body: Uint8Array | string;
  readonly headers?: { readonly [name: string]: string };
}

/** The end of an append: the sequence of the last record, or `fenced`, which is final for this leadership. */
export type AppendResult =
  { readonly ok: true; readonly sequence: number } | { readonly ok: false; readonly reason: 'fenced' };

type NumberedRecord = PreparedRecord & { readonly number: number };

const windowSize = 256;
const headerAllowanceBytes = 4 * 1024;
const resendBackoff = { firstMs: 50, factor: 2, capMs: 2_000 };
const fencedResult = { ok: false, reason: 'fenced' } as const;

/**
 * The right to write, from one claim until the next one's. Every write names the sequence it must follow and the seal of
 * its claim, so the first write after another's claim is refused, whatever this process believes and whatever became of the
 * stream; from then on every append is `fenced`.
 */
export class Leadership {
  readonly term: number;
  readonly incarnation: string;
  /** Ties this process's monotonic clock to the ledger's. */
  readonly claimed: ClaimTime;
  readonly #context: FenceContext;
  readonly #seal: Seal;
  /** Sequence of the last message known to be in the ledger. */
  #cursor: number;
  /** Number of the next record; with the term it is the message's id. */
  #next = 1;
  #fenced = false;
  /** Set while a write was sent and what became of it is not known. */
  #unsettled = false;
  /** The end of the append before; appends go one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  /** Made by `claimLedger` only. */
  constructor(
    context: FenceContext,
    { claim, claimed, seal, sequence }: { claim: Claim; claimed: ClaimTime; seal: Seal; sequence: number },
  ) {
    this.#context = context;
    this.term = claim.term;
    this.incarnation = claim.incarnation;
    this.claimed = claimed;
    this.#seal = seal;
    this.#cursor = sequence;
  }

  /** Whether a write was refused because another leader claimed the ledger. Never goes back to false. */
  get fenced(): boolean {
    return this.#fenced;
  }

  /** Sequence of the last message this leader knows to be stored; after the claim, everything up to it is history. */
  get sequence(): number {
    return this.#cursor;
  }

  /**
   * Writes records in order, in one go. `ok` means all of them are stored and nobody led in between. Throws FaultError
   * when the signal aborts before that is known (the next append finds out first) or when a record can never be stored;
   * then a first part of the records may be stored.
   */
  append(records: readonly LedgerRecord[], signal: AbortSignal): Promise<AppendResult> {
    const run = async () =>
      this.#write(await Promise.all(records.map((record) => this.#prepare(record))), signal);
    const result = this.#turn.then(run);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** Writes an empty record that tells candidates somebody leads; for the time that Redis cannot be reached. */
  pulse(signal: AbortSignal): Promise<AppendResult> {
    return this.append([{ subject: ledgerSubjects.pulse(this.#context.shard), body: '' }], signal);
  }

  async #prepare(record: LedgerRecord): Promise<Omit<PreparedRecord, 'messageId'>> {
    const { shard, holder } = this.#context;
    const prefix = ledgerSubjects.all(shard).slice(0, -1);
    if (
      !record.subject.startsWith(prefix) ||
      record.subject === ledgerSubjects.claim(shard) ||
      /[\s*>]/.test(record.subject)
    ) {
      throw new FaultError('invalid', `${JSON.stringify(record.subject)} is not a subject a leader writes`, {
        retry: 'never',
      });
    }
    const { data, encoding } = await encodeBody(record.body);
    if (data.length + headerAllowanceBytes > maxLedgerMessageBytes) {
      throw new FaultError(
        'invalid',
        `the record for ${record.subject} is ${data.length} bytes compressed; the ledger takes 1 MB`,
        { retry: 'never' },
      );
    }
    const headers = {
      ...record.headers,
      ...(encoding ? { [headerNames.encoding]: encoding } : {}),
      [headerNames.term]: `${this.term}`,
      [headerNames.holder]: holder,
    };
    return { subject: record.subject, data, headers };
  }

  async #write(
    prepared: readonly Omit<PreparedRecord, 'messageId'>[],
    signal: AbortSignal,
  ): Promise<AppendResult> {
    if (this.#fenced) return fencedResult;
    let rest = this.#number(prepared);
    for (let attempt = 0; ; attempt++) {
      if (this.#unsettled) {
        const tail = await settledTail(this.#context, signal);
        if (!this.#settle(tail)) return fencedResult;
        rest = rest.filter((record) => record.number > numberOf(tail));
      }
      if (rest.length === 0) return { ok: true, sequence: this.#cursor };
      if (attempt > 1)
        await this.#context.clock.wait(backoffMs(resendBackoff, attempt - 2, Math.random()), signal);
      if (signal.aborted) throw new FaultError('unavailable', 'append was stopped', { retry: 'later' });
      const sent = await this.#sendUnlessAborted(rest, signal);
      rest = rest.slice(sent.stored);
      if (sent.fault) throw sent.fault;
    }
  }

  #number(prepared: readonly Omit<PreparedRecord, 'messageId'>[]): NumberedRecord[] {
    const first = this.#next;
    this.#next += prepared.length;
    return prepared.map((record, index) => {
      const number = first + index;
      return {
        ...record,
        number,
        messageId: `${this.#context.shard}/${this.term}/${number}/${this.#seal.id}`,
      };
    });
  }

  /** Takes the tail for the cursor when this leader wrote it; otherwise it is fenced, for ever. */
  #settle(tail: Tail): boolean {
    // Term and holder are not enough: another life of the ledger may have the same.
    const isMine = tail.messageId.endsWith(`/${this.#seal.id}`);
    // A tail before what was acknowledged means the ledger was lost or restored: its next leader has to look first.
    if (!isMine || tail.sequence < this.#cursor) {
      this.#fenced = true;
      this.#context.log?.warn(
        { term: this.term, tailTerm: tail.term, tailHolder: tail.holder },
        'fenced by another leader',
      );
      return false;
    }
    this.#cursor = tail.sequence;
    this.#unsettled = false;
    return true;
  }

  /** An abort ends the wait at once; what was sent stays unsettled and the next append finds out. */
  async #sendUnlessAborted(
    records: readonly NumberedRecord[],
    signal: AbortSignal,
  ): Promise<{ stored: number; fault?: FaultError }> {
    try {
      return await unlessAborted(this.#send(records, signal), signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new FaultError('unavailable', 'append was stopped before the ledger answered', {
        retry: 'later',
        cause: error,
      });
    }
  }

  #atOnce(): number {
    return this.#context.atOnce ?? windowSize;
  }

  /** Sends records expecting cursor, cursor+1, …; when one is not stored none after it can be. */
  async #send(
    records: readonly NumberedRecord[],
    signal: AbortSignal,
  ): Promise<{ stored: number; fault?: FaultError }> {
    const outcomes: Promise<WriteOutcome>[] = [];
    const cursor = this.#cursor;
    this.#unsettled = true;
    const atOnce = this.#atOnce();
    for (const [index, record] of chained(records, this.#seal, atOnce).entries()) {
      const before = await outcomes[index - atOnce];
      if (signal.aborted || (before !== undefined && before.kind !== 'stored')) break;
      outcomes.push(writeExpecting(this.#context, record, cursor + index));
    }
    const ended = await Promise.all(outcomes);
    const failedAt = ended.findIndex((outcome) => outcome.kind !== 'stored');
    const stored = failedAt < 0 ? ended.length : failedAt;
    // After an abort nobody waits for this; a later append may have settled the cursor already.
    if (signal.aborted) return { stored };
    this.#cursor = cursor + stored;
    const last = ended[stored];
    if (stored === records.length) this.#unsettled = false;
    return last?.kind === 'failed' ? { stored, fault: last.fault } : { stored };
  }
}

/** The record number in a message id `<shard>/<term>/<number>/<seal>`; 0 for a claim. */
function numberOf(tail: Tail): number {
  const text = tail.messageId.split('/')[2] ?? '';
  return /^\d+$/.test(text) ? Number(text) : 0;
}

/**
 * Ties the first record to the seal and each other one to the record before it. A cluster refuses a second write that
 * names a subject while the first is under way, so not all of them can name the seal; and a replica that has caught up
 * does not know the id of its last message (nats-server 2.15.3), so none names one that may be old.
 */
function chained(records: readonly NumberedRecord[], { place }: Seal, atOnce: number): NumberedRecord[] {
  return records.map((record, index) =>
    // Behind a record that is known to be stored its id need not be named, and the seal may be.
    index === 0 || atOnce === 1
      ? { ...record, seal: place }
      : { ...record, after: records[index - 1]?.messageId },
  );
}
