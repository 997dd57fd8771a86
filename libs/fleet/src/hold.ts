/** What a person may hold: every push of the fleet, of a project, of an application, or to a cluster. */
export const holdScopes = ['fleet', 'project', 'application', 'cluster'] as const;

/** One of `holdScopes`. */
export type HoldScope = (typeof holdScopes)[number];

/**
 * A stop of pushes. Beside those of persons, an application that is paused in a cluster holds its pushes there, and so does a
 * cluster whose agent writes nothing (`freeze`).
 */
export interface Hold {
  readonly scope: HoldScope | 'pause' | 'freeze';
  /** Of what; the cluster of `pause` and `freeze`; empty for the fleet. */
  readonly name: string;
  readonly author: string;
  readonly reason: string;
  readonly sinceMs: number;
  /** Absent: until it is released. */
  readonly untilMs?: number;
}

/** Longest time that a hold with an end may have. */
export const longestHoldMs = 365 * 86_400_000;

/** Whether a hold holds at a time. */
export function isHeldAt({ untilMs }: Hold, nowMs: number): boolean {
  return untilMs === undefined || nowMs < untilMs;
}
