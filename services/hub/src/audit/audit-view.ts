import type { AuditEntry } from '@meridian/fleet';
import { auditEntry, auditFilters } from './audit-entry.ts';
import type { AuditedMessage } from './audit-entry.ts';

/** Which entries; `before` is the sequence of the last one of the page before. */
export interface AuditQuery {
  readonly application?: string | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
}

/** What is read of the ledger: every message of a filter that is still there. */
export interface HistoryPort {
  history(filter: string, signal: AbortSignal): Promise<readonly AuditedMessage[]>;
}

/** Reads what people asked from the ledger, the newest first. Throws FaultError as reading the ledger does. */
export async function auditView(
  { ledger, shard }: { readonly ledger: HistoryPort; readonly shard: string },
  { application, before = Infinity, limit }: AuditQuery,
  signal: AbortSignal,
): Promise<readonly AuditEntry[]> {
  const found = await Promise.all(
    auditFilters(shard, application).map((filter) => ledger.history(filter, signal)),
  );
  return found
    .flat()
    .filter(({ sequence }) => sequence < before)
    .sort((one, other) => other.sequence - one.sequence)
    .flatMap((message) => auditEntry(message) ?? [])
    .slice(0, limit);
}
