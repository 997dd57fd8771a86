import type { FleetView } from '@meridian/fleet';
import { jitterMs } from '@meridian/retry';
import { FaultError, createWake, errorText } from '@meridian/runtime';
import type { Clock, Part } from '@meridian/runtime';
import { withDeadline } from '../deadline.ts';
import { loopPart } from '../loop-part.ts';

/** What the source needs of the mirror. */
export interface MirrorPort {
  fetch(signal: AbortSignal): Promise<{ readonly revision: string; readonly rewound: boolean }>;
  remoteRevision(signal: AbortSignal): Promise<string | undefined>;
  /** What is here; undefined when there is nothing, or nothing that can be read. */
  revision(signal: AbortSignal): Promise<string | undefined>;
  tidy(signal: AbortSignal): Promise<void>;
}

/** The newest revision that the remote itself has confirmed to this process. */
export interface SourceRevision {
  readonly revision: string;
  /** Monotonic time when the look that confirmed it began: what it says is at least as new as that. */
  readonly askedAtMs: number;
  /** Set when the branch no longer contains the revision before: somebody force-pushed. */
  readonly rewoundFrom?: string;
}

/** The fleet repo as this replica sees it. */
export interface Source {
  readonly part: Part;
  state(): FleetView['source'];
  /** What the remote confirmed last; undefined before the first time. */
  current(): SourceRevision | undefined;
  /** Looks at the remote now rather than at the next poll. */
  look(): void;
  /** Looks at the remote now; ends when it has confirmed what it has, after a few seconds in any case. Throws the signal's reason. */
  catchUp(signal: AbortSignal): Promise<void>;
  /** Calls `confirmed` after every look that the remote answered, until the signal aborts. */
  onConfirmed(confirmed: (source: SourceRevision) => void, signal: AbortSignal): void;
}

/** Options of `openSource`. */
export interface SourceOptions {
  readonly mirror: MirrorPort;
  readonly url: string;
  readonly branch: string;
  readonly pollMs: number;
  readonly clock: Clock;
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
  /** Hints that the branch may have moved, such as webhooks; each is one look. */
  readonly hints: (signal: AbortSignal) => AsyncIterable<void>;
  /** How long to leave a hint alone: replicas that do not lead give the leader's fetch the machine first. */
  readonly hintDelayMs: () => number;
}

/** How many polls may be missed before the source is called stale, and the least time for it. */
const stalePolls = 4;
const staleLeastMs = 20_000;
/** A remote that never answers must not hold the loop for ever. */
const lookTimeoutMs = 60_000;
/** A fetch that goes on is left alone for longer, or a first one over a slow line would begin again for ever; git ends one that stalls. */
const fetchTimeoutMs = 1_800_000;
/** Somebody waits for it. */
const catchUpMs = 5_000;
const tidyEveryMs = 3_600_000;

