import type { FleetEvent } from '@meridian/fleet';
import type { TokenAsk } from '@meridian/link';
import type { EnrolmentBook } from '@meridian/ledger';
import { FaultError, errorText } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import type { Logger } from '@meridian/telemetry';
import { hashOf, judgeToken, newToken, tokenRecord } from './token.ts';

/** What the desk needs. */
export interface TokenDeskPorts {
  readonly book: EnrolmentBook;
  readonly events: { publish(event: FleetEvent): Promise<void> };
  /** Names of the clusters of the fleet configuration. */
  readonly clusters: () => readonly string[];
  readonly clock: Clock;
  readonly log: Logger;
}

/** A token for a person to carry to a cluster. It is nowhere else: hubs keep its hash. */
export interface EnrolmentToken {
  readonly cluster: string;
  readonly token: string;
  readonly expiresAtMs: number;
}

/** Makes tokens, and takes each once. */
export interface TokenDesk {
  /** A token for a cluster; one that was made before for it is good no more. Throws FaultError `not_found` for an unknown cluster. */
  make(ask: { cluster: string; forMs: number; author: string }): Promise<EnrolmentToken>;
  /** Takes a token for a request. Throws a FaultError when it cannot be looked up. */
  take(ask: TokenAsk): Promise<{ ok: true } | { ok: false; reason: string }>;
}

const tries = 5;

/** Makes the desk. */
export function createTokenDesk({ book, events, clusters, clock, log }: TokenDeskPorts): TokenDesk {
  const say = (cluster: string, type: string, message: string) => {
    events
      .publish({ atMs: clock.nowMs(), level: 'info', type, cluster, message })
      .catch((error: unknown) => log.warn({ error: errorText(error) }, 'an event could not be stored'));
  };
  const busy = () =>
    new FaultError('conflict', 'others change the token of this cluster at this moment', { retry: 'later' });
  return {
    async make({ cluster, forMs, author }) {
      if (!clusters().includes(cluster))
        throw new FaultError(
          'not_found',
          `the fleet has no cluster ${cluster}; add it to the fleet repo first (kind: Cluster)`,
          { retry: 'never' },
        );
      const token = newToken();
      const expiresAtMs = clock.nowMs() + forMs;
      const record = { hash: hashOf(token), expiresAtMs, author };
      for (let attempt = 0; attempt < tries; attempt += 1) {
        const { sequence } = await book.read(cluster);
        if (!(await book.write(cluster, record, sequence))) continue;
        const end = new Date(expiresAtMs).toISOString();
        say(
          cluster,
          'enrolment.allowed',
          `${author} made a token for the agent of ${cluster}, good until ${end}`,
        );
        return { cluster, token, expiresAtMs };
      }
      throw busy();
    },
    async take({ cluster, token, request }) {
      for (let attempt = 0; attempt < tries; attempt += 1) {
        const { value, sequence } = await book.read(cluster);
        const kept = tokenRecord.safeParse(value);
        const shown = { hash: hashOf(token), request: hashOf(request) };
        const verdict = judgeToken(kept.success ? kept.data : undefined, shown, clock.nowMs());
        if (verdict.kind === 'refuse') return { ok: false, reason: verdict.reason };
        if (verdict.kind === 'again') return { ok: true };
        if (await book.write(cluster, verdict.record, sequence)) return { ok: true };
      }
      throw busy();
    },
  };
}
