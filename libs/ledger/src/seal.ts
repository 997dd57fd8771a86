import { faultOf } from './fault-of.ts';
import { headerNames, ledgerStream, ledgerSubjects } from './names.ts';
import { writeSurely } from './publish.ts';
import type { PreparedRecord, SealPlace } from './publish.ts';
import type { FenceContext, Tail } from './tail.ts';

/** What ties the writes of one leader to the stream that it claimed. */
export interface Seal {
  /** Never used twice; the end of the id of every message of its leader. */
  readonly id: string;
  /** Undefined on a server that does not compare seals. */
  readonly place: SealPlace | undefined;
  /** Sequence of the last message that was written for it, and so the one that its claim follows. */
  readonly sequence: number;
}

/**
 * Breaks the seal of whoever led before, by another message on its subject, and sets one of its own. From then on the
 * former leader is refused by this stream and by every copy of it that goes on from here, and the new one by every stream
 * that does not hold this seal. Gives undefined when another message took a place. Throws as `writeSurely` does.
 */
export async function setSeal(
  context: FenceContext,
  { tail, id }: { readonly tail: Tail; readonly id: string },
  signal: AbortSignal,
): Promise<Seal | undefined> {
  if (!context.comparesSeals()) return { id, place: undefined, sequence: tail.sequence };
  const { shard } = context;
  // Each write names the one before it: were the stream exchanged in between, the next of them would be refused.
  const former = await lastSeal(context);
  let { sequence } = tail;
  if (former) {
    const record = sealRecord(context, {
      subject: former.subject,
      tail,
      messageId: `${shard}/seal/${id}/break`,
    });
    const broken = await writeSurely(
      context,
      { record: { ...record, seal: former }, expected: sequence },
      signal,
    );
    if (broken === undefined) return undefined;
    sequence = broken;
  }
  const subject = ledgerSubjects.seal(shard, id);
  const record = sealRecord(context, { subject, tail, messageId: `${shard}/seal/${id}/set` });
  const seal = former && { subject: former.subject, sequence };
  const set = await writeSurely(context, { record: { ...record, seal }, expected: sequence }, signal);
  return set === undefined ? undefined : { id, place: { subject, sequence: set }, sequence: set };
}

/** Nobody leads by it yet, so it carries the term of the message before it. */
function sealRecord(
  { holder }: FenceContext,
  { subject, tail, messageId }: { readonly subject: string; readonly tail: Tail; readonly messageId: string },
): PreparedRecord {
  const headers = { [headerNames.term]: `${tail.term}`, [headerNames.holder]: holder };
  return { subject, data: new Uint8Array(), headers, messageId };
}

/** The seal that was set or broken last: no earlier one is whole. */
async function lastSeal(context: FenceContext): Promise<SealPlace | undefined> {
  const { manager, shard } = context;
  try {
    const last = await manager.streams.getMessage(ledgerStream(shard), {
      last_by_subj: ledgerSubjects.everySeal(shard),
    });
    return last ? { subject: last.subject, sequence: last.seq } : undefined;
  } catch (error) {
    throw faultOf(error, 'reading the last seal');
  }
}