/** Follows the branch: a cheap look at the remote every `pollMs` with jitter, at once after a hint, a fetch when it moved. */
export function openSource(options: SourceOptions): Source {
  const { mirror, clock, log, pollMs } = options;
  const wake = createWake();
  const listeners = new Set<(source: SourceRevision) => void>();
  let current: SourceRevision | undefined;
  let mirrored: string | undefined;
  let confirmedAtMs: number | undefined;
  let message = 'the fleet repo has not been read yet';

  const confirm = (found: SourceRevision) => {
    const moved = found.revision !== current?.revision;
    current = found;
    mirrored = found.revision;
    confirmedAtMs = clock.nowMs();
    message = '';
    if (moved) log.info({ revision: found.revision }, 'source moved');
    for (const listener of listeners) listener(found);
  };

  const complain = (text: string) => {
    if (text !== message) log.warn({ error: text }, 'the fleet repo cannot be read');
    message = text;
  };

  // After a hint the branch has most likely moved: asking first would only cost a round trip.
  const unmoved = async (hinted: boolean, within: AbortSignal): Promise<string | undefined> => {
    const known = current?.revision;
    const isUnmoved = async () =>
      known === (await mirror.revision(within)) && known === (await mirror.remoteRevision(within));
    return !hinted && known !== undefined && (await isUnmoved()) ? known : undefined;
  };

  const fetch = async (within: AbortSignal): Promise<Omit<SourceRevision, 'askedAtMs'>> => {
    const before = mirrored;
    const slow = setTimeout(() => complain('the fleet repo is still being fetched'), lookTimeoutMs);
    try {
      const { revision, rewound } = await mirror.fetch(within);
      return { revision, ...(rewound && before !== undefined ? { rewoundFrom: before } : {}) };
    } finally {
      clearTimeout(slow);
    }
  };

  /** Ends `work` after a while; undefined when it was late or failed, which is told. */
  const attempt = <T>(signal: AbortSignal, ms: number, work: (within: AbortSignal) => Promise<T>) =>
    withDeadline(signal, ms, async (within, isLate) => {
      try {
        return { value: await work(within) };
      } catch (error) {
        if (signal.aborted) return undefined;
        if (!(error instanceof FaultError) && !isLate()) throw error;
        complain(isLate() ? `the fleet repo did not answer within ${ms / 1000} s` : errorText(error));
        return undefined;
      }
    });

  const look = async (hinted: boolean, signal: AbortSignal) => {
    const askedAtMs = clock.monotonicMs();
    const asked = await attempt(signal, lookTimeoutMs, (within) => unmoved(hinted, within));
    if (asked?.value !== undefined) return confirm({ revision: asked.value, askedAtMs });
    const fetched = asked && (await attempt(signal, fetchTimeoutMs, fetch));
    if (fetched) confirm({ ...fetched.value, askedAtMs });
  };

  const tidy = async (signal: AbortSignal) => {
    try {
      await mirror.tidy(signal);
    } catch (error) {
      if (!(error instanceof FaultError) && !signal.aborted) throw error;
      log.warn({ error: errorText(error) }, 'the mirror could not be tidied');
    }
  };

  const run = async (signal: AbortSignal) => {
    mirrored = await mirror.revision(signal);
    let hinted = true;
    let tidiedAtMs = clock.monotonicMs();
    while (!signal.aborted) {
      await look(hinted, signal);
      if (!hinted && clock.monotonicMs() - tidiedAtMs >= tidyEveryMs) {
        tidiedAtMs = clock.monotonicMs();
        await tidy(signal);
      }
      hinted = (await wake.next(jitterMs(pollMs, 0.2, Math.random()), signal)) === 'rang';
    }
  };

  const listen = async (signal: AbortSignal) => {
    for await (const _hint of options.hints(signal)) {
      await clock.wait(options.hintDelayMs(), signal);
      wake.ring();
    }
  };

  const onConfirmed: Source['onConfirmed'] = (confirmed, signal) => {
    if (signal.aborted) return;
    listeners.add(confirmed);
    signal.addEventListener('abort', () => listeners.delete(confirmed), { once: true });
    if (current) confirmed(current);
  };

  const catchUp = async (signal: AbortSignal) => {
    const sinceMs = clock.monotonicMs();
    const known = new AbortController();
    const until = AbortSignal.any([signal, known.signal]);
    onConfirmed(({ askedAtMs }) => askedAtMs >= sinceMs && known.abort(), until);
    wake.ring();
    await clock.wait(catchUpMs, until).catch(() => undefined);
    known.abort();
    signal.throwIfAborted();
  };

  return {
    part: loopPart('source', async (signal) => void (await Promise.all([run(signal), listen(signal)]))),
    current: () => current,
    look: () => wake.ring(),
    catchUp,
    onConfirmed,
    state() {
      const ageMs = confirmedAtMs === undefined ? null : Math.max(0, clock.nowMs() - confirmedAtMs);
      return {
        url: options.url.replace(/:\/\/[^@/]*@/, '://***@'),
        branch: options.branch,
        revision: mirrored ?? null,
        fetchedAtMs: confirmedAtMs ?? null,
        ageMs,
        stale: ageMs === null || ageMs > Math.max(staleLeastMs, stalePolls * pollMs),
        message,
      };
    },
  };
}
