import { FaultError, createWake, errorText } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import type { Source } from '../sources/source.ts';
import type { Releases } from './releases.ts';

/** What a replica that stays ready needs. */
export interface StandbyPorts {
  readonly source: Pick<Source, 'current' | 'onConfirmed'>;
  readonly releases: Pick<Releases, 'at'>;
  /** Resolves once it is known what was rolled out last: what a commit touches is rendered first. */
  readonly ready: Promise<void>;
  readonly clock: Clock;
  readonly log: { warn(fields: object, message: string): void };
}

/** So long the branch must rest before a revision is resolved, or commits that follow each other would share the machine with it. */
const calmMs = 1_200;
/** After this it is resolved anyhow. */
const patienceMs = 6_000;
const idleMs = 3_600_000;

/**
 * Resolves what the source shows until the signal aborts, so that every replica can tell the problems and a new leader starts
 * warm. It leaves the machine to the leader first, which resolves at once; but not with the first revision: a hub that has
 * just started may be about to lead.
 */
export async function stayReady(ports: StandbyPorts, signal: AbortSignal): Promise<void> {
  const { source, releases, log } = ports;
  const wake = createWake();
  source.onConfirmed(() => wake.ring(), signal);
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    await wake.next(idleMs, signal);
    if (isFirst) await Promise.race([ports.ready, ports.clock.wait(calmMs, signal)]);
    else await rest(ports, signal);
    const revision = source.current()?.revision;
    if (revision === undefined || signal.aborted) continue;
    try {
      await releases.at(revision, signal);
    } catch (error) {
      if (!(error instanceof FaultError) && !signal.aborted) throw error;
      if (!signal.aborted) log.warn({ revision, error: errorText(error) }, 'a revision cannot be read');
    }
  }
}

/** Waits until the branch has not moved for a while. */
async function rest({ source, clock }: StandbyPorts, signal: AbortSignal): Promise<void> {
  const lastMs = clock.monotonicMs() + patienceMs - calmMs;
  let before: string | undefined;
  do {
    before = source.current()?.revision;
    await clock.wait(calmMs, signal);
  } while (source.current()?.revision !== before && clock.monotonicMs() <= lastMs && !signal.aborted);
}
