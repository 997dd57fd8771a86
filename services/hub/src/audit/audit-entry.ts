import { rolloutVerbs } from '@meridian/fleet';
import type { AuditEntry } from '@meridian/fleet';
import type { LedgerMessage } from '@meridian/ledger';
import { z } from 'zod';
import { holdRecordShape } from '../leading/holding.ts';

/** As much of a message of the ledger as an entry is made of. */
export type AuditedMessage = Pick<LedgerMessage, 'subject' | 'sequence' | 'body'>;

const said = { author: z.string(), reason: z.string(), atMs: z.number() };
const verbShape = z.object({
  ...said,
  verb: z.enum(rolloutVerbs),
  release: z.string(),
  to: z.string().exactOptional(),
});
const approvalShape = z.object({ ...said, release: z.string() });
const pauseShape = z.object({ ...said, untilMs: z.number() });

type Read = Omit<AuditEntry, 'sequence'> | undefined;

/** The subjects of what people asked, of everything or of one application. */
export function auditFilters(shard: string, application: string | undefined): string[] {
  const name = application ?? '*';
  const held = application === undefined ? '>' : `application.${application}`;
  return [`verb.${name}`, `approval.${name}`, `pause.*.${name}`, `hold.${held}`].map(
    (rest) => `ledger.${shard}.${rest}`,
  );
}

/** The entry that a message of the ledger makes; undefined when it is none that this version can read. */
export function auditEntry({ subject, sequence, body }: AuditedMessage): AuditEntry | undefined {
  const [, , kind = '', ...names] = subject.split('.');
  const entry = readers[kind]?.(jsonOf(body), names);
  return entry && { sequence, ...entry };
}

const readers: { readonly [kind: string]: (json: unknown, names: readonly string[]) => Read } = {
  verb: (json, [application = '']) => {
    const read = verbShape.safeParse(json);
    if (!read.success) return undefined;
    const { verb, ...rest } = read.data;
    return { ...rest, application, action: verb };
  },
  approval: (json, [application = '']) => {
    const read = approvalShape.safeParse(json);
    return read.success ? { ...read.data, application, action: 'approveDeletions' } : undefined;
  },
  pause: (json, [cluster = '', application = '']) => {
    const read = pauseShape.safeParse(json);
    if (!read.success) return undefined;
    const { untilMs, ...rest } = read.data;
    const about = { ...rest, application, cluster };
    // A pause that ends when it was written is the end of one.
    return untilMs > rest.atMs
      ? { ...about, untilMs, action: 'pauseInCluster' }
      : { ...about, action: 'resumeInCluster' };
  },
  hold: (json) => {
    const read = holdRecordShape.safeParse(json);
    if (!read.success) return undefined;
    const { scope, name, author, reason, sinceMs: atMs, untilMs, released } = read.data;
    const about = scope === 'fleet' ? {} : { [scope]: name };
    if (released) return { ...released, ...about, action: 'releaseHold' };
    return { author, reason, atMs, ...about, ...(untilMs === undefined ? {} : { untilMs }), action: 'hold' };
  },
};

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}
