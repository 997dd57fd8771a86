import { errorText } from '@meridian/runtime';
import type { Clock, FaultError } from '@meridian/runtime';

/** What a watch knows of its API server: whether what was told last still says how things are. */
export interface Contact {
  /** The server answered: a list, an event, a bookmark. */
  heard(): void;
  /** The watch broke and waits before it tries again. */
  failed(fault: FaultError): void;
  /** Why what was told cannot be relied on now, as a sentence; undefined while the server is heard. */
  lost(): string | undefined;
}

/** A restart of an API server behind a balancer takes less; it shall not turn a fleet Unknown. */
const faultPatienceMs = 5_000;

/** A server ends each watch within 52 s, and a silent connection is asked again after 57 s. */
const silencePatienceMs = 65_000;

/** After an outage the server first tells what was missed; until then the verdicts are those of before. */
const settleMs = 1_000;

/** Starts as heard just now; `subject` is the kind as people read it. */
export function createContact(clock: Clock, subject: string): Contact {
  const state: State = {
    heardAtMs: clock.monotonicMs(),
    heardOnMs: undefined,
    fault: undefined,
    failingSinceMs: undefined,
    outage: undefined,
  };
  return {
    heard() {
      const nowMs = clock.monotonicMs();
      if (isLost(state, nowMs) && !isSettling(state, nowMs)) {
        const sinceMs = state.failingSinceMs ?? state.heardAtMs;
        state.outage = { sinceMs, endedMs: nowMs, lastHeardOnMs: state.heardOnMs };
      }
      state.failingSinceMs = undefined;
      state.heardAtMs = nowMs;
      state.heardOnMs = clock.nowMs();
    },
    failed(fault) {
      const nowMs = clock.monotonicMs();
      // A server that answers lists and refuses watches has not come back.
      state.failingSinceMs ??= isSettling(state, nowMs) ? state.outage?.sinceMs : nowMs;
      state.fault = fault;
    },
    lost() {
      const nowMs = clock.monotonicMs();
      return isLost(state, nowMs) ? sentence(state, subject, isSettling(state, nowMs)) : undefined;
    },
  };
}

interface State {
  /** Monotonic. */
  heardAtMs: number;
  /** Unix time, for people; undefined before the first answer. */
  heardOnMs: number | undefined;
  fault: FaultError | undefined;
  failingSinceMs: number | undefined;
  /** The last one. */
  outage:
    | { readonly sinceMs: number; readonly endedMs: number; readonly lastHeardOnMs: number | undefined }
    | undefined;
}

function isLost(state: State, nowMs: number): boolean {
  if (state.failingSinceMs !== undefined && nowMs - state.failingSinceMs >= faultPatienceMs) return true;
  return nowMs - state.heardAtMs >= silencePatienceMs || isSettling(state, nowMs);
}

function isSettling({ failingSinceMs, outage }: State, nowMs: number): boolean {
  return failingSinceMs === undefined && outage !== undefined && nowMs - outage.endedMs < settleMs;
}

function sentence({ heardOnMs, fault, outage }: State, subject: string, settling: boolean): string {
  const onMs = settling ? outage?.lastHeardOnMs : heardOnMs;
  const since = onMs === undefined ? 'since this agent started' : `since ${new Date(onMs).toISOString()}`;
  const why = fault === undefined ? '' : `: ${errorText(fault)}`;
  const isAway = fault === undefined || fault.code === 'unavailable' || fault.code === 'timeout';
  return isAway
    ? `the API server has not been seen ${since}${why}`
    : `${subject} cannot be watched ${since}${why}`;
}
