import type { Assignment } from '@meridian/fleet';
import type { LedgerRecord } from '@meridian/ledger';
import type { Clock } from '@meridian/runtime';
import { neededBundles } from './ledger-book.ts';
import type { LedgerBook } from './ledger-book.ts';
import { assignmentLifeMs, assignmentRecord, renewed } from './records.ts';
import type { Writer } from './records.ts';

const renewEveryMs = 60_000;
const mostAtOnce = 200;
const tidyEveryMs = 1_800_000;

/** Housekeeping of an idle leader: fresh signatures for old assignments, and the removal of bundles nobody needs. */
export class Renewals {
  readonly #clock: Clock;
  #renewedAtMs: number;
  #tidiedAtMs: number;
  #toTidy: string[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#renewedAtMs = clock.monotonicMs();
    this.#tidiedAtMs = clock.monotonicMs();
  }

  /** Assignments that have lived half of their life, signed anew; at most 200, looked for once a minute. */
  due(
    book: LedgerBook,
    writer: Writer,
  ): { assignment: Assignment; traceparent: string | undefined; record: LedgerRecord }[] {
    if (this.#clock.monotonicMs() - this.#renewedAtMs < renewEveryMs) return [];
    this.#renewedAtMs = this.#clock.monotonicMs();
    const nowMs = this.#clock.nowMs();
    const old = [...book.assignments.values()]
      .flatMap((ofCluster) => [...ofCluster.values()])
      .filter(({ assignment }) => nowMs - assignment.issuedAtMs > assignmentLifeMs / 2)
      .slice(0, mostAtOnce);
    return old.map(({ assignment, traceparent }) => {
      const fresh = renewed(writer, assignment, nowMs);
      return { assignment: fresh, traceparent, record: assignmentRecord(writer, fresh, traceparent) };
    });
  }

  /** The next cluster whose stored bundles are to be looked through, with the digests that are still needed. */
  clusterToTidy(book: LedgerBook): { cluster: string; digests: string[] } | undefined {
    if (this.#clock.monotonicMs() - this.#tidiedAtMs >= tidyEveryMs) {
      this.#tidiedAtMs = this.#clock.monotonicMs();
      this.#toTidy = [...book.assignments.keys()];
    }
    const cluster = this.#toTidy.pop();
    if (cluster === undefined) return undefined;
    return { cluster, digests: neededBundles(book, cluster).map(({ digest }) => digest) };
  }
}
